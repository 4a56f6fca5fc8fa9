// Starts a board's lab firmware in its emulator: built, with a flash of its own that is gone afterwards, and counting instructions where
// the emulator can.
import { setTimeout } from "node:timers/promises";
import { openSerial } from "../device/serial.ts";
import { startBoard } from "../emulator/board.ts";
import type { Image } from "../evaluate/image.ts";
import type { Board, Engine } from "../firmware/board.ts";
import { buildFirmware, type Firmware } from "../firmware/build.ts";
import { temporaryFolder } from "../leaving.ts";
import { LabLine } from "./line.ts";

/** What comes before the firmware has set up its UART is lost on some boards. */
const START_MS = 500;

/** A board's lab. */
export interface LabBoard {
  readonly lab: LabLine;
  readonly firmware: Firmware;
  /** What `cost` counts. */
  readonly unit: "instructions" | "nanoseconds";
  close(): Promise<void>;
}

/** Builds and starts, counting instructions if `count` and the emulator can; throws what building, starting and the lab throw. */
export async function startLab(board: Board, engine: Engine, image: Image, { count = true } = {}): Promise<LabBoard> {
  const firmware = await buildFirmware({ board, engine, lab: true });
  const { path: folder, remove } = temporaryFolder("kanmon-lab-");
  const counting = count && board.emulator?.command.startsWith("qemu-") === true;
  const emulated = await startBoard({
    board: counting ? countingBoard(board) : board,
    elf: firmware.elf,
    folder,
  }).catch((error) => {
    remove();
    throw error;
  });
  const close = async (): Promise<void> => {
    await emulated.close();
    remove();
  };
  try {
    await setTimeout(START_MS);
    const line = await openSerial(emulated.path, board.uart.baud);
    const lab = await LabLine.open(line.stream, board, engine, image.bytes, Buffer.from(image.digest, "hex"));
    return {
      lab,
      firmware,
      unit: counting ? "instructions" : "nanoseconds",
      close: async () => {
        await lab.close();
        await line.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** QEMU's `-icount shift=0`: an instruction takes a nanosecond of the emulated clock, so its timers count instructions. */
function countingBoard(board: Board): Board {
  const { emulator } = board;
  return emulator ? { ...board, emulator: { ...emulator, args: [...emulator.args, "-icount", "shift=0"] } } : board;
}
