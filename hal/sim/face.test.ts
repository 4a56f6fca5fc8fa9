// The simulated face: the same seeds give the same pictures, other seeds others; depth decoded from its stacks is the true depth within
// what the sensor's noise allows; persons differ by millimetres, expressions where a face moves; every flaw shows.
import { describe, expect, test } from "vitest";
import { PHASE_GRAY, PHASE_SHIFT, patternsOf } from "../face/patterns.ts";
import { encodeRows } from "../protocol/rows.ts";
import { decodeFringes, triangulate } from "../testing/decode-fringes.ts";
import { FLAWS } from "./face/presentation.ts";
import {
  calibrationBlock,
  type Flaw,
  makePresentation,
  makeScene,
  makeUnit,
  NEUTRAL,
  type Presentation,
  personOf,
  takeStack,
} from "./face/render.ts";
import { SimulatedFaceCamera } from "./face.ts";

const unit = makeUnit("SIM-FACE-0001");
const { width, height } = unit;
const DEGREES = Math.PI / 180;

/** A head at rest, straight before the module. */
const STILL: Presentation = {
  ...makePresentation(1),
  expression: NEUTRAL,
  yaw: 0,
  pitch: 0,
  roll: 0,
  x: 0,
  y: 10,
  z: 400,
  speed: [0, 0, 0],
  turning: 0,
  exposure: 1,
};

const depthOf = (person: number, as: Partial<Presentation> = {}): Float32Array =>
  makeScene(unit, personOf(person), { ...STILL, ...as }).depth();

/** Root mean square of the difference of two depth maps where both show the head, in a window about the nose's tip in pixels (mm at 400). */
function difference(a: Float32Array, b: Float32Array, [x0, x1]: number[], [up, down]: number[]): number {
  const differences: number[] = [];
  for (let y = 130 - up!; y < 130 - down!; y++)
    for (let x = 160 + x0!; x < 160 + x1!; x++) {
      const i = y * width + x;
      if (a[i]! < 700 && b[i]! < 700) differences.push(a[i]! - b[i]!);
    }
  expect(differences.length).toBeGreaterThan(100);
  return Math.sqrt(differences.reduce((sum, d) => sum + d * d, 0) / differences.length);
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] as number;
}

describe("depth decoded from a stack", () => {
  test.each([
    ["straight", {}],
    ["turned by 15 degrees and nodding", { yaw: 15 * DEGREES, pitch: -8 * DEGREES }],
    ["nearer, with glasses", { z: 350, glasses: true }],
    ["turned by 30 degrees", { yaw: -30 * DEGREES }],
  ])("is the true depth within the noise's limit: %s", (_name, as) => {
    for (const [stack, periods] of [
      [PHASE_SHIFT, 64],
      [PHASE_GRAY, 32],
    ] as const) {
      const p = { ...STILL, ...as };
      const scene = makeScene(unit, personOf(3), p);
      const { phase, amplitude } = decodeFringes(takeStack(scene, patternsOf(stack), p), stack);
      const { depth, gradient } = triangulate(phase, width, calibrationBlock(unit, periods));
      const truth = scene.depth();
      const errors: number[] = [];
      let heads = 0;
      for (let i = width; i < truth.length - width; i++) {
        if (truth[i]! > 700) continue;
        heads++;
        // Where a pixel sees an edge its light is a mixture.
        const edge = Math.max(...[1, -1, width, -width].map((d) => Math.abs(truth[i + d]! - truth[i]!)));
        if (Number.isNaN(phase[i]) || edge > 1.5) continue;
        // Noise of about 1.3 grey levels, four steps: what research says of phase, over what phase says of depth.
        const limit = (Math.sqrt(2 / 4) * 1.3) / amplitude[i]! / gradient[i]!;
        errors.push((depth[i]! - truth[i]!) / limit);
      }
      expect(errors.length / heads).toBeGreaterThan(0.5);
      // The median of the absolute deviation is 0.674 for a normal one.
      expect(median(errors.map(Math.abs)) / 0.674).toBeGreaterThan(0.7);
      expect(median(errors.map(Math.abs)) / 0.674).toBeLessThan(1.3);
      expect(Math.abs(median(errors))).toBeLessThan(0.3);
      expect(errors.filter((e) => Math.abs(e) > 8).length / errors.length).toBeLessThan(0.005);
    }
  });

  test("is wrong by another unit's calibration, by centimetres or by millimetres", () => {
    const scene = makeScene(unit, personOf(3), STILL);
    const { phase } = decodeFringes(takeStack(scene, patternsOf(PHASE_SHIFT), STILL), PHASE_SHIFT);
    const other = triangulate(phase, width, calibrationBlock(makeUnit("SIM-FACE-0002"))).depth;
    const truth = scene.depth();
    const errors = [...other].map((z, i) => Math.abs(z - truth[i]!)).filter((_, i) => truth[i]! < 700);
    expect(median(errors.filter((e) => !Number.isNaN(e)))).toBeGreaterThan(1);
  });
});

