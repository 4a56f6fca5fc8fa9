// Policy documents on the host and in the image: the image takes what the host signs, refuses what the host refuses, names why, and
// keeps the policy in force; no signed or unsigned bytes make it trap.
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { encode, rfc8949EncodeOptions } from "cborg";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { coseSign, POLICY_DOCUMENT, rawKey } from "../../host/cose.ts";
import {
  DEVELOPMENT_AUTHORITY,
  DEVELOPMENT_KEY,
  DEVELOPMENT_POLICY,
  developmentPolicy,
} from "../../host/policy/development.ts";
import { encodePolicy, type Liveness, type Policy } from "../../host/policy/document.ts";
import { policyDigest, readPolicy, signPolicy } from "../../host/policy/sign.ts";
import { LIVENESS_TERMS } from "../../host/vocabulary.ts";
import { anyLiveness } from "../liveness-tables.ts";
import { buildImage, type Image, startImage } from "./image.ts";

const IRIS = 1;
const module = await buildImage();
let image: Image;
beforeEach(() => {
  image = startImage(module);
  expect(call("policyDefault")).toBe(0);
});

const call = (name: string, ...args: number[]) => (image.call[name] as (...a: number[]) => number)(...args);
const load = (document: Uint8Array) => call("policyLoad", image.put(document), document.length);
const digest = () => Buffer.from(image.get(call("policyDigest"), 32)).toString("hex");
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
/** A payload signed without the host's checks. */
const signed = (payload: unknown, key: KeyObject = DEVELOPMENT_KEY) =>
  coseSign(POLICY_DOCUMENT, encode(payload, rfc8949EncodeOptions), key);
const changed = (change: object) => ({ ...DEVELOPMENT_POLICY, ...change });
const iris = (change: object) =>
  changed({ modalities: { iris: { ...DEVELOPMENT_POLICY.modalities.iris, ...change } } });
const LIVENESS: Liveness = {
  calibration: new Uint8Array(32).fill(7),
  classes: { print: -2737, a234567890123456: 16_000 },
  terms: { gradient: { least: 3000, most: 4000 }, temporal: {}, frame: { least: -32_768 } },
  least_ms: 3000,
};
const live = (change: object) => iris({ liveness: { ...LIVENESS, ...change } });
const THIRTEEN = Object.fromEntries(Array.from({ length: 13 }, (_, i) => [`c${i}`, 1]));

/** Holds what the image has of a modality's liveness against the policy. */
function expectLiveness(m: number, { calibration, classes, terms, least_ms }: Liveness) {
  expect(hex(image.get(call("policyCalibration", m), 32))).toBe(hex(calibration));
  expect(call("policyLeastMs", m)).toBe(least_ms);
  const floors = Array.from({ length: call("policyClasses", m) }, (_, k) => {
    const bytes = Buffer.from(image.get(call("policyClass", m, k), 20));
    return [bytes.subarray(0, 16).toString().replace(/\0+$/, ""), bytes.readInt32LE(16)];
  });
  expect(Object.fromEntries(floors)).toEqual(classes);
  for (const [term, name] of LIVENESS_TERMS.entries()) {
    const limits = terms[name];
    expect((call("policyTerms", m) >> term) & 1).toBe(limits ? 1 : 0);
    const { least = -32_768, most = 32_767 } = limits ?? {};
    for (const value of limits ? [-32_768, least - 1, least, most, most + 1, 32_767] : [])
      expect(call("policyTermWithin", m, term, value)).toBe(value >= least && value <= most ? 1 : 0);
  }
}
const without = (key: string) =>
  Object.fromEntries(Object.entries(DEVELOPMENT_POLICY).filter(([name]) => name !== key));

/** The development policy with `tries` as 0x1805 instead of 0x05. */
function longTries(): Uint8Array {
  const payload = Buffer.from(encodePolicy(DEVELOPMENT_POLICY));
  const at = payload.indexOf("tries") + 5;
  return Buffer.concat([payload.subarray(0, at), Buffer.of(0x18), payload.subarray(at)]);
}

