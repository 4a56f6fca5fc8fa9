// Sessions of faces: stacks of coded pictures that the image decodes as they come, a unit that must be calibrated, and stacks that are not
// what they should be.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Flaw } from "../hal/sim/face/render.ts";
import { decodeRecord } from "../host/audit/record.ts";
import type { SessionRequest } from "../host/device/device.ts";
import { MemoryFlash } from "../host/simulator/flash.ts";
import { temporaryKeys } from "../host/simulator/keys.ts";
import { CALIBRATION, face, PHASE_GRAY, PHASE_SHIFT, SIZE, UNIT } from "./face-pictures.ts";
import { ask, eye, session as irises, startReader, type TestReader } from "./reader.ts";

let micros = 0n;
let reader: TestReader;
let arena = 0; // it begins where the memory of the start ends, or before

beforeEach(async () => {
  reader = await startReader(new MemoryFlash(), temporaryKeys(), { micros: () => (micros += 50n) });
  await reader.device.setCalibration(CALIBRATION);
  arena = (reader.board.memory as Uint8Array).length;
});
afterEach(() => reader.close());

type Kind = NonNullable<SessionRequest["kind"]>;

function open(purpose: SessionRequest["purpose"], user: string | undefined, frames: number, kind: Kind = "phase-gray") {
  const whom = user === undefined ? {} : { user };
  return reader.device.open({ modality: "face", purpose, ...whom, kind, unit: UNIT, ...SIZE, frames });
}

async function run(
  purpose: SessionRequest["purpose"],
  user: string | undefined,
  stacks: readonly Uint8Array[],
  kind?: Kind,
) {
  const { session } = await open(purpose, user, stacks.length, kind);
  const reasons: string[] = [];
  for (const [i, stack] of stacks.entries()) reasons.push(await reader.device.sendFrame(session, i, stack));
  return { ...(await reader.device.finish(session)), reasons };
}

async function lastRecord() {
  const { log } = await reader.device.info();
  return decodeRecord((await reader.device.readLog(log.size - 1)).entries[0] as Uint8Array);
}

describe("stacks of coded pictures", () => {
  it("enrol, verify, identify, and turn a stranger away; the record says what came and was wiped", async () => {
    const stacks = [face(1), face(1, 1)];
    expect(await run("enroll", "ann", stacks)).toMatchObject({ decision: "enrolled", reasons: ["none", "none"] });
    const bytes = stacks.reduce((sum, stack) => sum + stack.length, 0);
    const record = await lastRecord();
    expect(record).toMatchObject({ modality: "face", samples: 2, bytes_in: bytes, bytes_out: 0 });
    expect(Object.keys(record.quality ?? {})).toContain("frontality");
    expect(record.bytes_wiped).toBeGreaterThan(2 * 8 * SIZE.width * SIZE.height);
    expect(await run("verify", "ann", [face(1, 2)])).toMatchObject({ decision: "accept" });
    expect(await run("identify", undefined, [face(1, 3)])).toMatchObject({ decision: "accept", user: "ann" });
    expect(await run("verify", "ann", [face(2)])).toMatchObject({ decision: "reject", reason: "no_match" });
  });

  it("of sixteen pictures do too, in at most 1 MiB of memory, and are not compared with those of ten", async () => {
    const shift = (person: number, presentation = 0) => face(person, presentation, PHASE_SHIFT);
    expect(await run("enroll", "bob", [shift(3)], "phase-shift")).toMatchObject({ decision: "enrolled" });
    expect(await run("verify", "bob", [shift(3, 1)], "phase-shift")).toMatchObject({ decision: "accept" });
    expect(await run("verify", "bob", [face(3, 1)])).toMatchObject({ decision: "refused", reason: "no_reference" });
    expect(reader.board.memory?.length).toBeLessThanOrEqual(1 << 20);
  });

  it("take less of the line than their pixels", () => {
    for (const stack of [face(1), face(1, 0, PHASE_SHIFT)]) {
      const pictures = stack === face(1) ? 10 : 16;
      expect(stack.length).toBeLessThan(0.5 * pictures * SIZE.width * SIZE.height);
    }
  });
});

