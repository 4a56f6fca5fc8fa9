// Liveness on a reader: its calibration set, kept, refused and named; sessions judged by it, and refused where anything is wanting.
import { generateKeyPairSync } from "node:crypto";
import { encode, rfc8949EncodeOptions } from "cborg";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodeRecord, type PecRecord } from "../host/audit/record.ts";
import { coseSign, LIVENESS_DOCUMENT } from "../host/cose.ts";
import { loadImage } from "../host/evaluate/image.ts";
import { Lab } from "../host/evaluate/lab.ts";
import { readLiveness, signLiveness } from "../host/liveness/document.ts";
import { encodeTables } from "../host/liveness/encoding.ts";
import { LivenessLab, measuredBytes, measuredOf } from "../host/liveness/lab.ts";
import type { Tables } from "../host/liveness/tables.ts";
import {
  DEVELOPMENT_AUTHORITY,
  DEVELOPMENT_KEY,
  DEVELOPMENT_POLICY,
  developmentPolicy,
} from "../host/policy/development.ts";
import type { Liveness } from "../host/policy/document.ts";
import { signPolicy } from "../host/policy/sign.ts";
import { anyMeasured, TABLES } from "./liveness-tables.ts";
import { ask, eye, HEIGHT, session, startReader, type TestReader, WIDTH } from "./reader.ts";

const ISSUED = 1_790_000_000;
const sign = (tables: Tables = TABLES, issued = ISSUED) =>
  signLiveness({ name: "simulated eyes", tables }, DEVELOPMENT_KEY, issued);
/** A payload signed without the host's checks. */
const PAYLOAD = { v: 1, name: "simulated eyes", issued: ISSUED, authority: DEVELOPMENT_AUTHORITY };
const signed = (payload: object) => coseSign(LIVENESS_DOCUMENT, encode(payload, rfc8949EncodeOptions), DEVELOPMENT_KEY);
/** The encoded map with blocks of bytes. */
const blocks = {
  modality: "iris",
  staged: true,
  states: 0,
  error: 0,
  terms: { gradient: shorts(3000, 4000, 3400) },
  classes: { print: Buffer.concat([Buffer.from("1000000000000000", "hex"), shorts(256, -700, 700)]) },
};
const withBlocks = (change: object) => signed({ ...PAYLOAD, tables: { ...blocks, ...change } });

function shorts(...values: number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt16LE(value & 0xffff, 2 * i);
  return bytes;
}

let reader: TestReader;
let micros = 0n;
beforeEach(async () => {
  micros = 1_000_000n;
  reader = await startReader(undefined, undefined, { micros: () => micros });
});
afterEach(() => reader.close());

const reason = (document: Uint8Array) =>
  reader.device.setLiveness(document).then(
    () => 0,
    (error: { rc?: number; detail: { reason?: number } }) => (error.rc === 21 ? error.detail.reason : error),
  );
let issued = DEVELOPMENT_POLICY.issued;
/** Puts a policy in force that judges irises so. */
async function judgeBy(liveness: Partial<Liveness>): Promise<void> {
  const whole: Liveness = { calibration: sign().id, classes: { print: 0 }, terms: {}, least_ms: 0, ...liveness };
  const iris = { ...(DEVELOPMENT_POLICY.modalities.iris as object), liveness: whole } as never;
  const policy = { ...DEVELOPMENT_POLICY, issued: ++issued, modalities: { iris } };
  await reader.device.setPolicy(signPolicy(policy, DEVELOPMENT_KEY).document);
}
async function lastRecord(): Promise<PecRecord> {
  const { log } = await reader.device.info();
  return decodeRecord((await reader.device.readLog(log.size - 1)).entries[0] as Uint8Array);
}
const verify = (presentation: number) => session(reader.device, "verify", "ann", [eye(1, presentation)]);

