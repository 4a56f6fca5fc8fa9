// Identification takes short cuts (heads that are not checked, a coarse look before a comparison): it must still decide what comparing
// with every sample of every reference decides.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadImage } from "../host/evaluate/image.ts";
import { Lab } from "../host/evaluate/lab.ts";
import { DEVELOPMENT_KEY, DEVELOPMENT_POLICY } from "../host/policy/development.ts";
import { signPolicy } from "../host/policy/sign.ts";
import { MemoryFlash } from "../host/simulator/flash.ts";
import { temporaryKeys } from "../host/simulator/keys.ts";
import { eye, HEIGHT, session, startReader, type TestReader, WIDTH } from "./reader.ts";

const PEOPLE = 5;
const IRIS = 1;
const lab = new Lab(loadImage().module, IRIS);

let now = 1_800_000_000;
let micros = 0n;
let reader: TestReader;

beforeEach(async () => {
  reader = await startReader(new MemoryFlash(), temporaryKeys(), { micros: () => (micros += 50n), clock: () => now++ });
});
afterEach(() => reader.close());

/** A frame and its template, made once: drawing eyes takes most of this test's time. */
const made = new Map<string, { frame: Uint8Array; template: Uint8Array }>();
function sample(person: number, presentation: number): { frame: Uint8Array; template: Uint8Array } {
  const known = made.get(`${person}/${presentation}`);
  if (known) return known;
  const frame = eye(person, presentation);
  expect(lab.extract(frame, WIDTH, HEIGHT)).toBe(0);
  const one = { frame, template: lab.template(0).slice() };
  made.set(`${person}/${presentation}`, one);
  return one;
}

function score(probe: Uint8Array, reference: Uint8Array): number {
  lab.template(1).set(probe);
  lab.template(2).set(reference);
  return lab.compare(1, 2);
}

/** The user whose samples hold the best score, and that score. */
function exhaustive(probe: Uint8Array, references: readonly Uint8Array[][]): { user: string; best: number } {
  const scores = references.map((samples) => Math.max(...samples.map((sample) => score(probe, sample))));
  const best = Math.max(...scores);
  return { user: `user ${scores.indexOf(best)}`, best };
}

describe("identification decides as an exhaustive search", () => {
  it.each([
    ["the development policy", 640_000],
    ["a threshold amid the scores of different eyes", 572_000],
  ])("under %s", async (_name, identify_threshold) => {
    const iris = { ...DEVELOPMENT_POLICY.modalities.iris!, identify_threshold, threshold: 560_000 };
    const policy = { ...DEVELOPMENT_POLICY, name: "exhaustive", issued: now, modalities: { iris } };
    await reader.device.setPolicy(signPolicy(policy, DEVELOPMENT_KEY).document);
    const references: Uint8Array[][] = [];
    for (let person = 0; person < PEOPLE; person++) {
      const samples = [0, 1].map((presentation) => sample(person, presentation));
      const frames = samples.map(({ frame }) => frame);
      expect(await session(reader.device, "enroll", `user ${person}`, frames)).toMatchObject({ decision: "enrolled" });
      references.push(samples.map(({ template }) => template));
    }
    let accepted = 0;
    for (let person = 0; person < 2 * PEOPLE; person++) {
      micros += 100_000_000n; // whatever delay a failed search earned
      const { frame, template } = sample(person, 2);
      const { user, best } = exhaustive(template, references);
      const answer = await session(reader.device, "identify", undefined, [frame]);
      if (best >= identify_threshold) expect(answer).toMatchObject({ decision: "accept", user });
      else expect(answer).toMatchObject({ decision: "reject", reason: "no_match" });
      if (best >= identify_threshold) accepted++;
    }
    expect(accepted).toBeGreaterThanOrEqual(PEOPLE);
    expect(accepted).toBeLessThan(2 * PEOPLE);
  });
});
