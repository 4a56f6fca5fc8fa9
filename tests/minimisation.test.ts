// After a session nothing of the person is left: no 32-byte window of a raw frame or of a plain template is anywhere in linear memory
// or in flash, whatever became of the session.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodeRecord } from "../host/audit/record.ts";
import { loadImage } from "../host/evaluate/image.ts";
import { Lab } from "../host/evaluate/lab.ts";
import { MODALITIES } from "../host/evaluate/modality.ts";
import { loadBoard } from "../host/firmware/board.ts";
import { formOf } from "../host/form.ts";
import { labExtract } from "../host/lab/lab.ts";
import { labInV8 } from "../host/lab/v8.ts";
import { MemoryFlash } from "../host/simulator/flash.ts";
import { CALIBRATION, face, GEOMETRY, SIZE, UNIT } from "./face-pictures.ts";
import { palmBands, SIDE } from "./palm-pictures.ts";
import { eye, HEIGHT, session, startReader, type TestReader, WIDTH } from "./reader.ts";

const WINDOW = 32;
const flash = () => new MemoryFlash();
let reader: TestReader;
let held: MemoryFlash;

beforeEach(async () => {
  held = flash();
  reader = await startReader(held);
});
afterEach(() => reader.close());

/** The plain template that the image makes of a frame. */
function templateOf(frame: Uint8Array): Uint8Array {
  const lab = new Lab(loadImage().module, MODALITIES.iris.id);
  expect(lab.extract(frame, WIDTH, HEIGHT)).toBe(0);
  return lab.template(0).slice();
}

/** The plain template that the image makes of a palm in two bands. */
function palmTemplateOf(frame: Uint8Array): Uint8Array {
  const lab = new Lab(loadImage().module, MODALITIES.palm.id, formOf({ bands_nm: [850, 940] }));
  expect(lab.extract(frame, SIDE, SIDE)).toBe(0);
  return lab.template(0).slice();
}

/** The plain template that the image makes of a stack of a face. */
async function faceTemplateOf(stack: Uint8Array): Promise<Uint8Array> {
  const lab = labInV8(loadImage().bytes, loadBoard("native_sim"));
  const form = formOf({ kind: "phase-gray" });
  const made = await labExtract(lab, MODALITIES.face.id, stack, SIZE.width, SIZE.height, form, GEOMETRY);
  expect(made?.reason).toBe(0);
  return made?.template as Uint8Array;
}

/** Every window of `secret` that says something: one value repeated (zeros, black) may be anywhere. */
function windows(secret: Uint8Array): Set<string> {
  const all = new Set<string>();
  for (let at = 0; at + WINDOW <= secret.length; at++) {
    const window = secret.subarray(at, at + WINDOW);
    if (new Set(window).size > 4) all.add(Buffer.from(window).toString("latin1"));
  }
  return all;
}

/** Where a window of one of the secrets occurs in `memory`, undefined: nowhere. */
function findIn(memory: Uint8Array, secrets: Set<string>): number | undefined {
  const text = Buffer.from(memory).toString("latin1");
  for (let at = 0; at + WINDOW <= text.length; at++) if (secrets.has(text.slice(at, at + WINDOW))) return at;
  return undefined;
}

function expectNothingOf(...secrets: Uint8Array[]): void {
  expectNone(new Set(secrets.flatMap((secret) => [...windows(secret)])));
}

function expectNone(all: Set<string>): void {
  expect(all.size).toBeGreaterThan(1000);
  expect(findIn(reader.board.memory as Uint8Array, all), "in linear memory").toBeUndefined();
  expect(findIn(held.bytes, all), "in flash").toBeUndefined();
}

