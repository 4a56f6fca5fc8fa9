// Leaving at once, by Ctrl-C or otherwise, without leaving anything behind.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SIGNALS = [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const;

/** Has `tidy` run when this process ends, also by a signal; returns what takes that back. */
export function onLeaving(tidy: () => void): () => void {
  const handlers = SIGNALS.map(([signal, code]) => [signal, () => process.exit(code)] as const);
  for (const [signal, leave] of handlers) process.once(signal, leave);
  process.once("exit", tidy);
  return () => {
    for (const [signal, leave] of handlers) process.off(signal, leave);
    process.off("exit", tidy);
  };
}

/** A new folder for temporary files, which `remove` or the end of this process takes away. */
export function temporaryFolder(prefix: string): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), prefix));
  const tidy = (): void => rmSync(path, { recursive: true, force: true });
  const stay = onLeaving(tidy);
  return {
    path,
    remove() {
      stay();
      tidy();
    },
  };
}
