// Simulated persons before the shipped image: frames come from the simulated module over its line, templates and scores from the
// image, the threshold from the policy that ships. So the simulator's people are told apart as real ones are, in every frame size.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Subject } from "../hal/sim/iris.ts";
import { openSimulatedIris, type SimulatedIris } from "../hal/sim/simulated-iris.ts";
import { loadImage } from "../host/evaluate/image.ts";
import { Lab } from "../host/evaluate/lab.ts";
import { MODALITIES } from "../host/evaluate/modality.ts";
import { DEVELOPMENT_POLICY } from "../host/policy/development.ts";
import { REASONS } from "../host/vocabulary.ts";

const THRESHOLD = DEVELOPMENT_POLICY.modalities.iris?.threshold as number;
const lab = new Lab(loadImage().module, MODALITIES.iris.id);
let iris: SimulatedIris;

beforeAll(async () => {
  iris = await openSimulatedIris();
});
afterAll(() => iris.close());

/** Captures one frame of a subject and extracts from it: the reason, and the template if that is 0. */
async function present(subject: Subject): Promise<{ reason: number | undefined; template: Uint8Array }> {
  iris.camera.present(subject);
  for await (const frame of iris.sensor.capture({ frames: 1 })) {
    const reason = lab.extract(frame.data, frame.width, frame.height);
    frame.release();
    return { reason, template: lab.template(0).slice() };
  }
  throw new Error("no frame");
}

function score(a: Uint8Array, b: Uint8Array): number {
  lab.template(1).set(a);
  lab.template(2).set(b);
  return lab.compare(1, 2);
}

describe.each([
  [640, 480, 6, 3],
  [320, 240, 12, 4],
  [160, 120, 6, 3],
])("%i x %i", (width, height, count, times) => {
  // The module is given two seconds for an answer, which a busy machine may need to draw an eye.
  test(`${count} persons, ${times} presentations each: all are found, none is taken for another`, {
    retry: 2,
  }, async () => {
    await iris.sensor.configure({ width, height });
    const persons: Uint8Array[][] = [];
    for (let person = 0; person < count; person++) {
      const templates: Uint8Array[] = [];
      for (let presentation = 0; presentation < times; presentation++) {
        const made = await present({ person: 500 + person, side: person % 2 ? "left" : "right", presentation });
        expect(made.reason, `person ${person}, presentation ${presentation}`).toBe(0);
        templates.push(made.template);
      }
      persons.push(templates);
    }
    const genuine: number[] = [];
    const impostor: number[] = [];
    const all = persons.flatMap((templates, person) => templates.map((template) => ({ person, template })));
    for (const [i, probe] of all.entries()) {
      for (const reference of all.slice(0, i)) {
        (probe.person === reference.person ? genuine : impostor).push(score(probe.template, reference.template));
      }
    }
    expect(genuine).toHaveLength((count * times * (times - 1)) / 2);
    expect(Math.min(...genuine)).toBeGreaterThan(THRESHOLD);
    expect(Math.max(...impostor)).toBeLessThan(THRESHOLD);
  });
});

test("the two eyes of one person are two identities", async () => {
  await iris.sensor.configure({ width: 320, height: 240 });
  const right = await present({ person: 900, side: "right" });
  const left = await present({ person: 900, side: "left" });
  expect(score(right.template, left.template)).toBeLessThan(THRESHOLD);
});

describe("captures that show no iris", () => {
  test.each(["closed", "absent", "bright"] as const)("%s: no template, and the reason is named", async (flaw) => {
    await iris.sensor.configure({ width: 320, height: 240 });
    for (let person = 0; person < 12; person++) {
      const { reason } = await present({ person: 700 + person, presentation: person, flaw });
      expect(REASONS[reason as number], `person ${person}`).toMatch(/^(not_found|eye_closed|low_contrast)$/);
    }
  });
});
