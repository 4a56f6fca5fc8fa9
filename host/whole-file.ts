// Small files that are there whole or not at all, also after a crash: written aside, synchronised, renamed.
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Writes a file whole. `mode` applies to a new and to an old one. */
export function writeWhole(path: string, content: string | Uint8Array, mode: number): void {
  const aside = `${path}.${process.pid}.part`;
  try {
    const file = openSync(aside, "w", mode);
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
  // The name itself is durable once the folder is; some systems cannot synchronise folders, and need not.
  try {
    const folder = openSync(dirname(path), "r");
    fsyncSync(folder);
    closeSync(folder);
  } catch {}
}
