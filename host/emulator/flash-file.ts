// The file behind an emulated board's flash: blank when it is made, kept from then on.
import { closeSync, existsSync, ftruncateSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { EXIT, KanmonError } from "../errors.ts";
import type { BoardFacts } from "../firmware/board.ts";
import { stateError } from "../folder.ts";

const ERASED = 0xff;

/** Makes the file if there is none: all erased. It will hold the device's keys, so only its owner may read it. Throws KAN-EMULATOR-FLASH, KAN-STATE-FOLDER. */
export function prepareFlash(path: string, { flash, emulator }: BoardFacts): void {
  const { bytes, offset } = emulator?.flash_file ?? { bytes: flash.bytes, offset: 0 };
  if (existsSync(path)) {
    const found = statSync(path).size;
    if (found === bytes) return;
    throw new KanmonError(
      "KAN-EMULATOR-FLASH",
      `${path} has ${found} bytes, this board's flash has ${bytes}`,
      "It was made for another board: give another --state folder.",
      EXIT.input,
    );
  }
  // Aside first: half a file would be taken for a board's. Around the flash the file is a hole, however large a memory the emulator wants.
  const aside = `${path}.${process.pid}.part`;
  try {
    const file = openSync(aside, "w", 0o600);
    try {
      ftruncateSync(file, bytes);
      writeAll(file, Buffer.alloc(flash.bytes, ERASED), offset);
    } finally {
      closeSync(file);
    }
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw stateError(dirname(path), error);
  }
}

/** Writes all: where the disk becomes full a write takes what fits, and only the next one says so. */
function writeAll(file: number, content: Uint8Array, position: number): void {
  for (let done = 0; done < content.length; )
    done += writeSync(file, content, done, content.length - done, position + done);
}