/** The development policy with `tries` again in the place of `issued`. */
function triesTwice(): Uint8Array {
  const payload = Buffer.from(encodePolicy(DEVELOPMENT_POLICY));
  const [tries, issued] = [payload.indexOf("etries"), payload.indexOf("fissued")];
  return Buffer.concat([
    payload.subarray(0, issued),
    payload.subarray(tries, tries + 7),
    payload.subarray(issued + 7 + 5),
  ]);
}

describe("the policy in force", () => {
  it("is the development policy from the start, value by value", () => {
    expect(digest()).toBe(hex(policyDigest(DEVELOPMENT_POLICY)));
    expect(call("policyDevelopment")).toBe(1);
    expect(call("policyTries")).toBe(DEVELOPMENT_POLICY.tries);
    expect(call("policyRetentionDays")).toBe(DEVELOPMENT_POLICY.retention_days);
    expect(call("policyRotationDays")).toBe(DEVELOPMENT_POLICY.rotation_days);
    expect([0, 1, 2, 3, 4, -1].map((m) => call("policyPermits", m))).toEqual([0, 1, 1, 1, 0, 0]);
    expect(call("policyThreshold", IRIS)).toBe(DEVELOPMENT_POLICY.modalities.iris?.threshold);
    expect(call("policyIdentifyThreshold", IRIS)).toBe(DEVELOPMENT_POLICY.modalities.iris?.identify_threshold);
    expect(call("policySamples", IRIS)).toBe(DEVELOPMENT_POLICY.modalities.iris?.samples);
    expect(call("policyJudges", IRIS)).toBe(0);
  });

  it("delays tries twice as long each, up to its longest", () => {
    const delays = [0, 1, 2, 3, 6, 7, 8, 40, 0xffffffff].map((failed) => call("policyDelay", failed) >>> 0);
    expect(delays).toEqual([0, 1000, 2000, 4000, 32000, 60000, 60000, 60000, 60000]);
  });

  it("gates quality by its minima; a measure that was not taken does not pass one", () => {
    load(
      signPolicy(iris({ quality: { overall: 20, sharpness: 30, usable_area: 40 } }) as Policy, DEVELOPMENT_KEY)
        .document,
    );
    const gate = (...values: number[]) =>
      call("policyQuality", IRIS, image.put(Uint8Array.from([...values, ...Array(12).fill(255)])));
    expect(gate(20, 40, 0, 30)).toBe(-1);
    expect(gate(19, 40, 0, 30)).toBe(0);
    expect(gate(20, 39, 0, 30)).toBe(1);
    expect(gate(20, 40, 0, 255)).toBe(3);
  });

  it("is replaced by a signed one with all modalities and floors", () => {
    const one = { threshold: 1, identify_threshold: 1_000_000, samples: 4, quality: {}, liveness: LIVENESS };
    const policy = changed({
      name: "all three",
      issued: DEVELOPMENT_POLICY.issued + 1,
      modalities: { palm: one, iris: one, face: one },
    });
    const { document } = signPolicy(policy as Policy, DEVELOPMENT_KEY);
    expect(load(document)).toBe(0);
    expect(digest()).toBe(hex(readPolicy(document, DEVELOPMENT_AUTHORITY).digest));
    for (const m of [1, 2, 3]) expectLiveness(m, LIVENESS);
    // An older one does not come back.
    expect(load(developmentPolicy().document)).toBe(9);
  });

  it("follows the authority it is provisioned with, and no other", () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    const own = signPolicy(changed({ authority: rawKey(privateKey) }) as Policy, privateKey).document;
    expect(load(own)).toBe(3);
    call("policyTrust", image.put(rawKey(privateKey), 4000));
    expect(load(own)).toBe(0);
    expect(load(developmentPolicy().document)).toBe(3);
  });
});