describe("after a session", () => {
  const frame = eye(1, 1);
  const probe = eye(1, 2);
  const stranger = eye(2, 2);

  it("finds what it looks for, where it is left on purpose", () => {
    const memory = reader.board.memory as Uint8Array;
    memory.set(templateOf(frame).subarray(500, 540), memory.length - 5000);
    expect(() => expectNothingOf(templateOf(frame))).toThrow("in linear memory");
  });

  it("enrolled, accepted, rejected, identified", async () => {
    const { device } = reader;
    await session(device, "enroll", "ann", [frame, probe]);
    expectNothingOf(frame, probe, templateOf(frame), templateOf(probe));
    await session(device, "verify", "ann", [probe]);
    expectNothingOf(frame, probe, templateOf(frame), templateOf(probe));
    await session(device, "identify", undefined, [probe]);
    await session(device, "verify", "ann", [stranger]);
    expectNothingOf(frame, probe, stranger, templateOf(frame), templateOf(stranger));
  });

  it("aborted in the middle of a frame, failed, exported, rotated", async () => {
    const { device } = reader;
    await session(device, "enroll", "ann", [frame]);
    const { session: number } = await device.open({
      modality: "iris",
      purpose: "identify",
      width: WIDTH,
      height: HEIGHT,
      frames: 2,
    });
    await device.sendFrame(number, 0, probe);
    const stopped = new AbortController();
    const sending = device.sendFrame(number, 1, stranger, { signal: stopped.signal }).catch(() => {});
    await new Promise((resolve) => setImmediate(resolve));
    stopped.abort();
    await sending;
    await device.abort(number);
    expectNothingOf(frame, probe, stranger, templateOf(frame), templateOf(probe));
    await device.rotate();
    await device.export("ann", "iris");
    expectNothingOf(frame, templateOf(frame));
  });

  it("of a palm in two bands: enrolled, accepted, rejected, identified", async () => {
    const { device } = reader;
    const [palm, again, other] = [palmBands(1), palmBands(1, 1), palmBands(2)];
    for (const [purpose, user, ...frames] of [
      ["enroll", "ann", palm, again],
      ["verify", "ann", again],
      ["identify", undefined, palm],
      ["verify", "ann", other],
    ] as const) {
      const { session: number } = await device.open({
        modality: "palm",
        purpose,
        ...(user === undefined ? {} : { user }),
        width: SIDE,
        height: SIDE,
        bands: 3,
        frames: frames.length,
      });
      for (const [i, frame] of frames.entries()) await device.sendFrame(number, i, frame);
      await device.finish(number);
      expectNothingOf(palm, again, other, ...[palm, again, other].map(palmTemplateOf));
    }
  });

  it("of a face, whose stack is decoded as it comes: enrolled, accepted, identified, rejected, broken", async () => {
    const { device } = reader;
    await device.setCalibration(CALIBRATION);
    const arena = (reader.board.memory as Uint8Array).length; // it begins where the memory of the start ends, or before
    const [stack, again, other] = [face(1), face(1, 1), face(2)];
    const broken = Uint8Array.from(again).fill(0xff, 200_000, 200_400);
    const secrets = [stack, again, ...(await Promise.all([stack, again, other].map(faceTemplateOf)))];
    const all = new Set(secrets.flatMap((secret) => [...windows(secret)]));
    for (const [decision, purpose, user, ...frames] of [
      ["enrolled", "enroll", "ann", stack, again],
      ["accept", "verify", "ann", again],
      ["accept", "identify", undefined, stack],
      ["reject", "verify", "ann", other],
      ["failed", "enroll", "bob", broken], // after a rejection the next try has to wait
    ] as const) {
      const whom = user === undefined ? {} : { user };
      const request = { modality: "face", purpose, ...whom, kind: "phase-gray", unit: UNIT, ...SIZE } as const;
      const { session: number } = await device.open({ ...request, frames: frames.length });
      for (const [i, frame] of frames.entries()) await device.sendFrame(number, i, frame);
      expect(await device.finish(number)).toMatchObject({ decision });
      expectNone(all);
      // Sums, phase and depth are none of these windows: nothing at all is left of them.
      expect((reader.board.memory as Uint8Array).subarray(arena).some((byte) => byte !== 0)).toBe(false);
    }
  });

  it("says in the record what came in, went out and was wiped", async () => {
    await session(reader.device, "enroll", "ann", [frame, probe]);
    const { entries } = await reader.device.readLog(0);
    const record = decodeRecord(entries[0] as Uint8Array);
    expect(record).toMatchObject({ bytes_in: 2 * WIDTH * HEIGHT, bytes_out: 0 });
    expect(record.bytes_wiped).toBeGreaterThan(2 * WIDTH * HEIGHT);
  });
});
