// The calibration of a face sensor's unit on a reader: set, kept, refused and named; and sessions that need it.
import { generateKeyPairSync } from "node:crypto";
import { encode, rfc8949EncodeOptions } from "cborg";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodeRecord } from "../host/audit/record.ts";
import {
  type Calibration,
  geometryBytes,
  geometryOf,
  readCalibration,
  signCalibration,
} from "../host/calibration/document.ts";
import { CALIBRATION_DOCUMENT, coseSign } from "../host/cose.ts";
import {
  DEVELOPMENT_AUTHORITY,
  DEVELOPMENT_KEY,
  DEVELOPMENT_POLICY,
  developmentPolicy,
} from "../host/policy/development.ts";
import { signPolicy } from "../host/policy/sign.ts";
import { startReader, type TestReader } from "./reader.ts";

const GEOMETRY = {
  fx: 400,
  fy: 400,
  cx: 159.5,
  cy: 119.5,
  k1: 0,
  k2: 0,
  a: [0, 0, 0, 0] as [number, number, number, number],
  b: [0, 0, 0, 0] as [number, number, number, number],
  nearest_mm: 250,
  farthest_mm: 1500,
};
const UNIT: Calibration = { unit: "SN-0001", width: 320, height: 240, geometry: GEOMETRY };
const ISSUED = 1_790_000_000;
const sign = (change: Partial<Calibration> = {}, issued = ISSUED) =>
  signCalibration({ ...UNIT, ...change }, DEVELOPMENT_KEY, issued).document;
const digestOf = (document: Uint8Array) => new Uint8Array(readCalibration(document).digest);
/** A payload signed without the host's checks. */
const signed = (change: object) =>
  coseSign(
    CALIBRATION_DOCUMENT,
    encode(
      {
        v: 1,
        unit: "SN-0001",
        width: 320,
        height: 240,
        issued: ISSUED,
        authority: DEVELOPMENT_AUTHORITY,
        values: geometryBytes(GEOMETRY),
        ...change,
      },
      rfc8949EncodeOptions,
    ),
    DEVELOPMENT_KEY,
  );

let reader: TestReader;
beforeEach(async () => void (reader = await startReader()));
afterEach(() => reader.close());

const face = (
  unit?: string,
  size = { width: 320, height: 240 },
  kind: "depth" | "phase-shift" | "phase-gray" = "depth",
) =>
  reader.device.open({
    modality: "face",
    purpose: "enroll",
    user: "ann",
    kind,
    ...(unit === undefined ? {} : { unit }),
    ...size,
    frames: 1,
  });
const reason = (document: Uint8Array) =>
  reader.device.setCalibration(document).then(
    () => 0,
    (error: { rc?: number; detail: { reason?: number } }) => (error.rc === 20 ? error.detail.reason : error),
  );