describe("a document that is refused", () => {
  const { document } = developmentPolicy();
  const cases: [reason: string, status: number, document: Uint8Array][] = [
    ["empty", 1, new Uint8Array(0)],
    ["too long", 1, new Uint8Array(2049)],
    ["not a COSE_Sign1", 2, new Uint8Array(300)],
    ["cut", 2, document.subarray(0, -1)],
    ["with something after it", 2, Uint8Array.from([...document, 0])],
    ["signed by someone else", 3, signed(DEVELOPMENT_POLICY, generateKeyPairSync("ed25519").privateKey)],
    ["of a later version", 5, signed(changed({ v: 2 }))],
    ["without a version", 4, signed(without("v"))],
    ["naming another authority", 8, signed(changed({ authority: new Uint8Array(32) }))],
    ["with a short authority", 4, signed(changed({ authority: new Uint8Array(31) }))],
    ["issued before", 9, signed(changed({ issued: DEVELOPMENT_POLICY.issued - 1 }))],
    ["with an unknown field", 6, signed(changed({ debug: true }))],
    ["with an unknown modality", 6, signed(changed({ modalities: { voice: DEVELOPMENT_POLICY.modalities.iris } }))],
    ["with an unknown limit", 6, signed(iris({ hurry: 1 }))],
    ["with an unknown measure", 6, signed(iris({ quality: { beauty: 1 } }))],
    ["not a map", 4, signed([1, 2])],
    [
      "with keys out of order",
      4,
      coseSign(POLICY_DOCUMENT, encode(DEVELOPMENT_POLICY, { mapSorter: () => 0 }), DEVELOPMENT_KEY),
    ],
    ["with a number in more bytes than it needs", 4, coseSign(POLICY_DOCUMENT, longTries(), DEVELOPMENT_KEY)],
    ["with a field given twice", 4, coseSign(POLICY_DOCUMENT, triesTwice(), DEVELOPMENT_KEY)],
    ["with a modality that is no map", 4, signed(changed({ modalities: { iris: 5 } }))],
    ["with text for a number", 4, signed(changed({ tries: "5" }))],
    ["with a number for a flag", 4, signed(changed({ development: 1 }))],
    ["with no tries", 7, signed(changed({ tries: 0 }))],
    ["with a negative number", 7, signed(changed({ tries: -1 }))],
    ["with a fraction", 4, signed(changed({ tries: 1.5 }))],
    ["with an empty name", 7, signed(changed({ name: "" }))],
    ["with a long name", 7, signed(changed({ name: "x".repeat(65) }))],
    ["with a name beyond ASCII", 7, signed(changed({ name: "門" }))],
    ["with a longest delay below the first", 7, signed(changed({ delay_max_ms: 999 }))],
    ["with an identify threshold below the other", 7, signed(iris({ identify_threshold: 619_999 }))],
    ["with a threshold of 0", 7, signed(iris({ threshold: 0 }))],
    ["with a quality above 100", 7, signed(iris({ quality: { overall: 101 } }))],
    ["with a floor beyond reason", 7, signed(live({ classes: { print: 16_001 } }))],
    ["with a floor in text", 4, signed(live({ classes: { print: "1" } }))],
    ["with a floor for no class", 7, signed(live({ classes: {} }))],
    ["with a class whose name is none", 7, signed(live({ classes: { "a b": 1 } }))],
    ["with a class whose name is too long", 7, signed(live({ classes: { a2345678901234567: 1 } }))],
    ["with more classes than there may be", 7, signed(live({ classes: THIRTEEN }))],
    ["with liveness that is no map", 4, signed(iris({ liveness: 1 }))],
    ["with a calibration id cut short", 4, signed(live({ calibration: new Uint8Array(31) }))],
    ["with a calibration id in text", 4, signed(live({ calibration: "00" }))],
    ["with a longer capture than there may be", 7, signed(live({ least_ms: 60_001 }))],
    ["with an unknown term", 6, signed(live({ terms: { beauty: {} } }))],
    ["with an unknown limit of a term", 6, signed(live({ terms: { frame: { mean: 1 } } }))],
    ["with a limit beyond 16 bits", 7, signed(live({ terms: { frame: { least: -32_769 } } }))],
    ["with a limit in text", 4, signed(live({ terms: { frame: { most: "1" } } }))],
    ["with an unknown field of liveness", 6, signed(live({ mean: 1 }))],
    ...Object.keys(LIVENESS).map((key): [string, number, Uint8Array] => [
      `with liveness without ${key}`,
      4,
      signed(iris({ liveness: Object.fromEntries(Object.entries(LIVENESS).filter(([name]) => name !== key)) })),
    ]),
    ["with a number for a permission", 4, signed(iris({ on_module: 1 }))],
    ["with a permission outside a modality", 6, signed(changed({ on_module: true }))],
    ...Object.keys(DEVELOPMENT_POLICY).map((key): [string, number, Uint8Array] => [
      `without ${key}`,
      4,
      signed(without(key)),
    ]),
  ];

  it.each(cases)("%s: status %i, and the policy in force stays", (_reason, status, refused) => {
    const before = digest();
    expect(load(refused)).toBe(status);
    expect(digest()).toBe(before);
    expect(call("policyThreshold", IRIS)).toBe(620_000);
    // Only a device has a policy in force that a document can be older than.
    if (status !== 9) expect(() => readPolicy(refused, DEVELOPMENT_AUTHORITY)).toThrow(/policy/);
  });

  it("has one bit changed, any bit", () => {
    for (let bit = 0; bit < document.length * 8; bit++) {
      const copy = Uint8Array.from(document);
      copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
      expect([2, 3]).toContain(load(copy));
    }
    expect(load(document)).toBe(0);
  });
});