describe("several stacks of one presentation", () => {
  const shot = (nth: number, person = 1, presentation = 0) => face(person, presentation, PHASE_GRAY, undefined, nth);

  /** A session whose frames are fused, `fuse` in a row. */
  async function fused(purpose: SessionRequest["purpose"], fuse: number, stacks: readonly Uint8Array[], kind?: Kind) {
    const request = {
      modality: "face",
      purpose,
      user: "ann",
      kind: kind ?? "phase-gray",
      unit: UNIT,
      ...SIZE,
    } as const;
    const { session } = await reader.device.open({ ...request, frames: stacks.length, fuse });
    const reasons: string[] = [];
    for (const [i, stack] of stacks.entries()) reasons.push(await reader.device.sendFrame(session, i, stack));
    return { ...(await reader.device.finish(session)), reasons };
  }
  const samples = async () => (await reader.device.templates())[0]?.samples;

  it("are one sample of the reference, in at most 1 MiB; without being told so, they are several", async () => {
    const stacks = [0, 1, 2].map((nth) => face(1, 0, PHASE_SHIFT, undefined, nth));
    const enrolled = await fused("enroll", 3, stacks, "phase-shift");
    expect(enrolled).toMatchObject({ decision: "enrolled", reasons: ["none", "none", "none"] });
    expect(await samples()).toBe(1);
    expect(await lastRecord()).toMatchObject({ samples: 3 });
    expect(reader.board.memory?.length).toBeLessThanOrEqual(1 << 20);
    expect(
      await fused(
        "verify",
        2,
        [0, 1].map((nth) => face(1, 1, PHASE_SHIFT, undefined, nth)),
        "phase-shift",
      ),
    ).toMatchObject({
      decision: "accept",
    });
    await reader.device.deleteTemplate("ann");
    await run("enroll", "ann", stacks, "phase-shift");
    expect(await samples()).toBe(3);
  });

  it("of two presentations are a sample each, and so is one that was cut short", async () => {
    const stacks = [shot(0), shot(1), shot(0, 1, 1), shot(1, 1, 1), shot(0, 1, 2)];
    expect(await fused("enroll", 2, stacks)).toMatchObject({ decision: "enrolled" });
    expect(await samples()).toBe(3);
  });

  it("have the quality of the best of them", async () => {
    const qualities: number[] = [];
    for (const stack of [shot(0), shot(1), shot(2)]) {
      await run("enroll", "ann", [stack]);
      qualities.push((await lastRecord()).quality?.["overall"] as number);
      await reader.device.deleteTemplate("ann");
    }
    await fused("enroll", 3, [shot(0), shot(1), shot(2)]);
    expect((await lastRecord()).quality?.["overall"]).toBe(Math.max(...qualities));
  });

  it("with one that is of another no sample is made: which of them is meant cannot be told", async () => {
    for (const stacks of [
      [shot(0), face(2), shot(1)],
      [face(2), shot(0), shot(1)],
    ]) {
      const { decision, reason, reasons } = await fused("enroll", 3, stacks);
      expect([decision, reason]).toEqual(["failed", "moved"]);
      expect(reasons.slice(1)).toContain("moved");
      expect(reasons.at(-1)).toBe("moved");
    }
  });

  it("one that gives no sample is refused for what it is, and does not spoil the others", async () => {
    const stacks = [face(1, 1, PHASE_GRAY, "nobody"), shot(0), shot(1)];
    const { decision, reasons } = await fused("enroll", 3, stacks);
    expect([decision, reasons]).toEqual(["enrolled", ["too_dark", "none", "none"]]);
    expect(await samples()).toBe(1);
  });

  it("leave nothing in the reader, whether their session ends or is given up", async () => {
    const left = () => (reader.board.memory as Uint8Array).subarray(arena).some((byte) => byte !== 0);
    await fused("enroll", 2, [shot(0), shot(1)]);
    expect(left()).toBe(false);
    const request = {
      modality: "face",
      purpose: "verify",
      user: "ann",
      kind: "phase-gray",
      unit: UNIT,
      ...SIZE,
    } as const;
    const { session } = await reader.device.open({ ...request, frames: 3, fuse: 3 });
    await reader.device.sendFrame(session, 0, shot(0));
    await reader.device.abort(session);
    expect(left()).toBe(false);
  });

  it("are one to four, and of faces", async () => {
    const face = { modality: "face", purpose: "enroll", user: "ann", kind: "phase-gray", unit: UNIT, ...SIZE } as const;
    for (const fuse of [0, 5, -1])
      await expect(reader.device.open({ ...face, frames: 4, fuse })).rejects.toMatchObject({
        code: "KAN-DEVICE-MALFORMED",
      });
    const iris = { modality: "iris", purpose: "enroll", user: "eve", ...SIZE } as const;
    await expect(reader.device.open({ ...iris, frames: 2, fuse: 2 })).rejects.toMatchObject({
      code: "KAN-DEVICE-UNSUPPORTED",
    });
  });
});

