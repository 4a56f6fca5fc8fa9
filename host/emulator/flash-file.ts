// The file behind an emulated board's flash: blank when it is made, kept from then on.
import { closeSync, existsSync, ftruncateSync, openSync, renameSync, statSync, writeSync } from "node:fs";
import { EXIT, KanmonError } from "../errors.ts";
import type { BoardFacts } from "../firmware/board.ts";

const ERASED = 0xff;

/** Makes the file if there is none: all erased. It will hold the device's keys, so only its owner may read it. Throws KAN-EMULATOR-FLASH. */
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
  const file = openSync(aside, "w", 0o600);
  try {
    ftruncateSync(file, bytes);
    writeSync(file, Buffer.alloc(flash.bytes, ERASED), 0, flash.bytes, offset);
  } finally {
    closeSync(file);
  }
  renameSync(aside, path);
}