describe("a liveness calibration", () => {
  it("is set with a record, read back with its id, and kept over a restart, a rotation and another policy", async () => {
    const none = await reader.device.liveness("iris");
    expect([none.document.length, Buffer.from(none.id).equals(Buffer.alloc(32))]).toEqual([0, true]);
    const calibration = sign();
    const { id, record } = await reader.device.setLiveness(calibration.document);
    expect(Buffer.from(id)).toEqual(Buffer.from(calibration.id));
    expect(await lastRecord()).toMatchObject({ index: record, purpose: "calibrate", decision: "set" });
    await reader.device.rotate();
    await judgeBy({});
    reader.board.reboot();
    const kept = await reader.device.liveness("iris");
    expect(Buffer.from(kept.id)).toEqual(Buffer.from(calibration.id));
    expect(readLiveness(kept.document, DEVELOPMENT_AUTHORITY).tables).toEqual(TABLES);
    expect((await reader.device.liveness("palm")).document).toHaveLength(0);
    expect(await session(reader.device, "enroll", "ann", [eye(1)])).toMatchObject({ decision: "enrolled" });
  });

  it("of another modality stands beside it; an older one does not replace it", async () => {
    expect(await reason(sign().document)).toBe(0);
    expect(await reason(sign({ ...TABLES, modality: "palm" }, ISSUED - 9).document)).toBe(0);
    expect(await reason(sign(TABLES, ISSUED - 1).document)).toBe(6);
    expect(await reason(sign(TABLES, ISSUED).document)).toBe(0);
    expect((await reader.device.liveness("palm")).document.length).toBeGreaterThan(0);
    expect(await ask(reader.board, 64, 13, { modality: "none" }, false)).toEqual({ err: { group: 64, rc: 1 } });
    expect(await ask(reader.board, 64, 13, { document: "x" })).toEqual({ err: { group: 64, rc: 1 } });
  });

  const stranger = generateKeyPairSync("ed25519").privateKey;
  it.each([
    ["empty", 1, new Uint8Array(0)],
    ["too long", 1, new Uint8Array(3841)],
    ["a policy", 2, developmentPolicy().document],
    ["signed by a stranger", 3, signLiveness({ name: "x", tables: TABLES }, stranger, ISSUED).document],
    ["with a field too many", 4, signed({ ...PAYLOAD, tables: blocks, more: 1 })],
    ["of another version", 4, signed({ ...PAYLOAD, v: 2, tables: blocks })],
    ["without a name", 4, signed({ ...PAYLOAD, name: "", tables: blocks })],
    ["without tables", 4, signed({ ...PAYLOAD, tables: 1 })],
    ["with a field too many in its tables", 4, withBlocks({ more: 1 })],
    ["of no modality", 4, withBlocks({ modality: "none" })],
    ["staged or not, who knows", 4, withBlocks({ staged: 1 })],
    ["for another authority", 5, signed({ ...PAYLOAD, authority: new Uint8Array(32), tables: blocks })],
    ["with a term that is not measured here", 7, withBlocks({ terms: { beauty: shorts(3000, 4000, 3400) } })],
    ["without a term", 7, withBlocks({ terms: {}, classes: { print: Buffer.from("1000000000000000", "hex") } })],
    ["without a class", 7, withBlocks({ classes: {} })],
    ["with a guard the wrong way round", 7, withBlocks({ terms: { gradient: shorts(4000, 3000, 3400) } })],
    ["with edges that do not ascend", 7, withBlocks({ terms: { gradient: shorts(3000, 4000, 3400, 3400) } })],
    ["with a term of half a value more", 7, withBlocks({ terms: { gradient: Buffer.alloc(7) } })],
    ["with a class cut short", 7, withBlocks({ classes: { print: Buffer.from("100000000000000000010000", "hex") } })],
    ["with two attack presentations", 7, withClass("0200000000000000", 256, 0, 0)],
    ["with an offset out of range", 7, withClass("10000000813e0000", 256, 0, 0)],
    ["with a flag that is not known", 7, withClass("1000000000000200", 256, 0, 0)],
    ["with a weight over 1", 7, withClass("1000000000000000", 257, 0, 0)],
    ["with evidence out of range", 7, withClass("1000000000000000", 256, -4001, 0)],
    ["with a challenge of one state", 7, withBlocks({ states: 1, error: 1 })],
    ["with a challenge that nobody fails", 7, withBlocks({ states: 8 })],
    ["with a class whose name is none", 7, withBlocks({ classes: { Print: blocks.classes.print } })],
  ])("%s is refused, and the one before stays", async (_, why, document) => {
    await reader.device.setLiveness(sign().document);
    expect(await reason(document)).toBe(why);
    expect(readLiveness((await reader.device.liveness("iris")).document).tables).toEqual(TABLES);
    // The host refuses the same, but for what only a device knows.
    if (why > 1) expect(() => readLiveness(document, DEVELOPMENT_AUTHORITY)).toThrow(/liveness/);
  });

  function withClass(head: string, weight: number, ...evidence: number[]): Uint8Array {
    return withBlocks({ classes: { print: Buffer.concat([Buffer.from(head, "hex"), shorts(weight, ...evidence)]) } });
  }

  it("of the smallest kind is taken, and any bit of it changed is not", async () => {
    const whole = withBlocks({});
    expect(await reason(whole)).toBe(0);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length * 8 - 1), async (bit) => {
        const flipped = Uint8Array.from(whole);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        expect(await reason(flipped)).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  });

  it("that is signed but changed anywhere is taken by the reader only where the host takes it", async () => {
    const payload = Buffer.from(encode({ ...PAYLOAD, tables: blocks }, rfc8949EncodeOptions));
    await fc.assert(
      fc.asyncProperty(fc.nat(payload.length - 1), fc.nat(255), async (at, value) => {
        const changed = Uint8Array.from(payload);
        changed[at] = value;
        const document = coseSign(LIVENESS_DOCUMENT, changed, DEVELOPMENT_KEY);
        const why = await reason(document);
        let read: unknown;
        try {
          read = readLiveness(document, DEVELOPMENT_AUTHORITY);
        } catch (error) {
          expect(error).toMatchObject({ code: "KAN-LIVENESS-INVALID" });
        }
        // The reader alone knows what it has: an older one, 6.
        if (why !== 6) expect(read !== undefined).toBe(why === 0);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("what is measured", () => {
  it("comes back from its bytes as it was", () => {
    fc.assert(
      fc.property(anyMeasured, (measured) => {
        expect(measuredOf(measuredBytes(measured))).toEqual(measured);
      }),
    );
  });

  it("of a frame in the lab is what a session records of it, and nothing where nothing was found", async () => {
    const lab = new Lab(loadImage().module, 1);
    expect(lab.extract(eye(1, 2), WIDTH, HEIGHT)).toBe(0);
    const { terms } = lab.measured();
    await session(reader.device, "enroll", "ann", [eye(1, 2)]);
    expect((await lastRecord()).liveness?.terms).toEqual(terms);
    expect(Object.keys(terms)).toEqual(["gradient"]);
    lab.extract(new Uint8Array(WIDTH * HEIGHT), WIDTH, HEIGHT);
    expect(lab.measured().terms).toEqual({});
  });
});

describe("a session whose policy judges liveness", () => {
  beforeEach(async () => void (await session(reader.device, "enroll", "ann", [eye(1)])));

  it("is recorded as not judged, with its terms, where the policy does not", async () => {
    await verify(2);
    const { liveness } = await lastRecord();
    expect(liveness).toMatchObject({ score: null, floor: null });
    expect(Object.keys(liveness?.terms ?? {})).toEqual(["gradient"]);
  });

  it("is accepted at the floor and refused above it, by the evidence that the lab gives, and each refusal is a failed try", async () => {
    const calibration = sign();
    await reader.device.setLiveness(calibration.document);
    await judgeBy({ classes: { print: -16_000 } });
    expect(await verify(2)).toMatchObject({ decision: "accept" });
    const { terms, score, floor } = (await lastRecord()).liveness as NonNullable<PecRecord["liveness"]>;
    const [print, replay] = new LivenessLab(loadImage().module).evidence(encodeTables(TABLES), { terms }) as [
      number,
      number,
    ];
    expect([score, floor]).toEqual([print, -16_000]);
    // The class that comes nearest to its floor is told.
    await judgeBy({ classes: { print: print - 5, replay: replay - 4 } });
    expect(await verify(2)).toMatchObject({ decision: "accept" });
    expect((await lastRecord()).liveness).toEqual({ score: replay, floor: replay - 4, terms });
    await judgeBy({ classes: { print, replay: replay + 1 } });
    expect(await verify(2)).toMatchObject({ decision: "refused", reason: "not_live", band: "none" });
    expect(await lastRecord()).toMatchObject({ tries: 1, liveness: { score: replay, floor: replay + 1, terms } });
    await expect(verify(2)).rejects.toMatchObject({ code: "KAN-DEVICE-WAIT" });
    micros += 10_000_000n;
    await verify(2);
    expect(await lastRecord()).toMatchObject({ tries: 2, reason: "not_live" });
    micros += 10_000_000n;
    await judgeBy({ classes: { print } });
    expect(await verify(2)).toMatchObject({ decision: "accept" });
    // Enrolment and search are judged too.
    await judgeBy({ classes: { print: 16_000 } });
    expect(await session(reader.device, "identify", undefined, [eye(1, 2)])).toMatchObject({ reason: "not_live" });
    expect(await lastRecord()).toMatchObject({ tries: 1 });
    micros += 10_000_000n;
    expect(await session(reader.device, "enroll", "bob", [eye(2)])).toMatchObject({ reason: "not_live" });
    expect((await lastRecord()).tries).toBeUndefined();
  });

  it("is refused without the calibration that the policy names, or a class of it", async () => {
    const refused = { decision: "refused", reason: "not_calibrated" };
    await judgeBy({ classes: { print: -16_000 } });
    expect(await verify(2)).toMatchObject(refused);
    expect((await lastRecord()).liveness).toMatchObject({ score: null, floor: null });
    await reader.device.setLiveness(sign({ ...TABLES, staged: false }).document);
    expect(await verify(2)).toMatchObject(refused);
    await reader.device.setLiveness(sign({ ...TABLES, modality: "palm" }).document);
    expect(await verify(2)).toMatchObject(refused);
    await reader.device.setLiveness(sign().document);
    expect(await verify(2)).toMatchObject({ decision: "accept" });
    await judgeBy({ classes: { print: -16_000, mask: -16_000 } });
    expect(await verify(2)).toMatchObject(refused);
    await judgeBy({ classes: { print: -16_000, prin: -16_000 } });
    expect(await verify(2)).toMatchObject(refused);
  });

  it("is refused without a required term, outside of a raw limit, or in too short a time", async () => {
    await reader.device.setLiveness(sign().document);
    const classes = { print: -16_000 };
    await judgeBy({ classes, terms: { temporal: {} } });
    expect(await verify(2)).toMatchObject({ decision: "refused", reason: "term_missing" });
    expect((await lastRecord()).tries).toBeUndefined();
    await judgeBy({ classes, terms: { gradient: { least: 1 } } });
    expect(await verify(2)).toMatchObject({ decision: "accept" });
    await judgeBy({ classes, terms: { gradient: { most: 1 } } });
    expect(await verify(2)).toMatchObject({ decision: "refused", reason: "not_live" });
    micros += 10_000_000n;
    await judgeBy({ classes, least_ms: 1 });
    expect(await verify(2)).toMatchObject({ decision: "refused", reason: "too_short" });
  });

  it("is judged by every sample that would be kept", async () => {
    await reader.device.setLiveness(sign().document);
    await judgeBy({ classes: { print: -16_000 } });
    const values: number[] = [];
    for (const presentation of [2, 3, 4]) {
      await verify(presentation);
      values.push((await lastRecord()).liveness?.terms["gradient"] as number);
    }
    const least = Math.min(...values);
    await judgeBy({ classes: { print: -16_000 }, terms: { gradient: { least: least + 1 } } });
    const frames = [2, 3, 4].map((presentation) => eye(1, presentation));
    expect(await session(reader.device, "enroll", "bob", frames)).toMatchObject({ reason: "not_live" });
    await judgeBy({ classes: { print: -16_000 }, terms: { gradient: { least } } });
    expect(await session(reader.device, "enroll", "bob", frames)).toMatchObject({ decision: "enrolled" });
  });
});
