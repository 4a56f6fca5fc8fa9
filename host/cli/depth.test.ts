// `kanmon depth` on stacks made here, whose depth is known, and on what can be wrong with a stack: each is refused by name, and nothing is left.
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fringeStack, type Scene, sceneCalibration, sceneDepth } from "../../scripts/fringe-scene.ts";
import { runVerb } from "../../tests/verb.ts";
import { FringeDecoder, type Pattern } from "../depth/fringes.ts";
import { loadImage } from "../evaluate/image.ts";
import { depth } from "./depth.ts";

const SHIFT: Pattern = { steps: 4, bits: 0, periods: [1, 4, 16, 64] };
const GRAY: Pattern = { steps: 4, bits: 6, periods: [32] };
const THREE: Pattern = { steps: 3, bits: 0, periods: [1, 4, 16, 64] };
const SCENE: Scene = { width: 160, height: 120 };

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kanmon-depth-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Changes every pixel of a stack. */
function change(stack: Uint8Array[], to: (grey: number) => number): void {
  for (const [i, pixels] of stack.entries()) stack[i] = pixels.map(to);
}

const kindOf = ({ steps, bits, periods }: Pattern) =>
  bits ? { kind: "phase-gray", steps, bits } : { kind: "phase-shift", periods, steps };

/** Writes a stack as PNG and its capture.json, changed as asked, and decodes it. */
async function run(
  name: string,
  pattern: Pattern,
  stack: readonly Uint8Array[],
  changes: object = {},
  { width, height }: Scene = SCENE,
) {
  const at = await mkdtemp(join(folder, `${name}-`));
  const frames = await Promise.all(
    stack.map(async (pixels, i) => {
      await sharp(pixels, { raw: { width, height, channels: 1 } })
        .png()
        .toFile(join(at, `${i}.png`));
      return `${i}.png`;
    }),
  );
  const capture = { width, height, frames, pattern: kindOf(pattern), ...changes };
  await writeFile(join(at, "capture.json"), JSON.stringify(capture));
  const out = join(at, "out");
  const answer = await runVerb(depth, "--capture", join(at, "capture.json"), "--out", out);
  return { answer, out, at, left: await readdir(out).catch(() => []) };
}

describe.each([
  ["four steps of four periods", SHIFT, 0.2],
  ["four steps and a Gray code", GRAY, 0.4],
])("%s", (_, pattern, most) => {
  test("give the scene's depth, in files that other programs read", async () => {
    const { answer, out, left } = await run("whole", pattern, fringeStack(pattern, SCENE), {
      calibration: sceneCalibration(SCENE, pattern),
    });
    expect(answer.exit, JSON.stringify(answer.value)).toBe(0);
    expect(left.toSorted()).toEqual(["depth.png", "mask.png", "phase.f32", "preview.png", "report.json"]);
    expect(JSON.parse(await readFile(join(out, "report.json"), "utf8"))).toEqual(answer.value);
    expect(answer.value.masked).toBeLessThan(0.001);
    expect(answer.value.noise.ratio).toBeGreaterThan(0.7);
    expect(answer.value.noise.ratio).toBeLessThan(1.3);
    const { data, info } = await sharp(join(out, "depth.png"))
      .toColourspace("grey16")
      .raw({ depth: "ushort" })
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([160, 120, 1]);
    const tenths = new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
    const off = [...tenths].flatMap((z, i) => (z ? [z / 10 - sceneDepth(SCENE, i % 160, Math.floor(i / 160))] : []));
    expect(off.length).toBeGreaterThan(0.98 * 160 * 120);
    expect(Math.sqrt(off.reduce((sum, mm) => sum + mm * mm, 0) / off.length)).toBeLessThan(most);
    expect(Math.max(...off.map(Math.abs))).toBeLessThan(5 * most);
  });

  test.each<[string, (stack: Uint8Array[]) => void, string]>([
    [
      "a picture taken twice, a little noise apart",
      (s) => (s[2] = s[1]!.map((v, i) => v + (i & 1))),
      "picture_missing",
    ],
    [
      "a picture without fringes",
      (s) =>
        [0, 1, 2, 3].forEach((i) => void (s[s.length > 10 ? i : 5 + (i >> 2)] = s[i]!.map((_, k) => 90 + i + (k & 1)))),
      "picture_missing",
    ],
    ["overexposed", (s) => change(s, (v) => Math.min(255, v * 3)), "too_bright"],
    ["underexposed", (s) => change(s, (v) => v / 12), "too_dark"],
    ["fringes drowned in other light", (s) => change(s, (v) => 150 + v / 12), "low_contrast"],
  ])("%s is refused", async (_, spoil, word) => {
    const stack = fringeStack(pattern, SCENE);
    spoil(stack);
    const { answer, left } = await run("refused", pattern, stack);
    expect(answer).toMatchObject({ exit: 3, value: { error: { code: "KAN-CAPTURE-REFUSED" } } });
    expect(answer.value.error.message.split(":")[0]).toBe(word);
    expect(left).toEqual([]);
  });

  test("motion between the pictures is refused; at a hundredth of it the stack is taken", async () => {
    const { answer } = await run("moved", pattern, fringeStack(pattern, { ...SCENE, speed: 8 }));
    expect(answer.value.error?.message.split(":")[0]).toBe("moved");
    const { answer: slow } = await run("slow", pattern, fringeStack(pattern, { ...SCENE, speed: 0.08 }));
    expect(slow.exit, JSON.stringify(slow.value)).toBe(0);
  });
});

