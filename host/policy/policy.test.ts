// Policy documents on the host: errors that name fields, signing, reading, showing; and the policy baked into the image is this one.
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { encode } from "cborg";
import { describe, expect, it } from "vitest";
import { coseSign, POLICY_DOCUMENT, rawKey } from "../cose.ts";
import { BAKED, bakedSource } from "./bake.ts";
import { DEVELOPMENT_AUTHORITY, DEVELOPMENT_POLICY, developmentPolicy } from "./development.ts";
import { checkPolicy, decodePolicy, encodePolicy, type Policy } from "./document.ts";
import { diffPolicies, renderPolicy } from "./show.ts";
import { policyDigest, readPolicy, signPolicy } from "./sign.ts";

const changed = (change: object): Policy => ({ ...DEVELOPMENT_POLICY, ...change }) as Policy;
const iris = (change: object): Policy =>
  changed({
    modalities: { ...DEVELOPMENT_POLICY.modalities, iris: { ...DEVELOPMENT_POLICY.modalities.iris, ...change } },
  });

const LIVENESS = { calibration: new Uint8Array(32), classes: { print: 0 }, terms: { gradient: {} }, least_ms: 0 };
const live = (change: object): Policy => iris({ liveness: { ...LIVENESS, ...change } });

describe("a policy in error", () => {
  it.each<[field: string, policy: unknown]>([
    ["tries", changed({ tries: 0 })],
    ["retention_days", changed({ retention_days: 1.5 })],
    ["authority", changed({ authority: new Uint8Array(31) })],
    ["name", changed({ name: "a\nb" })],
    ["delay_max_ms", changed({ delay_max_ms: 1 })],
    ["modalities.iris.threshold", iris({ threshold: 2_000_000, identify_threshold: 1_000_000 })],
    ["modalities.iris.identify_threshold", iris({ identify_threshold: 1 })],
    ["modalities.iris.quality.overall", iris({ quality: { overall: 101 } })],
    ["modalities.iris.quality", iris({ quality: { beauty: 1 } })],
    ["modalities.iris.liveness.classes.print", live({ classes: { print: -20_000 } })],
    ["modalities.iris.liveness.classes", live({ classes: {} })],
    ["modalities.iris.liveness.classes.Print", live({ classes: { Print: 0 } })],
    ["modalities.iris.liveness.calibration", live({ calibration: new Uint8Array(31) })],
    ["modalities.iris.liveness.terms", live({ terms: { beauty: {} } })],
    ["modalities.iris.liveness.least_ms", live({ least_ms: -1 })],
    ["modalities.iris.on_module", iris({ on_module: 1 })],
    ["document", changed({ debug: true })],
    ["document", 5],
  ])("is told by its field: %s", (field, policy) => {
    expect(() => checkPolicy(policy)).toThrow(
      expect.objectContaining({ code: "KAN-POLICY-INVALID", message: expect.stringContaining(`${field}: `) }),
    );
  });
});

describe("a signed policy", () => {
  const signed = developmentPolicy();

  it("comes back as it was, with the digest of its payload", () => {
    const read = readPolicy(signed.document, DEVELOPMENT_AUTHORITY);
    expect(read.policy).toEqual(DEVELOPMENT_POLICY);
    expect(read.digest).toEqual(policyDigest(DEVELOPMENT_POLICY));
    expect(decodePolicy(encodePolicy(DEVELOPMENT_POLICY))).toEqual(DEVELOPMENT_POLICY);
    // An optional field given as undefined is a field left out.
    expect(encodePolicy(iris({ liveness: undefined }))).toEqual(encodePolicy(DEVELOPMENT_POLICY));
  });

  it("is refused under another authority, changed, or naming another than its signer", () => {
    const { privateKey } = generateKeyPairSync("ed25519");
    expect(() => readPolicy(signed.document, rawKey(privateKey))).toThrow(
      expect.objectContaining({ code: "KAN-POLICY-SIGNATURE" }),
    );
    expect(() => signPolicy(DEVELOPMENT_POLICY, privateKey)).toThrow(/authority: is not the key that signs/);
    const stolen = coseSign(POLICY_DOCUMENT, encodePolicy(DEVELOPMENT_POLICY), privateKey);
    expect(() => readPolicy(stolen)).toThrow(expect.objectContaining({ code: "KAN-POLICY-SIGNATURE" }));
    expect(() => readPolicy(stolen, rawKey(privateKey))).toThrow(/authority/);
    expect(() => readPolicy(signed.document.subarray(1))).toThrow(expect.objectContaining({ code: "KAN-POLICY-FORM" }));
    expect(() => readPolicy(encode({ v: 1 }))).toThrow(expect.objectContaining({ code: "KAN-POLICY-FORM" }));
  });

  it("is the one that the image was built with (node build/js/host/policy/bake.js renews it)", () => {
    expect(readFileSync(join(import.meta.dirname, "../..", BAKED), "utf8")).toBe(bakedSource());
  });

  it("says that it is for development", () => {
    expect(renderPolicy(signed)).toMatch(/^policy [0-9a-f]{64}\nFor development only/);
    expect(renderPolicy(signed)).toMatch(/^modalities\.iris\.threshold +620000$/m);
  });
});

