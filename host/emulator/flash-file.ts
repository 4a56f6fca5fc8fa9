// The file behind an emulated board's flash: blank when it is made, kept from then on.
import { existsSync, statSync } from "node:fs";
import { EXIT, KanmonError } from "../errors.ts";
import type { BoardFacts } from "../firmware/board.ts";
import { writeWhole } from "../whole-file.ts";

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
  const content = Buffer.alloc(bytes);
  content.fill(ERASED, offset, offset + flash.bytes);
  writeWhole(path, content, 0o600);
}
