// The figures of docs/benchmarks.md about fringes, as JSON: `node build/js/scripts/bench-fringes.js [DATA]`. DATA is a folder with fringe-bust and
// fringe-david; without it there is the time alone, on a scene made here.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { type Decoded, FringeDecoder, type Pattern } from "../host/depth/fringes.ts";
import { loadImage } from "../host/evaluate/image.ts";
import { grey8 } from "../host/pictures/picture.ts";
import { readPicture } from "../host/pictures/read.ts";
import { REASONS } from "../host/vocabulary.ts";
import { fringeStack } from "./fringe-scene.ts";
import { type Camera, planeRms, readMatrices, triangulate } from "./stereo.ts";

const PERIODS = [1, 4, 16, 64];
const GRAY: Pattern = { steps: 4, bits: 6, periods: [32] };
const BUST = { width: 900, height: 700 };
const DAVID = { width: 2048, height: 1536 };
/** Rectangles of David's left picture (x0, y0, x1, y1) that show something planar. */
const PLANES = {
  wall_left: [200, 60, 580, 240],
  wall_right: [1600, 60, 1900, 300],
  panel: [700, 40, 960, 330],
} as const;
const RUNS = 60;

const { module, digest } = loadImage();
const data = process.argv[2];
const result: Record<string, unknown> = { image_digest: digest, ...time(), memory_bytes_320x240: memory() };
if (data !== undefined && existsSync(join(data, "fringe-bust"))) result.bust = await bust(join(data, "fringe-bust"));
if (data !== undefined && existsSync(join(data, "fringe-david")))
  result.david = await david(join(data, "fringe-david"));
console.log(JSON.stringify(result, null, 2));

/** Ten pictures of 640x480: all of it, tiles and copying too. */
function time(): { ms_10_frames_640x480: { best: number; median: number } } {
  const pictures = fringeStack(GRAY, { width: 640, height: 480 });
  const decoder = new FringeDecoder(module);
  const times = Array.from({ length: RUNS }, () => {
    const began = performance.now();
    decoder.decode(GRAY, 640, 480, pictures);
    return performance.now() - began;
  }).sort((a, b) => a - b);
  return { ms_10_frames_640x480: { best: round(times[0]!), median: round(times[RUNS >> 1]!) } };
}

/** Linear memory for a reader's stack, all the image's own in it. */
function memory(): Record<string, number> {
  const of = (pattern: Pattern): number => {
    const decoder = new FringeDecoder(module);
    decoder.decode(pattern, 320, 240, fringeStack(pattern, { width: 320, height: 240 }));
    return decoder.memoryBytes;
  };
  return { shift: of({ steps: 4, bits: 0, periods: PERIODS }), gray: of(GRAY) };
}

async function bust(folder: string): Promise<unknown> {
  const { width, height } = BUST;
  const two = (n: number): string => String(n).padStart(2, "0");
  const stack = (steps: readonly number[]): Promise<Uint8Array[]> =>
    Promise.all(
      PERIODS.flatMap((period) =>
        steps.map(async (step) => grey8(await readPicture(join(folder, `f${two(period)}-step${two(step + 1)}.png`)))),
      ),
    );
  const decode = async (steps: readonly number[]): Promise<Decoded> =>
    new FringeDecoder(module).decode(
      { steps: steps.length, bits: 0, periods: PERIODS },
      width,
      height,
      await stack(steps),
    );
  const all = Array.from({ length: 12 }, (_, step) => step);
  // The reference: the plain phase of all twelve steps, and that of those that the four do not have. The object: lit by it, not saturated.
  const finest = (await stack(all)).slice(-12);
  const saturated = finest[0]!.map((_, i) => (finest.some((picture) => picture[i] === 255) ? 1 : 0));
  const twelve = plainPhase(finest, all);
  const other = plainPhase(
    finest,
    all.filter((step) => step % 3 !== 0),
  );
  const object = twelve.amplitude.map((b, i) => (b > 10 && !saturated[i] ? 1 : 0));
  const absolute = await decode(all);
  const figures = (decoded: Decoded): unknown => ({
    reason: REASONS[decoded.reason],
    rms: rms(decoded, twelve.phase, object, 1),
    rms_best_90: rms(decoded, twelve.phase, object, 0.9),
    rms_other_8: rms(decoded, other.phase, object, 1),
    kept: share(object, (i) => !Number.isNaN(decoded.phase[i])),
    wrong_order: decoded.phase.reduce((n, value, i) => n + (Math.abs(value - absolute.phase[i]!) > Math.PI ? 1 : 0), 0),
  });
  return { four_steps: figures(await decode([0, 3, 6, 9])), three_steps: figures(await decode([0, 4, 8])) };
}

