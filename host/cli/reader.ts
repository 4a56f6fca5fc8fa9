// The reader that a verb works on: the simulated one in a state folder, an emulated board with its firmware, or a real one on a serial
// port. After whatever a verb did, the log's new entries are fetched, verified and stored, and only then released on the reader.
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { type Command, Option } from "commander";
import { verifierOf, verifyCheckpoint } from "../audit/note.ts";
import { LogStore } from "../audit/store.ts";
import { Device, type DeviceInfo } from "../device/device.ts";
import { openSerial } from "../device/serial.ts";
import { startReader } from "../emulator/reader.ts";
import { EXIT, KanmonError } from "../errors.ts";
import { loadImage } from "../evaluate/image.ts";
import { type Engine, loadBoard } from "../firmware/board.ts";
import { createBoard } from "../simulator/board.ts";
import { openState } from "../simulator/state.ts";
import { buildWithProgress } from "./build.ts";
import { withEngine } from "./engine.ts";
import type { Output, Progress } from "./output.ts";
import { whole } from "./whole.ts";

/** Speed of a reader's port; USB readers ignore it. */
const BAUD = 3_000_000;
/** Folder of the simulated reader. */
const STATE = ".kanmon";

/** Options of every verb that needs a reader. */
export interface ReaderOptions {
  /** Where its flash and the log's copy are kept; `stateFolder` says where if left out. */
  state?: string;
  port?: string;
  baud?: number;
  /** An emulated board. */
  board?: string;
  engine?: Engine;
}

/** An open reader. */
export interface Reader {
  readonly device: Device;
  readonly info: DeviceInfo;
  /** Takes the log's new entries in and releases them on the reader; returns the copy. Throws KAN-LOG-…, DeviceError. */
  collectLog(): Promise<LogStore>;
  close(): Promise<void>;
}

/** Adds the options that say which reader. */
export function withReader(command: Command): Command {
  return withEngine(
    command
      .option("--state <dir>", "folder of the reader's flash and the log's copy (default: .kanmon, or .kanmon/BOARD)")
      .option("--port <path>", "a real reader's serial port, instead of the simulated reader")
      .addOption(new Option("--baud <n>", "speed of that port").default(BAUD).argParser(whole(1)))
      .addOption(
        new Option("--board <name>", "an emulated board: its firmware is built and started").conflicts("port"),
      ),
  );
}

/** Where the state of a reader is, if nothing else is said. */
export function stateFolder({ state, board }: Pick<ReaderOptions, "state" | "board">): string {
  return state ?? (board === undefined ? STATE : join(STATE, board));
}

/** Where the copy of the log is. */
export function logFolder(state: string): string {
  return join(state, "log");
}

/**
 * Opens the reader; waits until it answers. `allow`: a state besides "ready" that will do; `output`: where building is shown.
 * Throws DeviceError, KAN-STATE-…, KAN-PORT-OPEN, KAN-READER-STATE; for a board KAN-BOARD-…, KAN-BUILD-…, KAN-EMULATOR-…, KAN-FLASH-….
 */
export async function openReader(
  options: ReaderOptions,
  output?: Output,
  allow?: DeviceInfo["state"],
): Promise<Reader> {
  const folder = stateFolder(options);
  const { port, board, engine, baud = BAUD } = options;
  const line =
    board !== undefined
      ? await emulated(board, engine, folder, output)
      : port !== undefined
        ? await openSerial(port, baud)
        : simulated(folder);
  try {
    const device = await Device.connect(line.stream);
    const info = device.identity;
    if (info.state !== "ready" && info.state !== allow) throw stateError(info.state);
    return {
      device,
      info,
      collectLog: () => collectLog(device, info, logFolder(folder)),
      close: async () => {
        device.close();
        await line.close();
      },
    };
  } catch (error) {
    await line.close();
    throw error;
  }
}

/** A line to a reader. */
interface Line {
  readonly stream: Duplex;
  close(): void | Promise<void>;
}

/** A board's firmware in its emulator. */
async function emulated(name: string, engine: Engine | undefined, folder: string, output?: Output): Promise<Line> {
  const board = loadBoard(name);
  const firmware = await buildWithProgress({ board, engine }, output);
  let progress: Progress | undefined;
  try {
    return await startReader(board, firmware, folder, (stage, done, total) => {
      if (stage === "uploading") progress ??= output?.progress(`Flashing ${name}`, total);
      progress?.update(done, stage);
    });
  } finally {
    progress?.stop();
  }
}

function simulated(folder: string): Line {
  const state = openState(folder);
  const board = createBoard({ image: loadImage().bytes, flash: state.flash, keys: state.keys });
  return {
    stream: board.link,
    close: () => {
      board.close();
      state.close();
    },
  };
}

async function collectLog(device: Device, info: DeviceInfo, folder: string): Promise<LogStore> {
  const verifier = verifierOf(`kanmon.example/device/${info.device.toString("hex")}`, info.key);
  const store = LogStore.of(folder, verifier);
  const note = await device.checkpoint();
  const { size } = verifyCheckpoint(note, verifier);
  // What came after the checkpoint is left for the next one.
  const entries: Uint8Array[] = [];
  if (store.size < size)
    for await (const { entry } of device.log(store.size)) if (entries.push(entry) === size - store.size) break;
  store.append(note, entries);
  await device.releaseLog(size);
  return store;
}

function stateError(state: string): KanmonError {
  const why: Record<string, [what: string, help: string]> = {
    no_journal: [
      "its flash journal could not be mounted",
      "The flash is damaged or was written by another version. Keep its image for analysis; a new journal loses all references.",
    ],
    rolled_back: [
      "its journal is older than its counter: it was put back, or records were lost",
      "Somebody may have tampered with the reader. Keep it and its log for the auditor; a simulated reader starts anew in another --state folder.",
    ],
    no_policy: [
      "the policy that was set does not verify any more",
      "Set a policy that the reader's authority signed: `kanmon policy set FILE`.",
    ],
    no_board: [
      "its board gives no keys or random numbers",
      "The board's port is incomplete or its key storage has failed.",
    ],
  };
  const [what, help] = why[state] ?? [`it says ${state}`, "Update this program: the reader is newer."];
  return new KanmonError("KAN-READER-STATE", `the reader opens no sessions: ${what}`, help, EXIT.device);
}
