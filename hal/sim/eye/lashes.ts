// Lashes: tapered, bent strokes drawn into a coverage map (0 none .. 1 opaque), which the scene darkens.
import type { EyeAnatomy, Lash } from "./anatomy.ts";
import { type LidCurve, lidIndex, type Pose } from "./pose.ts";
import { childSeed, makeRandom, type Random } from "./random.ts";

/** Marks a disc of the given radius, its rim softened over one pixel. */
function stamp(cover: Float32Array, width: number, height: number, x: number, y: number, radius: number): void {
  const reach = radius + 0.7;
  const x0 = Math.max(0, Math.ceil(x - reach));
  const x1 = Math.min(width - 1, Math.floor(x + reach));
  const y0 = Math.max(0, Math.ceil(y - reach));
  const y1 = Math.min(height - 1, Math.floor(y + reach));
  const strength = Math.min(1, radius / 0.5);
  for (let j = y0; j <= y1; j++) {
    for (let i = x0; i <= x1; i++) {
      const d = Math.sqrt((i - x) ** 2 + (j - y) ** 2);
      const c = strength * Math.min(1, Math.max(0, radius + 0.5 - d));
      if (c > cover[j * width + i]!) cover[j * width + i] = c;
    }
  }
}

function drawLash(
  cover: Float32Array,
  width: number,
  height: number,
  pose: Pose,
  lash: Lash,
  lid: LidCurve,
  eye: EyeAnatomy,
  jitter: Random,
): void {
  const [outer] = eye.lids.outer;
  const [inner] = eye.lids.inner;
  const rootX = outer + (inner - outer) * lash.root;
  const rootY = lid.height[lidIndex(rootX)]!;
  const fan = lash.fan + jitter.normal(0, 0.03);
  const hang = lash.hang + jitter.normal(0, 0.04);
  // A lash leaves the lid forwards (seen from the front: short, a little down), then curls towards its tip.
  const midX = rootX + 0.55 * fan * lash.length;
  const midY = rootY + lash.length * (hang < 0 ? 0.2 : 0.75 * hang);
  const tipX = rootX + fan * lash.length * (hang < 0 ? 1.05 : 1.5);
  const tipY = rootY + lash.length * hang;
  const steps = Math.max(4, Math.ceil(lash.length * pose.scale * 1.6));
  for (let k = 0; k <= steps; k++) {
    const t = k / steps;
    const s = 1 - t;
    const hx = (s * s * rootX + 2 * s * t * midX + t * t * tipX) * pose.mirror;
    const hy = s * s * rootY + 2 * s * t * midY + t * t * tipY;
    const x = pose.centreX + pose.scale * (pose.cos * hx - pose.sin * hy);
    const y = pose.centreY + pose.scale * (pose.sin * hx + pose.cos * hy);
    stamp(cover, width, height, x, y, lash.width * pose.scale * (1 - 0.8 * t));
  }
}

/** Coverage of all lashes in a frame, row-major, width x height. */
export function drawLashes(
  eye: EyeAnatomy,
  pose: Pose,
  presentationSeed: number,
  width: number,
  height: number,
): Float32Array {
  const cover = new Float32Array(width * height);
  const jitter = makeRandom(childSeed(presentationSeed, "lashes"));
  for (const lash of eye.upperLashes) drawLash(cover, width, height, pose, lash, pose.upper, eye, jitter);
  for (const lash of eye.lowerLashes) drawLash(cover, width, height, pose, lash, pose.lower, eye, jitter);
  return cover;
}