/** Phase (as the decoder's, wrapped) and amplitude of some of twelve steps that make whole periods. */
function plainPhase(pictures: readonly Uint8Array[], steps: readonly number[]) {
  const count = pictures[0]!.length;
  const [phase, amplitude] = [new Float64Array(count), new Float64Array(count)];
  for (let i = 0; i < count; i++) {
    let [c, s] = [0, 0];
    for (const step of steps) {
      c += pictures[step]![i]! * Math.cos((Math.PI * step) / 6);
      s += pictures[step]![i]! * Math.sin((Math.PI * step) / 6);
    }
    phase[i] = Math.PI - Math.atan2(s, c);
    amplitude[i] = (2 * Math.hypot(c, s)) / steps.length;
  }
  return { phase, amplitude };
}

/** Root mean square of the phase's difference, radians, over the object's pixels, or the best share of them by the decoder's amplitude. */
function rms({ phase, amplitude }: Decoded, reference: Float64Array, object: Float64Array, best: number): number {
  const at = [...object.keys()].filter((i) => object[i] && !Number.isNaN(phase[i]));
  at.sort((i, j) => amplitude[j]! - amplitude[i]!);
  const counted = at.slice(0, Math.floor(best * at.length));
  const squares = counted.reduce((sum, i) => {
    const off = (phase[i]! - reference[i]!) / (2 * Math.PI);
    return sum + (2 * Math.PI * (off - Math.round(off))) ** 2;
  }, 0);
  return round(Math.sqrt(squares / counted.length));
}

function share(object: Float64Array, has: (i: number) => boolean): number {
  let [n, held] = [0, 0];
  for (const [i, value] of object.entries()) {
    if (!value) continue;
    n++;
    if (has(i)) held++;
  }
  return held / n;
}

async function david(folder: string): Promise<unknown> {
  const { width, height } = DAVID;
  const read = async (side: string): Promise<Decoded> => {
    const pictures = Array.from({ length: 10 }, async (_, i) =>
      grey8(await readPicture(join(folder, `${side}${i}.png`))),
    );
    return new FringeDecoder(module).decode(GRAY, width, height, await Promise.all(pictures));
  };
  const [left, right] = [await read("L"), await read("R")];
  const m = { ...readMatrices(join(folder, "intrinsic.yml")), ...readMatrices(join(folder, "extrinsic.yml")) };
  const cameras: [Camera, Camera] = [
    { m: m.M1!, d: m.D1!, r: m.R1!, p: m.P1! },
    { m: m.M2!, d: m.D2!, r: m.R2!, p: m.P2! },
  ];
  const planes = Object.entries(PLANES).map(([name, rectangle]) => {
    const points = triangulate({ ...DAVID, ...left }, { ...DAVID, ...right }, cameras, rectangle);
    const { rms, points: count, z } = planeRms(points);
    const area = (rectangle[2] - rectangle[0]) * (rectangle[3] - rectangle[1]);
    return [name, { rms_mm: round(rms), z_mm: round(z), used: round(count / area) }];
  });
  return { reasons: [REASONS[left.reason], REASONS[right.reason]], planes: Object.fromEntries(planes) };
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
