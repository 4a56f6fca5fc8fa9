// A file that a verb was asked to write with --out: there whole or not at all.
import { statSync } from "node:fs";
import { EXIT, KanmonError } from "../errors.ts";
import { writeWhole } from "../whole-file.ts";

/** Files that are handed out: whoever the user's umask lets may read them. */
export const HANDED_OUT = 0o666;

/** Writes a file that only its owner may read, or one of another mode. Throws KAN-OUTPUT-FILE. */
export function writeOut(path: string, content: string | Uint8Array, mode = 0o600): void {
  try {
    writeWhole(path, content, mode);
  } catch (error) {
    throw new KanmonError(
      "KAN-OUTPUT-FILE",
      `${path} cannot be written (${(error as NodeJS.ErrnoException).code})`,
      "Give a file in a folder that is there, and that this user may write to.",
    );
  }
}

/** Refuses to write over a file that is read, by whatever name. Throws KAN-USAGE. */
export function refuseOverwrite(out: string, ...inputs: readonly string[]): void {
  const to = placeOf(out);
  const same = inputs.find((path) => to !== undefined && placeOf(path) === to);
  if (same === undefined) return;
  throw new KanmonError(
    "KAN-USAGE",
    `${out} is the same file as ${same}, which it would overwrite`,
    "Give another name for what is written.",
    EXIT.usage,
  );
}

function placeOf(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined; // not there, or not for us: reading or writing it says why
  }
}