describe("a calibration", () => {
  it("is set with a record, read back, kept over a restart, and needed by sessions of its unit and size", async () => {
    await expect(face("SN-0001")).rejects.toMatchObject({ code: "KAN-DEVICE-CALIBRATION" });
    expect(await reader.device.calibration()).toMatchObject({ digest: { length: 0 }, document: { length: 0 } });
    const { record } = await reader.device.setCalibration(sign());
    const entry = (await reader.device.readLog(record)).entries[0] as Uint8Array;
    expect(decodeRecord(entry, record)).toMatchObject({
      purpose: "calibrate",
      decision: "set",
      calibration: digestOf(sign()),
    });
    reader.board.reboot();
    expect(readCalibration((await reader.device.calibration()).document)).toMatchObject({
      calibration: UNIT,
      issued: ISSUED,
    });
    await expect(face("SN-0002")).rejects.toMatchObject({ code: "KAN-DEVICE-CALIBRATION" });
    await expect(face()).rejects.toMatchObject({ code: "KAN-DEVICE-CALIBRATION" });
    await expect(face("SN-0001", { width: 160, height: 120 })).rejects.toMatchObject({
      code: "KAN-DEVICE-CALIBRATION",
    });
    expect(await face("SN-0001")).toMatchObject({ frame_bytes: 2 * 320 * 240 });
  });

  it("in force stands in the records of its sessions, and in no others", async () => {
    const last = async () => {
      const record = (await reader.device.abort()) as number;
      return decodeRecord((await reader.device.readLog(record)).entries[0] as Uint8Array, record);
    };
    await reader.device.setCalibration(sign({ unit: "SN-0002" }));
    await reader.device.setCalibration(sign());
    await reader.device.setCalibration(sign({}, ISSUED + 1));
    expect(await reason(sign({ unit: "SN-0003", geometry: { ...GEOMETRY, fx: 1 } }))).toBe(7);
    reader.board.reboot();
    await face("SN-0001");
    expect((await last()).calibration).toEqual(digestOf(sign({}, ISSUED + 1)));
    await reader.device.open({ modality: "iris", purpose: "enroll", user: "ann", width: 320, height: 240, frames: 1 });
    expect(await last()).not.toHaveProperty("calibration");
    const { record } = await reader.device.rotate();
    const entry = (await reader.device.readLog(record)).entries[0] as Uint8Array;
    expect(decodeRecord(entry, record)).not.toHaveProperty("calibration");
  });

  it("stays in force over a rotation of the keys and another policy", async () => {
    await reader.device.setCalibration(sign());
    await reader.device.rotate();
    await reader.device.setPolicy(
      signPolicy({ ...DEVELOPMENT_POLICY, issued: DEVELOPMENT_POLICY.issued + 1, tries: 3 }, DEVELOPMENT_KEY).document,
    );
    expect(readCalibration((await reader.device.calibration()).document).calibration).toEqual(UNIT);
    expect(await reason(sign({}, ISSUED - 1))).toBe(6);
    expect(await face("SN-0001")).toMatchObject({ session: 1 });
  });

  it("of a sensor that gives depth itself serves no stacks, which nothing would come of", async () => {
    await reader.device.setCalibration(sign());
    for (const kind of ["phase-shift", "phase-gray"] as const)
      await expect(face("SN-0001", undefined, kind)).rejects.toMatchObject({ code: "KAN-DEVICE-CALIBRATION" });
    expect(await face("SN-0001")).toMatchObject({ session: 1 });
  });

  it("of another unit replaces it; an older one of the same does not", async () => {
    expect(await reason(sign())).toBe(0);
    expect(await reason(sign({}, ISSUED - 1))).toBe(6);
    expect(await reason(sign({ unit: "SN-0002" }, ISSUED - 1))).toBe(0);
    expect(readCalibration((await reader.device.calibration()).document).calibration.unit).toBe("SN-0002");
  });

  const stranger = generateKeyPairSync("ed25519").privateKey;
  it.each([
    ["too short", 1, new Uint8Array(20)],
    ["too long", 1, new Uint8Array(2100)],
    ["a policy", 2, developmentPolicy().document],
    ["signed by a stranger", 3, signCalibration(UNIT, stranger, ISSUED).document],
    ["with a field too many", 4, signed({ more: 1 })],
    ["of another version", 4, signed({ v: 2 })],
    ["without a unit", 4, signed({ unit: "" })],
    ["with values cut short", 4, signed({ values: new Uint8Array(63) })],
    ["for another authority", 5, signed({ authority: new Uint8Array(32) })],
    ["with a focal length of nothing", 7, signed({ values: geometryBytes({ ...GEOMETRY, fx: 0 }) })],
    ["with a value that is no number", 7, signed({ values: geometryBytes({ ...GEOMETRY, cx: Number.NaN }) })],
    ["with a range the wrong way round", 7, signed({ values: geometryBytes({ ...GEOMETRY, nearest_mm: 2000 }) })],
  ])("%s is refused, and the one before stays", async (_, why, document) => {
    await reader.device.setCalibration(sign());
    expect(await reason(document)).toBe(why);
    expect(readCalibration((await reader.device.calibration()).document).calibration).toEqual(UNIT);
    expect(await face("SN-0001")).toMatchObject({ session: 1 });
  });

  it.each([
    ["not finite", { fx: Number.NaN }, 1, /1e9/],
    ["fx", { fx: 79 }, 2, /fx must be a quarter to twenty of the picture's longer side/],
    ["fy", { fy: 501 }, 2, /fy within a quarter of fx/],
    ["cx", { cx: 320 }, 3, /cx must be 0 to width - 1/],
    ["k1", { k1: 3 }, 4, /k1, k2 must move no corner by over half/],
    ["nearest_mm", { nearest_mm: 9 }, 5, /nearest_mm must be 10 mm at least/],
    ["a", { a: [0, 0, 0, 1] as [number, number, number, number] }, 6, /a, b must give one phase/],
  ])("with an implausible %s is refused by name, with what is plausible", async (_, change, fault, message) => {
    const document = signed({ values: geometryBytes({ ...GEOMETRY, ...change }) });
    await expect(reader.device.setCalibration(document)).rejects.toMatchObject({
      code: "KAN-DEVICE-CALIBRATION-DOCUMENT",
      message: expect.stringMatching(message),
      detail: { reason: 7, fault },
    });
    // A later refusal for another reason says nothing of it.
    await expect(reader.device.setCalibration(new Uint8Array(20))).rejects.toMatchObject({ detail: { reason: 1 } });
    await expect(reader.device.setCalibration(new Uint8Array(20))).rejects.not.toHaveProperty("detail.fault");
  });

  it("that differs in any bit is refused", async () => {
    const whole = sign();
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length * 8 - 1), async (bit) => {
        const flipped = Uint8Array.from(whole);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        expect(await reason(flipped)).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  });
});

describe("a unit's name", () => {
  it("is counted in bytes, as the reader counts it", async () => {
    const longest = "計".repeat(21);
    expect(await reason(sign({ unit: longest }))).toBe(0);
    expect(await face(longest)).toMatchObject({ session: 1 });
    expect(() => sign({ unit: `${longest}計` })).toThrow(/unit: .*64 bytes/);
  });
});

describe("its values", () => {
  it("are the same on the way there and back, as f32", () => {
    expect(geometryOf(geometryBytes(GEOMETRY))).toEqual(GEOMETRY);
  });
});