describe("stacks that are not what they should be", () => {
  it.each<[Flaw, string]>([
    ["nobody", "too_dark"],
    ["underexposed", "too_dark"],
    ["too_near", "too_bright"],
    ["too_far", "too_dark"],
  ])("%s: %s", async (flaw, reason) => {
    const { reasons } = await run("enroll", "ann", [face(1, 1, PHASE_SHIFT, flaw)], "phase-shift");
    expect(reasons).toEqual([reason]);
  });

  it.each<[Flaw, string]>([
    ["underexposed", "too_dark"],
    ["overexposed", "too_bright"],
  ])("%s: %s, whoever it is and whatever is projected", async (flaw, reason) => {
    for (const stack of [PHASE_SHIFT, PHASE_GRAY]) {
      const shown = [1, 2, 3].map((person) => face(person, 1, stack, flaw));
      expect((await run("enroll", "ann", shown, stack.kind)).reasons).toEqual([reason, reason, reason]);
    }
  });

  it("of two heads: it cannot be told who is meant, at enrolment and later, whoever it is", async () => {
    const pairs = [1, 2, 3].map((person) => face(person, 1, PHASE_GRAY, "two_heads"));
    const refused = { reasons: ["two_faces", "two_faces", "two_faces"], reason: "two_faces", decision: "failed" };
    expect(await run("enroll", "ann", pairs)).toMatchObject(refused);
    await run("enroll", "ann", [face(1)]);
    expect(await run("verify", "ann", pairs)).toMatchObject(refused);
    expect(await lastRecord()).toMatchObject({ decision: "failed", reason: "two_faces" });
    expect(await run("verify", "ann", [face(1, 1, PHASE_GRAY, "two_heads"), face(1, 2)])).toMatchObject({
      decision: "accept",
    });
  });

  it("coded otherwise: the frame is told to be incomplete, and the next one is taken", async () => {
    const broken = Uint8Array.from(face(1));
    broken[5000] = (broken[5000] as number) ^ 0xff;
    broken.fill(0xff, 20_000, 20_400);
    const { session } = await open("enroll", "ann", 2);
    expect(await reader.device.sendFrame(session, 0, broken)).toBe("incomplete");
    expect(await reader.device.sendFrame(session, 1, face(1))).toBe("none");
    expect(await reader.device.finish(session)).toMatchObject({ decision: "enrolled" });
  });

  it("coded otherwise: nothing of that stays with the sessions that follow, of other modalities too", async () => {
    const { session } = await open("enroll", "ann", 1);
    expect(await reader.device.sendFrame(session, 0, new Uint8Array(100).fill(0xff))).toBe("incomplete");
    expect(await reader.device.finish(session)).toMatchObject({ decision: "failed", reason: "incomplete" });
    expect(await irises(reader.device, "enroll", "eve", [eye(1)])).toMatchObject({ decision: "enrolled" });
  });

  it("left in the middle: the session is ended by itself, leaves nothing, and another one is taken", async () => {
    const { session } = await open("enroll", "ann", 1);
    await ask(reader.board, 64, 3, { session, frame: 0, offset: 0, data: face(1).subarray(0, 4000) });
    micros += 6_000_000n;
    await reader.device.info();
    expect(await lastRecord()).toMatchObject({ decision: "aborted", reason: "timeout", bytes_in: 4000 });
    expect((reader.board.memory as Uint8Array).subarray(arena).some((byte) => byte !== 0)).toBe(false);
    expect(await run("enroll", "ann", [face(1)])).toMatchObject({ decision: "enrolled" });
  });

  it("whose parts come twice, or too early, are decoded as if they had come once and in order", async () => {
    const stack = face(1, 1);
    const { session } = await open("enroll", "ann", 1);
    const send = (from: number, to: number) =>
      ask(reader.board, 64, 3, { session, frame: 0, offset: from, data: stack.subarray(from, to) });
    let at = 0;
    while (at < stack.length) {
      const to = Math.min(stack.length, at + 4000);
      if (at > 0) expect(await send(at - 1, to)).toMatchObject({ offset: at });
      expect(await send(at + 1, to)).toMatchObject({ offset: at });
      const answer = await send(at, to);
      expect(answer).toMatchObject(to < stack.length ? { frame: 0, offset: to } : { frame: 1, reason: "none" });
      if (to < stack.length) expect(await send(at, to)).toMatchObject({ frame: 0, offset: to });
      at = to;
    }
    await reader.device.finish(session);
    const pieces = await lastRecord();
    await reader.device.deleteTemplate("ann");
    await run("enroll", "ann", [stack]);
    const whole = await lastRecord();
    expect(pieces.bytes_in).toBe(stack.length);
    expect(pieces.quality).toEqual(whole.quality);
  });

  it("cut short: the session cannot be finished, and leaves nothing", async () => {
    const { session } = await open("enroll", "ann", 1);
    const cut = reader.device.sendFrame(session, 0, face(1).subarray(0, 50_000));
    await expect(cut).rejects.toMatchObject({ code: "KAN-LINK-ANSWER" });
    await expect(reader.device.finish(session)).rejects.toMatchObject({ code: "KAN-DEVICE-INCOMPLETE" });
    await reader.device.abort(session);
    expect(await lastRecord()).toMatchObject({ decision: "aborted", modality: "face" });
    const memory = reader.board.memory as Uint8Array;
    expect(memory.subarray(arena).some((byte) => byte !== 0)).toBe(false);
  });

  it("with bytes behind the last picture: in its last part they spoil it, after that they are passed over", async () => {
    const more = Buffer.concat([face(1), new Uint8Array(100)]);
    const { session } = await open("enroll", "ann", 2);
    const send = (frame: number, from: number, to: number) =>
      ask(reader.board, 64, 3, { session, frame, offset: from, data: more.subarray(from, to) });
    const end = face(1).length;
    for (const [frame, last, reason] of [
      [0, end + 1, "incomplete"],
      [1, end, "none"],
    ] as const) {
      for (let at = 0; at < end - 500; at += 4000) await send(frame, at, Math.min(at + 4000, end - 500));
      expect(await send(frame, end - 500, last)).toMatchObject({ frame: frame + 1, reason });
      expect(await send(frame, end, end + 100)).toMatchObject({ frame: frame + 1, offset: 0 });
    }
    expect(await reader.device.finish(session)).toMatchObject({ decision: "enrolled" });
    expect(await lastRecord()).toMatchObject({ samples: 2, bytes_in: 2 * end + 1 });
  });

  it("in a size or of a kind that no unit has", async () => {
    const ask = { modality: "face", purpose: "enroll", user: "ann", unit: UNIT, frames: 1 } as const;
    const other = { width: 640, height: 480, kind: "phase-gray" } as const;
    await expect(reader.device.open({ ...ask, ...other })).rejects.toMatchObject({ code: "KAN-DEVICE-CALIBRATION" });
    await expect(reader.device.open({ ...ask, ...SIZE, kind: "moire" as never })).rejects.toMatchObject({
      code: "KAN-DEVICE-MALFORMED",
    });
  });
});

it("both kinds of stacks are those that drivers know", () => {
  expect([PHASE_GRAY.kind, PHASE_SHIFT.kind]).toEqual(["phase-gray", "phase-shift"]);
});