describe("shape", () => {
  test("persons differ by millimetres all over the face, and the same person does not", () => {
    const first = depthOf(1);
    expect(depthOf(1)).toEqual(first);
    for (const person of [2, 3, 4, 5]) {
      const other = depthOf(person);
      expect(difference(first, other, [-40, 40], [60, -50])).toBeGreaterThan(1.5);
      expect(difference(first, other, [-40, 40], [60, -50])).toBeLessThan(15);
      expect(difference(first, other, [-15, 15], [40, -10])).toBeGreaterThan(0.8);
    }
  });

  test("an expression changes the mouth by millimetres, and the nose and forehead not at all", () => {
    const still = depthOf(1);
    for (const expression of [
      { smile: 1, open: 0, brows: 0 },
      { smile: 0, open: 1, brows: 0 },
    ]) {
      const other = depthOf(1, { expression });
      expect(difference(still, other, [-35, 35], [-20, -50])).toBeGreaterThan(1);
      expect(difference(still, other, [-12, 12], [60, 5])).toBeLessThan(0.2);
      expect(difference(still, other, [-40, 40], [90, 60])).toBeLessThan(0.2);
    }
    const brows = depthOf(1, { expression: { smile: 0, open: 0, brows: 1 } });
    expect(difference(still, brows, [-40, 40], [68, 50])).toBeGreaterThan(0.3);
    expect(difference(still, brows, [-35, 35], [-20, -50])).toBeLessThan(0.05);
  });

  test("a face is not its own mirror image", () => {
    const level = { x: 159.5 - unit.cx };
    const face = depthOf(1, level);
    const mirrored = face.map((_, i) => face[i - (i % width) + (width - 1 - (i % width))]!);
    expect(difference(face, mirrored, [-40, 40], [60, -50])).toBeGreaterThan(0.4);
  });

  test("the nose's tip is where the presentation puts it, and glasses stand before the face", () => {
    const depth = depthOf(1);
    const nearest = depth.indexOf(Math.min(...depth));
    expect(Math.abs((nearest % width) - 160)).toBeLessThan(6);
    expect(Math.abs(Math.floor(nearest / width) - 130)).toBeLessThan(8);
    expect(Math.abs(depth[nearest]! - 400)).toBeLessThan(8);
    const tipOf = (as: Partial<Presentation>): number => {
      const seen = depthOf(1, as);
      return seen.indexOf(Math.min(...seen));
    };
    expect(tipOf({ yaw: 12 * DEGREES }) % width).toBeGreaterThan((nearest % width) + 8);
    expect(Math.floor(tipOf({ pitch: 12 * DEGREES }) / width)).toBeLessThan(Math.floor(nearest / width) - 8);
    const glasses = depthOf(1, { glasses: true });
    const before = glasses.filter((z, i) => depth[i]! < 700 && depth[i]! - z > 3).length;
    expect(before).toBeGreaterThan(200);
  });
});