test("three steps behind a gamma of 2.2: the harmonics are learned from the stack itself", () => {
  const decoder = new FringeDecoder(loadImage().module);
  const scene = { width: 320, height: 240, noise: 1 };
  const rms = (gamma: number): number => {
    const { phase, reason } = decoder.decode(THREE, 320, 240, fringeStack(THREE, { ...scene, gamma }));
    expect(reason).toBe(0);
    const { fx, cx, a } = sceneCalibration(scene, THREE);
    const off = [...phase].flatMap((value, i) => {
      const true_ = a[0] * (((i % 320) - cx) / fx) + a[2] + a[3] / sceneDepth(scene, i % 320, Math.floor(i / 320));
      return Number.isNaN(value) ? [] : [value - true_];
    });
    return Math.sqrt(off.reduce((sum, v) => sum + v * v, 0) / off.length);
  };
  expect(rms(1)).toBeLessThan(0.03);
  expect(rms(2.2)).toBeLessThan(0.05); // uncorrected: over 0.15
});

test.each([
  ["four steps", SHIFT, 700, 500],
  ["three steps", THREE, 640, 400],
  ["wider than a tile", SHIFT, 4300, 24],
] as const)("tiles leave no trace: %s of %s at %ix%i", async (_, pattern, width, height) => {
  const decoder = new FringeDecoder(loadImage().module);
  const stack = fringeStack(pattern, { width, height });
  const whole = decoder.decode(pattern, width, height, stack);
  // A part in the middle, across the borders of tiles, decoded by itself.
  const [x0, y0, w, h] = [Math.floor(width / 2) - 60, Math.floor(height / 4), 120, Math.floor(height / 2)];
  const part = stack.map((pixels) =>
    Uint8Array.from({ length: w * h }, (_, i) => pixels[(y0 + Math.floor(i / w)) * width + x0 + (i % w)]!),
  );
  const alone = decoder.decode(pattern, w, h, part);
  let most = 0;
  for (let y = 1; y < h - 1; y++)
    for (let x = 1; x < w - 1; x++) {
      const off = Math.abs(alone.phase[y * w + x]! - whole.phase[(y0 + y) * width + x0 + x]!);
      if (!(off <= most)) most = off;
    }
  // Three steps learn their harmonics from what there is.
  expect(most).toBeLessThanOrEqual(pattern.steps === 3 ? 0.02 : 0);
});

test("what is wrong with a capture is told by name, and nothing is written", async () => {
  const stack = fringeStack(SHIFT, SCENE);
  const good = sceneCalibration(SCENE, SHIFT);
  const code = async (changes: object, frames = stack, scene = SCENE) => {
    const { answer, left } = await run("wrong", SHIFT, frames, changes, scene);
    expect(left).toEqual([]);
    return `${answer.value.error?.code} ${answer.value.error?.message}`;
  };
  expect(await code({}, stack.slice(1))).toMatch(/^KAN-CAPTURE-FRAMES .*15 frames, but the pattern has 16/);
  expect(await code({}, stack.with(3, stack[1]!))).toMatch(/^KAN-CAPTURE-DOUBLED frames 2 and 4 are the same picture/);
  expect(await code({ width: 161 })).toMatch(/^KAN-CAPTURE-SIZE .*160x120 pixels, not the 161x120/);
  expect(await code({ colour: true })).toMatch(/^KAN-CAPTURE-FORMAT .*colour/);
  expect(await code({ pattern: { kind: "phase-shift", periods: [1, 16], steps: 4 } })).toMatch(
    /^KAN-CAPTURE-FORMAT .*pattern.periods.1: /,
  );
  expect(await code({ pattern: { kind: "phase-shift", periods: [1, 8], steps: 13 } })).toMatch(
    /FORMAT .*pattern.steps/,
  );
  for (const [change, words] of [
    [{ fx: 3 }, "fx must be"],
    [{ cx: -5 }, "cx must be"],
    [{ k1: 9 }, "k1, k2"],
    [{ nearest_mm: 700 }, "nearest_mm"],
    [{ a: [0, 0, 1, 0] }, "a, b"],
    [{ fy: 1e30 }, "a number, 1e9"],
  ] as const)
    expect(await code({ calibration: { ...good, ...change } })).toMatch(
      new RegExp(`^KAN-CAPTURE-CALIBRATION .*${words}`),
    );
  // Another unit's: right in itself, but what it measures would be elsewhere.
  const [a0, a1, a2, a3] = good.a;
  expect(await code({ calibration: { ...good, a: [a0, a1, a2 * 1.35, a3] } })).toMatch(/^KAN-CAPTURE-MISFIT/);
  expect(await code({ frames: stack.map((_, i) => `${i}.tiff`) })).toMatch(/^KAN-PICTURE-MISSING/);
});

test("a truncated picture, no JSON, and a file that is not there", async () => {
  const { at } = await run("broken", SHIFT, fringeStack(SHIFT, SCENE));
  const again = () => runVerb(depth, "--capture", join(at, "capture.json"), "--out", join(at, "again"));
  await writeFile(join(at, "5.png"), (await readFile(join(at, "5.png"))).subarray(0, 4000));
  expect((await again()).value.error.code).toBe("KAN-PICTURE-CORRUPT");
  await writeFile(join(at, "capture.json"), "{");
  expect((await again()).value.error.code).toBe("KAN-CAPTURE-FORMAT");
  await rm(join(at, "capture.json"));
  expect((await again()).value.error.code).toBe("KAN-CAPTURE-FILE");
  expect(await readdir(join(at, "again")).catch(() => [])).toEqual([]);
});
