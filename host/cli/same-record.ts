// Whether another engine recorded what V8 records: the sessions of a round, with the very frames that the board was given, once more on the
// in-process board. Frames here come from the simulated sensor, of nobody; they are kept no longer than the round.
import type { SensorFrame } from "../../hal/driver.ts";
import { decodeRecord, type PecRecord } from "../audit/record.ts";
import { Device } from "../device/device.ts";
import { createBoard } from "../simulator/board.ts";
import { MemoryFlash } from "../simulator/flash.ts";
import { temporaryKeys } from "../simulator/keys.ts";
import { runSession, type SessionRequest } from "../terminal/session.ts";

/** A session as it was: the request with its nonce and time, and the frames the reader took. */
export interface KeptSession {
  readonly request: SessionRequest;
  readonly frames: Uint8Array[];
}

/** Fields that differ between any two readers, whatever the engine: the place in the log, the pseudonym under the reader's own key, its clock. */
export const READERS_OWN = ["index", "subject", "uptime_us", "duration_us"] as const;

/** Frames on their way to the reader, copied into `kept` before they are wiped. */
export async function* keep(frames: AsyncIterable<SensorFrame>, kept: Uint8Array[]): AsyncGenerator<SensorFrame> {
  for await (const frame of frames) {
    kept.push(Uint8Array.from(frame.data));
    yield frame;
  }
}

/** The records that V8 makes of the same sessions, on a reader with these calibrations. */
export async function recordsOfV8(
  image: Uint8Array,
  sessions: readonly KeptSession[],
  calibrations: readonly Uint8Array[],
): Promise<PecRecord[]> {
  const board = createBoard({ image, flash: new MemoryFlash(), keys: temporaryKeys() });
  try {
    const device = await Device.connect(board.link);
    for (const document of calibrations) await device.setCalibration(document);
    const { size } = (await device.info()).log;
    for (const { request, frames } of sessions) await runSession(device, request, again(request, frames));
    const records: PecRecord[] = [];
    for await (const { index, entry } of device.log()) records.push(decodeRecord(entry, index));
    records.splice(0, size);
    device.close();
    return records;
  } finally {
    board.close();
  }
}

/** Names of the fields, except READERS_OWN, in which two records differ. */
export function differences(a: PecRecord, b: PecRecord): string[] {
  const fields = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof PecRecord>;
  for (const field of READERS_OWN) fields.delete(field);
  return [...fields].filter((field) => plain(a[field]) !== plain(b[field]));
}

function plain(value: unknown): string {
  return JSON.stringify(value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value) ?? "";
}

async function* again({ width, height }: SessionRequest, frames: readonly Uint8Array[]): AsyncGenerator<SensorFrame> {
  for (const [sequence, data] of frames.entries())
    yield {
      data,
      width,
      height,
      bits: 8,
      sequence,
      timestamp_us: 0,
      exposure_us: 0,
      illumination: {},
      release: () => undefined,
    };
}