describe("the camera", () => {
  /** A stack as the module takes it. */
  function take(subject: { person: number; presentation?: number; flaw?: Flaw }, from = 0): Uint8Array[] {
    const camera = new SimulatedFaceCamera();
    camera.present({ presentation: 1, ...subject });
    const illumination = camera.defaults.illumination;
    const schedule = patternsOf(PHASE_SHIFT).map((pattern) => ({ illumination, pattern }));
    return schedule.map(({ pattern }, k) => camera.expose({ ...camera.defaults, schedule, pattern }, from + k));
  }
  const distance = (a: Uint8Array[], b: Uint8Array[]): number =>
    a.reduce((sum, picture, k) => sum + picture.reduce((s, v, i) => s + Math.abs(v - b[k]![i]!), 0), 0) /
    (a.length * width * height);

  test("takes the same pictures of the same subject, byte for byte, and others of others", () => {
    const stack = take({ person: 1 });
    expect(distance(stack, take({ person: 1 }))).toBe(0);
    expect(distance(stack, take({ person: 1 }, 16))).toBeGreaterThan(0.3);
    expect(distance(stack, take({ person: 1, presentation: 2 }))).toBeGreaterThan(1);
    expect(distance(stack, take({ person: 2 }))).toBeGreaterThan(1);
  });

  test.each(FLAWS)("%s does not look like a good presentation", (flaw) => {
    expect(distance(take({ person: 1 }), take({ person: 1, flaw }))).toBeGreaterThan(0.3);
  });

  test("flaws are what they are called", () => {
    const share = (stack: Uint8Array[], holds: (v: number) => boolean): number =>
      stack.reduce((sum, picture) => sum + picture.filter(holds).length, 0) / (stack.length * width * height);
    const good = take({ person: 1 });
    expect(share(good, (v) => v === 255)).toBeLessThan(0.001);
    expect(share(take({ person: 1, flaw: "overexposed" }), (v) => v === 255)).toBeGreaterThan(0.05);
    expect(share(take({ person: 1, flaw: "underexposed" }), (v) => v > 25)).toBeLessThan(0.001);
    const still = { ...STILL, person: 1 };
    const scene = makeScene(unit, personOf(1), still);
    const [dark, doubled] = [{ dark: 13 }, { doubled: 13 }].map((fault) =>
      takeStack(scene, patternsOf(PHASE_SHIFT), { ...still, ...fault }),
    ) as [Uint8Array[], Uint8Array[]];
    expect(Math.max(...dark[13]!)).toBeLessThan(60);
    expect(distance([doubled[13]!], [doubled[12]!])).toBeLessThan(1.5);
    expect(distance([dark[12]!], [doubled[12]!])).toBe(0);
    // A head that moves spoils the phase: fringes of the last pictures lie elsewhere than those of the first.
    const torn = (flaw?: Flaw): number => {
      const { phase } = decodeFringes(take({ person: 1, ...(flaw && { flaw }) }), PHASE_SHIFT);
      const rough = phase
        .map((v, i) => Math.abs(v - 2 * phase[i + 1]! + phase[i + 2]!))
        .filter((v) => !Number.isNaN(v));
      return rough.filter((v) => v > 2).length / rough.length;
    };
    expect(torn("moving")).toBeGreaterThan(3 * torn());
  });

  test("a print is flat, a bent one is bent, a mask has the face's shape and more of the fringes' contrast than skin", () => {
    const flat = depthOf(1, { thing: "print" });
    const middle = [...flat].filter((z, i) => z < 700 && i % width > 100 && i % width < 220);
    expect(Math.max(...middle) - Math.min(...middle)).toBeLessThan(1);
    const bent = depthOf(1, { thing: "bent_print" });
    expect(bent[130 * width + 90]! - bent[130 * width + 160]!).toBeGreaterThan(15);
    const mask = depthOf(1, { thing: "mask" });
    expect(difference(depthOf(1), mask, [-20, 20], [50, -40])).toBeLessThan(3);
    const contrast = (thing: Presentation["thing"]): number => {
      const p = { ...STILL, thing };
      const { amplitude } = decodeFringes(
        takeStack(makeScene(unit, personOf(1), p), patternsOf(PHASE_SHIFT), p),
        PHASE_SHIFT,
      );
      return median([...amplitude].filter((b) => b > 8));
    };
    expect(contrast("mask")).toBeGreaterThan(1.3 * contrast("head"));
  });
});

test("coded, a stack takes less than two fifths of its pixels' line time, whatever the fringe", () => {
  const stack = takeStack(makeScene(unit, personOf(1), STILL), patternsOf(PHASE_SHIFT), STILL);
  const coded = stack.map((picture) => encodeRows(picture, width, height).length / (width * height));
  for (let fringe = 0; fringe < 4; fringe++) {
    const share = coded.slice(4 * fringe, 4 * fringe + 4).reduce((sum, v) => sum + v, 0) / 4;
    expect(share).toBeGreaterThan(0.25);
    expect(share).toBeLessThan(0.4);
  }
});
