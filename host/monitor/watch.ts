// Watches a device by asking it: who it is, its images, what changes, and the log's entries as they come. It only reads.
import { setTimeout as pause } from "node:timers/promises";
import { decodeRecord, readableRecord } from "../audit/record.ts";
import { Device, type DeviceInfo } from "../device/device.ts";
import type { DeviceImage } from "../device/update.ts";
import { isReported } from "../errors.ts";
import type { FlashPort } from "../flash/port.ts";
import { viewField } from "./message.ts";

/** Something to tell: `what` it is and its facts. */
export type Tell = (what: string, facts: { readonly [name: string]: unknown }) => void;

export interface WatchOptions {
  /** First log entry that is told; left out: those that come from now on. */
  readonly from?: number;
  /** Between two looks, milliseconds. */
  readonly interval: number;
  readonly once?: boolean;
  readonly signal: AbortSignal;
}

/**
 * Watches until aborted. A device that goes away is waited for: it is told again when it is back. Throws DeviceError or KAN-PORT-OPEN
 * if it cannot be found at first.
 */
export async function watch(port: FlashPort, tell: Tell, options: WatchOptions): Promise<void> {
  const { signal, once, interval } = options;
  const progress = { from: options.from };
  for (let found = false; !signal.aborted; ) {
    try {
      await follow(port, tell, options, progress, () => {
        found = true;
      });
      if (once) return;
    } catch (error) {
      if (signal.aborted) return;
      if (!found || !isReported(error)) throw error;
      tell("gone", { code: error.code, message: error.message });
      await pause(interval, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function follow(
  port: FlashPort,
  tell: Tell,
  { interval, once, signal }: WatchOptions,
  progress: { from: number | undefined },
  onFound: () => void,
): Promise<void> {
  const updater = await port.connect();
  tell("device", { id: updater.device });
  const reader = updater.identity.state === "recovery" ? undefined : updater;
  if (reader) updater.close();
  const device = reader ? await Device.connect(port.stream, { where: port.path }) : updater;
  onFound();
  try {
    let facts: Facts = {};
    let slots: readonly DeviceImage[] | undefined;
    while (!signal.aborted) {
      const info = await device.info();
      const now = readable(info);
      tellChanges(facts, now, tell);
      facts = now;
      const images = await device.images();
      if (JSON.stringify(images) !== JSON.stringify(slots)) for (const image of images) tell("image", readable(image));
      slots = images;
      if (device instanceof Device) {
        const { size, released } = (info as DeviceInfo).log;
        progress.from = await tellRecords(device, Math.max(progress.from ?? size, released), size, tell);
      }
      if (once) return;
      await pause(interval, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    tell("line", { ...device.counts });
    device.close();
  }
}

type Facts = { readonly [name: string]: unknown };

/** All fields that may be shown, flat: `log.size`. */
function readable(value: object, prefix = ""): Facts {
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) =>
      typeof item === "object" && item !== null && !(item instanceof Uint8Array)
        ? Object.entries(readable(item, `${prefix}${name}.`))
        : [[`${prefix}${name}`, name === "slot" && typeof item === "number" ? slotName(item) : viewField(name, item)]],
    ),
  );
}

/** Slots as the board names them. */
function slotName(slot: number): string {
  return String.fromCharCode("A".charCodeAt(0) + slot);
}

function tellChanges(before: Facts, now: Facts, tell: Tell): void {
  const changed = Object.entries(now).filter(([name, value]) => before[name] !== value);
  if (changed.length > 0) tell("info", Object.fromEntries(changed));
}

/** Tells entries `from` up to `size`; returns which comes next. */
async function tellRecords(device: Device, from: number, size: number, tell: Tell): Promise<number> {
  if (from >= size) return from;
  for await (const { index, entry } of device.log(from)) {
    tell("record", readableRecord(decodeRecord(entry, index)));
    if (index + 1 >= size) break;
  }
  return size;
}
