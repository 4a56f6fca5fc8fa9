// The reader that a verb works on: a real one on a serial port, or the simulated one in a state folder. After whatever a verb did, the
// log's new entries are fetched, verified and stored, and only then released on the reader.
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { type Command, Option } from "commander";
import { verifierOf, verifyCheckpoint } from "../audit/note.ts";
import { LogStore } from "../audit/store.ts";
import { Device, type DeviceInfo } from "../device/device.ts";
import { openSerial } from "../device/serial.ts";
import { EXIT, KanmonError } from "../errors.ts";
import { loadImage } from "../evaluate/image.ts";
import { createBoard } from "../simulator/board.ts";
import { openState } from "../simulator/state.ts";
import { whole } from "./whole.ts";

/** Options of every verb that needs a reader. */
export interface ReaderOptions {
  state: string;
  port?: string;
  baud: number;
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
  return command
    .addOption(new Option("--state <dir>", "the simulated reader's folder, and the log's copy").default(".kanmon"))
    .option("--port <path>", "a real reader's serial port, instead of the simulated reader")
    .addOption(new Option("--baud <n>", "speed of that port").default(3_000_000).argParser(whole(1)));
}

/** Where the copy of the log is. */
export function logFolder(state: string): string {
  return join(state, "log");
}

/** Opens the reader; waits until it answers. `allow`: a state besides "ready" that will do. Throws DeviceError, KAN-STATE-…, KAN-PORT-OPEN, KAN-READER-STATE. */
export async function openReader(options: ReaderOptions, allow?: DeviceInfo["state"]): Promise<Reader> {
  const line = options.port === undefined ? simulated(options.state) : await openSerial(options.port, options.baud);
  try {
    const device = await Device.connect(line.stream);
    const info = device.identity;
    if (info.state !== "ready" && info.state !== allow) throw stateError(info.state);
    return {
      device,
      info,
      collectLog: () => collectLog(device, info, logFolder(options.state)),
      close: async () => {
        device.close();
        line.close();
      },
    };
  } catch (error) {
    line.close();
    throw error;
  }
}

function simulated(folder: string): { stream: Duplex; close(): void } {
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