describe("hostile bytes", () => {
  it("never trap, unsigned or signed, and are refused", () => {
    const payload = encodePolicy(DEVELOPMENT_POLICY);
    const mutated = fc
      .array(fc.tuple(fc.nat(payload.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
      .map((changes) => {
        const copy = Uint8Array.from(payload);
        for (const [at, value] of changes) copy[at] = value;
        return copy;
      });
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 400 }), mutated);
    fc.assert(
      fc.property(bytes, fc.boolean(), (hostile, sign) => {
        const status = load(sign ? coseSign(POLICY_DOCUMENT, hostile, DEVELOPMENT_KEY) : hostile);
        // What the image takes, the host takes too, and both read the same document.
        if (status === 0)
          expect(digest()).toBe(
            hex(readPolicy(coseSign(POLICY_DOCUMENT, hostile, DEVELOPMENT_KEY), DEVELOPMENT_AUTHORITY).digest),
          );
      }),
      { numRuns: 3000 },
    );
  });
});

describe("any policy that the host signs", () => {
  const modality = fc
    .record(
      {
        threshold: fc.integer({ min: 1, max: 1_000_000 }),
        samples: fc.integer({ min: 1, max: 4 }),
        quality: fc.record(
          { overall: fc.nat(100), sharpness: fc.nat(100), centring: fc.nat(100) },
          { requiredKeys: [] },
        ),
        liveness: anyLiveness,
        on_module: fc.boolean(),
      },
      { requiredKeys: ["threshold", "samples", "quality"] },
    )
    .map((m) => ({ ...m, identify_threshold: Math.min(1_000_000, m.threshold + 1000) }));
  const policies = fc.record({
    tries: fc.integer({ min: 1, max: 100 }),
    delay_ms: fc.nat(3_600_000),
    retention_days: fc.integer({ min: 1, max: 3650 }),
    rotation_days: fc.integer({ min: 1, max: 3650 }),
    name: fc.string({ minLength: 1, maxLength: 64, unit: "grapheme-ascii" }),
    modalities: fc.record({ palm: modality, iris: modality, face: modality }, { requiredKeys: [] }),
  });

  it("is taken by the image, with the same digest and values", () => {
    fc.assert(
      fc.property(policies, (values) => {
        const policy = changed({ ...values, delay_max_ms: 3_600_000 }) as Policy;
        const { document, digest: expected } = signPolicy(policy, DEVELOPMENT_KEY);
        expect(load(document)).toBe(0);
        expect(digest()).toBe(hex(expected));
        expect(call("policyTries")).toBe(policy.tries);
        for (const [i, name] of (["iris", "palm", "face"] as const).entries()) {
          const limits = policy.modalities[name];
          expect(call("policyPermits", i + 1)).toBe(limits ? 1 : 0);
          if (!limits) continue;
          expect(call("policyThreshold", i + 1)).toBe(limits.threshold);
          expect(call("policyJudges", i + 1)).toBe(limits.liveness ? 1 : 0);
          if (limits.liveness) expectLiveness(i + 1, limits.liveness);
        }
      }),
    );
  });
});
