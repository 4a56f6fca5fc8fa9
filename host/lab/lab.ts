// An image under the lab: driven call by call, on a stopped clock and with random bytes that can be foretold, so that every engine can be
// asked for exactly the same. Where it runs, V8 (v8.ts) or a board's lab firmware (line.ts, boards/port/lab.c), makes no difference.
import { createHash } from "node:crypto";
import { KanmonError } from "../errors.ts";
import { isStack } from "../form.ts";

/** The exports that can be called, by their place in boards/port/engine.h. */
export const EXPORT = {
  start: 0,
  receive_buffer: 1,
  receive: 2,
  poll: 3,
  lab_frame: 4,
  lab_extract: 5,
  lab_template: 6,
  lab_template_bytes: 7,
  lab_quality: 8,
  lab_compare: 9,
  lab_sha256: 10,
  lab_step: 11,
  lab_feed: 12,
  lab_calibrate: 13,
  lab_entropy: 14,
  lab_evidence: 15,
} as const;
export type ExportName = keyof typeof EXPORT;

/** What a call gave, and what it took: instructions on an emulated board with a counter, nanoseconds elsewhere. */
export interface Counted {
  readonly result: number;
  readonly cost: number;
}

/** Memory of a firmware, bytes; zero where it is not known. */
export interface LabMemory {
  readonly linear: number;
  readonly stack: number;
  readonly stackPeak: number;
  readonly poolPeak: number;
}

export interface Lab {
  readonly engine: "v8" | "wasm3" | "aot";
  /** Starts the image on what the journal holds, at `micros` of its clock; its first random request is number `random`. */
  begin(micros: bigint, random: number): Promise<Counted>;
  setMicros(micros: bigint): Promise<void>;
  /** Gives bytes of the line (4,096 at most) to the image and lets it work until it has nothing more to do; what it sent. */
  feed(bytes: Uint8Array): Promise<{ sent: Uint8Array; cost: number }>;
  call(name: ExportName, ...args: number[]): Promise<Counted>;
  put(address: number, bytes: Uint8Array): Promise<void>;
  get(address: number, length: number): Promise<Uint8Array>;
  /** The journal's flash. */
  readJournal(): Promise<Uint8Array>;
  writeJournal(content: Uint8Array): Promise<void>;
  memory(): Promise<LabMemory>;
  close(): Promise<void>;
}

/** The bytes of a random request: lab-world.h says how they are made. */
export function labRandom(request: number, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, block) => {
    const numbers = Buffer.alloc(8);
    numbers.writeUInt32LE(request, 0);
    numbers.writeUInt32LE(block, 4);
    return createHash("sha256").update("kanmon lab random").update(numbers).digest();
  });
  return Buffer.concat(blocks).subarray(0, length);
}

/** Bytes of a part of a stack (PART_BYTES of assembly/lab.ts). */
export const PART_BYTES = 4096;

/**
 * Extracts from a frame, as a session would be sent it: the reason (0: none), template and quality; undefined where frames of this size
 * are not taken. `geometry`: of a face's sensor, 64 bytes (host/calibration/document.ts); a stack of coded pictures is taken in as it comes,
 * which is in the cost.
 */
export async function labExtract(
  lab: Lab,
  modality: number,
  frame: Uint8Array,
  width: number,
  height: number,
  form = 0,
  geometry?: Uint8Array,
): Promise<{ reason: number; template: Uint8Array; quality: Uint8Array; cost: number } | undefined> {
  const { result: at } = await lab.call("lab_frame", modality, width, height, form);
  if (at === 0) return undefined;
  if (geometry) await lab.put((await lab.call("lab_calibrate")).result, geometry);
  let taken = 0;
  if (isStack(form)) {
    let more = 1;
    for (let from = 0; from < frame.length && more === 1; from += PART_BYTES) {
      const part = frame.subarray(from, from + PART_BYTES);
      await lab.put(at, part);
      const fed = await lab.call("lab_feed", part.length);
      more = fed.result | 0;
      taken += fed.cost;
    }
    if (more !== 0)
      throw new KanmonError("KAN-LAB", "a stack is not whole, or not coded as it should be", "Draw it anew.");
  } else await lab.put(at, frame);
  const { result: reason, cost: extracting } = await lab.call("lab_extract");
  const cost = taken + extracting;
  const { result: bytes } = await lab.call("lab_template_bytes", modality, form);
  const template = await lab.get((await lab.call("lab_template", 0)).result, bytes);
  const quality = await lab.get((await lab.call("lab_quality")).result, 16);
  return { reason: reason | 0, template, quality, cost };
}

/** Comparison score of two templates. */
export async function labCompare(
  lab: Lab,
  modality: number,
  probe: Uint8Array,
  reference: Uint8Array,
): Promise<Counted> {
  const [a, b] = [(await lab.call("lab_template", 1)).result, (await lab.call("lab_template", 2)).result];
  await lab.put(a, probe);
  await lab.put(b, reference);
  return lab.call("lab_compare", modality, a, b);
}
