// Folders that a person named: made where they are missing, and known to be writable before work begins.
import { accessSync, constants, existsSync, mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { EXIT, KanmonError } from "./errors.ts";

/** Makes a folder and those above it; throws system errors. One by one: Node's own recursive mkdir never ends where the system makes none (/proc). */
export function makeFolder(folder: string, mode = 0o777): void {
  const missing: string[] = [];
  for (let path = resolve(folder); !existsSync(path); path = dirname(path)) missing.push(path);
  for (const path of missing.reverse())
    try {
      mkdirSync(path, mode);
    } catch (error) {
      // Another process may have made it at the same time.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  // With a slash: a file is refused too.
  accessSync(`${folder}/`, constants.W_OK | constants.X_OK);
}

/** Makes the folder of `--out` where it is missing, and makes sure that files can be written there. Throws KAN-OUTPUT-FOLDER, -FULL. */
export function prepareFolder(folder: string): void {
  try {
    makeFolder(folder);
  } catch (error) {
    throw outputError(folder, error);
  }
}

/** Makes the folder of `--state` where it is missing, for its owner alone if no other mode is given. Throws KAN-STATE-FOLDER. */
export function prepareState(folder: string, mode = 0o700): void {
  try {
    makeFolder(folder, mode);
  } catch (error) {
    throw stateError(folder, error);
  }
}

/** What is told where a state folder cannot be used. */
export function stateError(folder: string, error: unknown): KanmonError {
  return new KanmonError(
    "KAN-STATE-FOLDER",
    `the state folder ${folder} cannot be used (${(error as NodeJS.ErrnoException).code})`,
    "Give a folder that this user may write to.",
    EXIT.input,
  );
}

/** What is told where results cannot be written. */
export function outputError(path: string, error: unknown): KanmonError {
  const { code = "unknown error" } = error as NodeJS.ErrnoException;
  const full = code === "ENOSPC" || code === "EDQUOT";
  return new KanmonError(
    full ? "KAN-OUTPUT-FULL" : "KAN-OUTPUT-FOLDER",
    `${path}: ${full ? "the disk is full" : `cannot be written (${code})`}`,
    full
      ? `Free space on the disk of ${dirname(path)}, or give another folder.`
      : "Give a folder that this user may write to.",
    EXIT.input,
  );
}
