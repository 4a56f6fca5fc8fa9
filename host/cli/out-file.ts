// A file that a verb was asked to write with --out: there whole or not at all.
import { KanmonError } from "../errors.ts";
import { writeWhole } from "../whole-file.ts";

/** Writes a file that only its owner may read. Throws KAN-OUTPUT-FILE. */
export function writeOut(path: string, content: string | Uint8Array): void {
  try {
    writeWhole(path, content, 0o600);
  } catch (error) {
    throw new KanmonError(
      "KAN-OUTPUT-FILE",
      `${path} cannot be written (${(error as NodeJS.ErrnoException).code})`,
      "Give a file in a folder that is there, and that this user may write to.",
    );
  }
}