describe("the difference of two policies", () => {
  it("compares liveness limit by limit under one calibration, and not at all under two", () => {
    const after = live({ classes: { print: 5, screen: 1 }, terms: { frame: { most: 9 } } });
    const effects = (two: Policy) =>
      Object.fromEntries(diffPolicies(live({}), two).map(({ path, effect }) => [path.slice(25), effect]));
    expect(effects(after)).toEqual({
      "classes.print": "stricter",
      "classes.screen": "stricter",
      "terms.gradient": "looser",
      "terms.frame.most": "stricter",
    });
    expect(effects(live({ calibration: new Uint8Array(32).fill(1), classes: { print: -5 } }))).toEqual({
      calibration: "neutral",
      "classes.print": "neutral",
    });
    // A term that gets a limit stays required.
    expect(effects(live({ terms: { gradient: { least: 1 } } }))).toEqual({
      "terms.gradient": "neutral",
      "terms.gradient.least": "stricter",
    });
    expect(diffPolicies(live({}), DEVELOPMENT_POLICY).every(({ effect }) => effect === "looser")).toBe(true);
  });

  it("names each field and whether it became stricter", () => {
    const after = {
      ...iris({ threshold: 680_000, quality: { overall: 10, sharpness: 30 }, liveness: LIVENESS, on_module: true }),
      tries: 3,
      retention_days: 400,
      name: "operator",
    };
    const effects = diffPolicies(DEVELOPMENT_POLICY, after).map(({ path, effect }) => [path, effect]);
    expect(Object.fromEntries(effects)).toEqual({
      name: "neutral",
      tries: "stricter",
      retention_days: "looser",
      "modalities.iris.threshold": "stricter",
      "modalities.iris.quality.overall": "looser",
      "modalities.iris.quality.usable_area": "looser",
      "modalities.iris.quality.sharpness": "stricter",
      "modalities.iris.liveness.calibration": "stricter",
      "modalities.iris.liveness.classes.print": "stricter",
      "modalities.iris.liveness.least_ms": "stricter",
      "modalities.iris.liveness.terms.gradient": "stricter",
      "modalities.iris.on_module": "looser",
    });
    expect(diffPolicies(DEVELOPMENT_POLICY, changed({ modalities: {} })).every((c) => c.effect === "stricter")).toBe(
      true,
    );
    expect(diffPolicies(changed({ modalities: {} }), DEVELOPMENT_POLICY).every((c) => c.effect === "looser")).toBe(
      true,
    );
    // Not permitted, said or unsaid, is the same.
    expect(diffPolicies(DEVELOPMENT_POLICY, iris({ on_module: false }))[0]).toMatchObject({ effect: "neutral" });
    expect(diffPolicies(iris({ on_module: true }), DEVELOPMENT_POLICY)[0]).toMatchObject({ effect: "stricter" });
    expect(diffPolicies(DEVELOPMENT_POLICY, DEVELOPMENT_POLICY)).toEqual([]);
  });
});
