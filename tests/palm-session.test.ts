// Sessions of a modality whose frames have several bands and whose templates are as long as their bands ask for: what goes over the link,
// what is stored, and which probe meets which reference.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodeRecord } from "../host/audit/record.ts";
import type { SessionRequest } from "../host/device/device.ts";
import { loadImage } from "../host/evaluate/image.ts";
import { Lab } from "../host/evaluate/lab.ts";
import { MODALITIES } from "../host/evaluate/modality.ts";
import { formOf } from "../host/form.ts";
import { MemoryFlash } from "../host/simulator/flash.ts";
import { temporaryKeys } from "../host/simulator/keys.ts";
import { palm, palmBands, SIDE } from "./palm-pictures.ts";
import { ask, openFields, startReader, type TestReader } from "./reader.ts";

const KANMON = 64;
const [OPEN, FRAME] = [2, 3] as const;
const BOTH = 3;
const refused = (rc: number) => expect.objectContaining({ err: expect.objectContaining({ group: KANMON, rc }) });
/** A sealed reference's length beyond its templates; a template's head, and the code of a band. */
const [OVERHEAD, HEAD, BAND] = [44, 16, 768] as const;

let micros = 0n;
let reader: TestReader;

beforeEach(async () => {
  reader = await startReader(new MemoryFlash(), temporaryKeys(), { micros: () => (micros += 50n) });
});
afterEach(() => reader.close());

async function run(
  purpose: SessionRequest["purpose"],
  user: string | undefined,
  frames: readonly Uint8Array[],
  form: Pick<SessionRequest, "bands" | "region" | "profile"> = { bands: BOTH },
) {
  const { device } = reader;
  const whom = user === undefined ? {} : { user };
  const size = { width: SIDE, height: SIDE, frames: frames.length };
  const opened = await device.open({ modality: "palm", purpose, ...whom, ...form, ...size });
  expect(opened.frame_bytes).toBe(frames[0]?.length);
  for (const [i, frame] of frames.entries()) await device.sendFrame(opened.session, i, frame);
  return device.finish(opened.session);
}

async function lastRecord() {
  const { log } = await reader.device.info();
  return decodeRecord((await reader.device.readLog(log.size - 1)).entries[0] as Uint8Array);
}

describe("frames of two bands", () => {
  it("enrol, verify, identify, and turn a stranger away; stored templates are as long as their bands ask for", async () => {
    const enrolled = await run("enroll", "ann", [palmBands(1), palmBands(1, 1), palmBands(1, 2)]);
    expect(enrolled).toMatchObject({ decision: "enrolled", user: "ann" });
    const record = await lastRecord();
    expect(record).toMatchObject({ modality: "palm", samples: 3, bytes_in: 3 * 2 * SIDE * SIDE });
    expect(Object.keys(record.quality ?? {})).toContain("vein_contrast");
    expect(record.bytes_wiped).toBeGreaterThan(3 * 2 * SIDE * SIDE);
    expect(await run("verify", "ann", [palmBands(1, 7)])).toMatchObject({ decision: "accept" });
    expect(await run("identify", undefined, [palmBands(1, 8)])).toMatchObject({ decision: "accept", user: "ann" });
    expect(await run("verify", "ann", [palmBands(2, 7)])).toMatchObject({ decision: "reject", reason: "no_match" });
    expect(await reader.device.export("ann", "palm")).toHaveLength(OVERHEAD + 3 * (HEAD + 2 * BAND));
  });

  it("are sealed anew on rotation, and kept over a restart, beside shorter ones", async () => {
    await run("enroll", "ann", [palmBands(1)]);
    await run("enroll", "bob", [palm(2)], {});
    await reader.device.rotate();
    reader.board.reboot();
    expect(await run("verify", "ann", [palmBands(1, 3)])).toMatchObject({ decision: "accept" });
    expect(await run("verify", "bob", [palm(2, 3)], { bands: 1 })).toMatchObject({ decision: "accept" });
    expect(await reader.device.export("bob", "palm")).toHaveLength(OVERHEAD + HEAD + BAND);
  });

  it("go on where the line lost them, in the second band as in the first", async () => {
    const fields = { modality: "palm", purpose: "enroll", user: "ann", width: SIDE, height: SIDE, bands: BOTH };
    const { session } = (await ask(reader.board, KANMON, OPEN, openFields(fields))) as { session: number };
    const pixels = palmBands(1);
    const send = (offset: number, bytes: number) =>
      ask(reader.board, KANMON, FRAME, { session, frame: 0, offset, data: pixels.subarray(offset, offset + bytes) });
    for (let at = 0; at < pixels.length - 1024; at += 1024) {
      expect(await send(at, 1024)).toEqual({ frame: 0, offset: at + 1024 });
      if (at % 4096 === 0) expect(await send(at, 1024)).toEqual({ frame: 0, offset: at + 1024 });
    }
    expect(await send(pixels.length - 10, 10)).toEqual({ frame: 0, offset: pixels.length - 1024 });
    expect(await send(pixels.length - 1024, 1025)).toMatchObject({ reason: "none" });
    const over = { session, frame: 0, offset: 0, data: pixels.subarray(0, 10) };
    expect(await ask(reader.board, KANMON, FRAME, over)).toMatchObject({ frame: 1 });
    expect(await reader.device.finish(session)).toMatchObject({ decision: "enrolled" });
  });

  it.each([0, 1] as const)("are both extracted: with plane %i dark there is no sample", async (dark) => {
    const frame = palmBands(1);
    frame.fill(9, dark * SIDE * SIDE, (dark + 1) * SIDE * SIDE);
    expect(await run("enroll", "ann", [frame])).toMatchObject({ decision: "failed", reason: "low_contrast" });
  });

  it("give a template of both", () => {
    const form = formOf({ bands_nm: [850, 940] });
    const lab = new Lab(loadImage().module, MODALITIES.palm.id, form);
    const template = (frame: Uint8Array) => {
      expect(lab.extract(frame, SIDE, SIDE)).toBe(0);
      return lab.template(0).slice();
    };
    const one = template(palmBands(1));
    expect(one).toHaveLength(HEAD + 2 * BAND);
    const other = template(Buffer.concat([palm(1, 0, 0), palm(2, 0, 1)]));
    expect(other.subarray(HEAD, HEAD + BAND)).toEqual(one.subarray(HEAD, HEAD + BAND));
    expect(other.subarray(HEAD + BAND)).not.toEqual(one.subarray(HEAD + BAND));
  });
});

