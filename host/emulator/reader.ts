// A reader on an emulated board: its firmware built, the board started, and the image brought onto it over its line, as on a real one.

import { readFileSync } from "node:fs";
import type { Duplex } from "node:stream";
import { openSerial } from "../device/serial.ts";
import { EXIT, isReported, KanmonError } from "../errors.ts";
import type { Board } from "../firmware/board.ts";
import type { Firmware } from "../firmware/build.ts";
import { type Flashed, flashPort, type Stage } from "../flash/flash.ts";
import { FlashPort } from "../flash/port.ts";
import { parseImage } from "../image/format.ts";
import { type EmulatedBoard, startBoard } from "./board.ts";

/** An emulated board that runs its image. */
export interface EmulatedReader {
  readonly board: EmulatedBoard;
  /** The line to it. */
  readonly stream: Duplex;
  /** What had to be done for the image to run. */
  readonly flashed: Flashed;
  close(): Promise<void>;
}

/**
 * Starts `board` with its flash in `folder` and sees that the firmware's image runs on it, confirmed. `onStage`: see `flashPort`.
 * Throws KAN-EMULATOR-…, KAN-STATE-LOCKED, KAN-FLASH-…, DeviceError.
 */
export async function startReader(
  board: Board,
  { elf, image }: Firmware,
  folder: string,
  onStage?: (stage: Stage, done: number, total: number) => void,
): Promise<EmulatedReader> {
  if (image === undefined)
    throw new KanmonError(
      "KAN-EMULATOR-IMAGE",
      `the firmware of ${board.name} came without a signed image`,
      "Build it with the key that signs images: --key.",
      EXIT.input,
    );
  const emulated = await startBoard({ board, elf, folder });
  let died: KanmonError | undefined;
  emulated.once("died", (error) => {
    died = error;
  });
  const { baud } = board.uart;
  try {
    const port = new FlashPort({ path: emulated.path, serial: undefined }, baud);
    const bytes = readFileSync(image);
    let flashed: Flashed;
    try {
      await port.connect(START_MS);
      flashed = await flashPort(port, { bytes, image: parseImage(bytes, image) }, onStage ? { onStage } : {});
    } finally {
      await port.close();
    }
    const line = await openSerial(emulated.path, baud);
    emulated.once("died", (error) => line.stream.destroy(error));
    return {
      board: emulated,
      stream: line.stream,
      flashed,
      close: async () => {
        await line.close();
        await emulated.close();
      },
    };
  } catch (error) {
    await emulated.close();
    throw died ?? withTraces(error, emulated.lines); // why the line closed says more than that it did
  }
}

/** An error with what the board had to say: codes and counts, never data of a person. */
function withTraces(error: unknown, lines: readonly string[]): unknown {
  if (!isReported(error) || lines.length === 0) return error;
  const { code, message, help, exit } = error;
  return new KanmonError(code as `KAN-${string}`, `${message}; the board printed:\n${lines.join("\n")}`, help, exit);
}

/** An interpreter compiles the image first, and emulators look for a user of their line once a second. */
const START_MS = 30_000;
