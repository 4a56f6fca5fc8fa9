// Whole sessions in the lab: every byte that the image gets is the same each time, so every byte of its records must be.
import { frameMessage, LinkDecoder, OP, smpBody, smpHeader, smpMessage } from "../../link/link.ts";
import { geometryOf, signCalibration } from "../calibration/document.ts";
import { KanmonError } from "../errors.ts";
import { openForm, type Presentation } from "../form.ts";
import { DEVELOPMENT_KEY } from "../policy/development.ts";
import type { Lab } from "./lab.ts";

const GROUP_KANMON = 64;
const COMMAND = { open: 2, frame: 3, finish: 4, log: 8, calibration: 12 } as const;
/** The only unit in the lab, and when its calibration was issued. */
const UNIT = "lab";
const ISSUED = 1_790_000_000;
const CHUNK_BYTES = 2048;
const INPUT_BYTES = 4096;

export interface LabSession {
  /** Iris if left out. */
  readonly modality?: "iris" | "palm" | "face";
  readonly presentation?: Presentation;
  readonly purpose: "enroll" | "verify" | "identify";
  readonly user?: string;
  readonly width: number;
  readonly height: number;
  readonly frames: readonly Uint8Array[];
  /** Distinguishes sessions: 0, 1, … */
  readonly number: number;
}

export interface LabSessionResult {
  /** What finish answered. */
  readonly decision: Record<string, unknown>;
  /** What extraction and the rest took: all of the session, and finish alone. */
  readonly cost: number;
  readonly finishCost: number;
}

/** Runs a session; `time` is the same for all. Throws KAN-LAB if the image refuses something. */
export async function labSession(
  lab: Lab,
  { modality = "iris", presentation = {}, purpose, user, width, height, frames, number }: LabSession,
): Promise<LabSessionResult> {
  let cost = 0;
  const ask = async (id: number, body: Record<string, unknown>) => {
    const answer = await labAsk(lab, OP.write, id, body);
    cost += answer.cost;
    return answer;
  };
  const nonce = new Uint8Array(16).fill(number & 0xff).fill(number >> 8, 0, 8);
  const shape = {
    modality,
    ...openForm(presentation),
    ...(modality === "face" ? { unit: UNIT } : {}),
    purpose,
    ...(user === undefined ? {} : { user }),
    width,
    height,
    frames: frames.length,
  };
  const { session } = (await ask(COMMAND.open, { ...shape, nonce, time: ISSUED })).body;
  for (const [frame, pixels] of frames.entries())
    for (let offset = 0; offset < pixels.length; offset += CHUNK_BYTES)
      await ask(COMMAND.frame, { session, frame, offset, data: pixels.subarray(offset, offset + CHUNK_BYTES) });
  const { body: decision, cost: finishCost } = await ask(COMMAND.finish, { session });
  return { decision, cost, finishCost };
}

/** Calibrates the lab's face sensor: sessions of faces need it. `geometry`: 64 bytes (host/calibration/document.ts). */
export async function labCalibrate(lab: Lab, geometry: Uint8Array, width: number, height: number): Promise<void> {
  const calibration = { unit: UNIT, width, height, geometry: geometryOf(geometry) };
  const { document } = signCalibration(calibration, DEVELOPMENT_KEY, ISSUED);
  await labAsk(lab, OP.write, COMMAND.calibration, { document, time: ISSUED });
}

/** All records of the log, as they are. */
export async function labRecords(lab: Lab): Promise<Uint8Array[]> {
  const records: Uint8Array[] = [];
  for (;;) {
    const { body } = await labAsk(lab, OP.read, COMMAND.log, { from: records.length });
    const entries = body["entries"] as Uint8Array[];
    records.push(...entries);
    if (entries.length === 0 || records.length >= (body["size"] as number)) return records;
  }
}

/** Tells the image that the first `size` records are stored elsewhere: it may forget them. */
export async function labRelease(lab: Lab, size: number): Promise<void> {
  await labAsk(lab, OP.write, COMMAND.log, { size });
}

/** The last sequence number of each lab. */
const sequences = new WeakMap<Lab, number>();

async function labAsk(
  lab: Lab,
  operation: number,
  id: number,
  request: Record<string, unknown>,
): Promise<{ body: Record<string, unknown>; cost: number }> {
  const sequence = ((sequences.get(lab) ?? 0) + 1) & 0xff;
  sequences.set(lab, sequence);
  const line = frameMessage(smpMessage({ operation, version: 1, group: GROUP_KANMON, id, sequence }, request));
  let cost = 0;
  const messages: Buffer[] = [];
  const decoder = new LinkDecoder((message) => messages.push(Buffer.from(message)));
  for (let at = 0; at < line.length; at += INPUT_BYTES) {
    const { sent, cost: took } = await lab.feed(line.subarray(at, at + INPUT_BYTES));
    decoder.push(sent);
    cost += took;
  }
  const answer = messages.find((message) => smpHeader(message).id === id);
  if (!answer)
    throw new KanmonError("KAN-LAB", `the image did not answer command ${id}`, "Report it with the image's digest.");
  const body = smpBody(answer);
  if (body["err"] || body["rc"])
    throw new KanmonError(
      "KAN-LAB",
      `the image refused command ${id}: ${JSON.stringify(body)}`,
      "docs/errors.md says what it means.",
    );
  return { body, cost };
}