it.each([
  ["a region", 0b1100],
  ["bits", 0b100000],
  ["bits", 0x100],
])("a form with %s that the image does not know is not supported", (_, more) => {
  const lab = new Lab(loadImage().module, MODALITIES.palm.id, formOf({}) | more);
  expect(lab.extract(palm(1), SIDE, SIDE)).toBeUndefined();
});

describe("a probe meets only references of its form", () => {
  it.each([
    ["other bands", {}, () => palm(1, 5)],
    ["another region", { bands: BOTH, region: "window" }, () => palmBands(1, 5, { region: "window" })],
    ["another profile", { bands: BOTH, profile: "guided" }, () => palmBands(1, 5)],
  ] as const)("%s: nobody to compare with, and no try is counted", async (_, form, frame) => {
    await run("enroll", "ann", [palmBands(1)]);
    const none = { decision: "refused", reason: "no_reference" };
    expect(await run("identify", undefined, [frame()], form)).toMatchObject(none);
    expect(await run("verify", "ann", [frame()], form)).toMatchObject(none);
    expect(await reader.device.templates()).toMatchObject([{ user: "ann", modality: "palm", failed: 0 }]);
    expect(await run("verify", "ann", [palmBands(1, 6)])).toMatchObject({ decision: "accept" });
  });

  it("what is left out means one band up to 900 nm, cropped, contactless", async () => {
    await run("enroll", "ann", [palm(1)], {});
    const said = { bands: 1, region: "cropped", profile: "contactless" } as const;
    expect(await run("verify", "ann", [palm(1, 4)], said)).toMatchObject({ decision: "accept" });
    expect(await run("identify", undefined, [palm(1, 4)], { bands: 2 })).toMatchObject({ reason: "no_reference" });
  });

  it("a form that was changed in flash does not open: the seal proves another", async () => {
    await run("enroll", "ann", [palmBands(1)]);
    const flash = reader.flash as MemoryFlash;
    const head = Buffer.from([3, MODALITIES.palm.id, 1, BOTH]);
    const at: number[] = [];
    for (let i = -1; (i = Buffer.from(flash.bytes).indexOf(head, i + 1)) >= 0; ) at.push(i);
    expect(at.length).toBeGreaterThan(0);
    for (const i of at) flash.bytes[i + 3] = 1;
    expect(await run("identify", undefined, [palm(1, 5)], {})).toMatchObject({ reason: "no_reference" });
    expect(await run("identify", undefined, [palmBands(1, 5)])).toMatchObject({ reason: "no_reference" });
  });
});

describe("an open request", () => {
  const open = (more: Record<string, unknown>) =>
    ask(reader.board, KANMON, OPEN, openFields({ modality: "palm", width: SIDE, height: SIDE, ...more }));

  it.each([
    { bands: 4 },
    { bands: -1 },
    { bands: "850" },
    { bands: [850] },
    { region: "hand" },
    { region: "" },
    { region: 1 },
    { profile: "Guided" },
    { profile: null },
  ])("with %j is malformed", async (wrong) => {
    expect(await open(wrong)).toEqual(refused(1));
    expect(await open({ ...wrong, modality: "iris", width: 320, height: 240 })).toEqual(refused(1));
    expect(await open({})).toMatchObject({ frame_bytes: SIDE * SIDE });
  });

  it("for frames that the arena cannot hold is not supported", async () => {
    for (const size of [
      { width: 65_535, height: 65_535, bands: BOTH },
      { width: 1, height: 1 },
    ])
      expect(await open(size), JSON.stringify(size)).toEqual(refused(4));
  });

  it("of an iris has no form: its frames are of one band whatever is said", async () => {
    const iris = { modality: "iris", width: 320, height: 240, bands: BOTH, region: "window", profile: "guided" };
    expect(await open(iris)).toMatchObject({ frame_bytes: 320 * 240 });
  });
});
