// A simulated device's state folder: flash.bin, keys.json (only the owner can read it), counter, and device.json, which
// is written last: a folder without it is not a device yet.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { EXIT, KanmonError } from "../errors.ts";
import { prepareState, stateError } from "../folder.ts";
import { writeWhole } from "../whole-file.ts";
import { FileFlash } from "./file-flash.ts";
import { DEFAULT_GEOMETRY, type Flash, type FlashGeometry } from "./flash.ts";
import { createKeys, type DeviceKeys, openKeys } from "./keys.ts";
import { takeLock } from "./lock.ts";

const DeviceFile = z.strictObject({
  format: z.literal(1),
  flash: z.strictObject({ bytes: z.int(), sector: z.int(), unit: z.int() }),
});

/** An open device: what `createBoard` needs. */
export interface DeviceState {
  readonly flash: Flash;
  readonly keys: DeviceKeys;
  /** Gives the folder back. */
  close(): void;
}

export interface StateOptions {
  /** Of a new device; an old one keeps its own. */
  readonly geometry?: FlashGeometry;
  /** See `FileFlash.open`. */
  readonly sync?: boolean;
}

/** Opens the device in `folder`, or makes a new one there. Throws `KAN-STATE-…`: in use, damaged, not writable. */
export function openState(folder: string, options: StateOptions = {}): DeviceState {
  const at = (name: string): string => join(folder, name);
  let release: () => void;
  try {
    prepareState(folder);
    release = takeLock(at("lock"));
  } catch (error) {
    if (error instanceof KanmonError) throw error;
    throw stateError(folder, error);
  }
  try {
    let geometry = readDevice(at("device.json"));
    if (!geometry) {
      geometry = options.geometry ?? DEFAULT_GEOMETRY;
      if (!existsSync(at("keys.json"))) createKeys(at("keys.json"), at("counter"));
      if (!existsSync(at("flash.bin"))) FileFlash.create(at("flash.bin"), geometry);
      writeWhole(at("device.json"), `${JSON.stringify({ format: 1, flash: geometry })}\n`, 0o600);
    }
    const keys = openKeys(at("keys.json"), at("counter"));
    const flash = FileFlash.open(at("flash.bin"), geometry, options.sync);
    const close = (): void => {
      flash.close();
      release();
    };
    return { flash, keys, close };
  } catch (error) {
    release();
    if ((error as NodeJS.ErrnoException).code === "ENOSPC")
      throw new KanmonError(
        "KAN-STATE-FULL",
        `the disk is full: the simulated reader in ${folder} could not be made`,
        "Free some space and run it again; a simulated reader takes about 1 MB.",
        EXIT.input,
      );
    throw error;
  }
}

/** The geometry of the device, undefined where there is none yet. */
function readDevice(path: string): FlashGeometry | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return DeviceFile.parse(JSON.parse(text)).flash;
  } catch (error) {
    throw new KanmonError(
      "KAN-STATE-DEVICE",
      `the simulated device's file ${path} is damaged, or of a later version`,
      "Put the file back from a copy, or remove its folder: the simulator then starts as a new, empty device.",
      EXIT.device,
      { cause: error },
    );
  }
}
