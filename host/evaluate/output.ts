// Files of results: written under a temporary name and renamed when whole, so that nobody ever meets half a report.
import { createWriteStream, readdirSync, rmSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { outputError } from "../folder.ts";

/** Writes one whole file. */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const temporary = temporaryName(file);
  try {
    await writeFile(temporary, content);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw outputError(file, error);
  }
}

/** Several files that appear together, or not at all: after an error or Ctrl-C their temporary files are removed. */
export class Results {
  readonly #folder: string;
  readonly #names: string[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Writes `name`, from text, bytes, or pieces of text as they come. */
  async write(name: string, content: string | Uint8Array | Iterable<string>): Promise<void> {
    const file = join(this.#folder, name);
    this.#names.push(name);
    try {
      const pieces = typeof content === "string" || content instanceof Uint8Array ? [content] : content;
      await pipeline(Readable.from(pieces), createWriteStream(temporaryName(file)));
    } catch (error) {
      throw outputError(file, error);
    }
  }

  /** Lets all the files appear. */
  async commit(): Promise<void> {
    for (let name = this.#names.shift(); name !== undefined; name = this.#names.shift()) {
      const file = join(this.#folder, name);
      try {
        await rename(temporaryName(file), file);
      } catch (error) {
        this.#names.push(name);
        throw outputError(file, error);
      }
    }
  }

  /** Removes what was not committed. */
  discard(): void {
    this.#names.length = 0;
    removeParts(this.#folder);
  }
}

/** Removes what this process has begun to write in `folder` and not finished. */
export function removeParts(folder: string): void {
  const ours = readdirSync(folder).filter((name) => name.endsWith(PART));
  for (const name of ours) rmSync(join(folder, name), { force: true });
}

const PART = `.${process.pid}.part`;
const temporaryName = (file: string): string => file + PART;
