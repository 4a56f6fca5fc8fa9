// The outline of a hand as a signed distance: tapered bones (capsules) joined by a smooth minimum, which makes the webs between the
// fingers. Hand coordinates are millimetres: origin in the middle of the palm, +y to the wrist, +x to the thumb.
import type { Random } from "../eye/random.ts";

/** A tapered capsule. */
export interface Bone {
  readonly x0: number;
  readonly y0: number;
  readonly r0: number;
  readonly x1: number;
  readonly y1: number;
  readonly r1: number;
}

/** A finger as it leaves the palm: base, direction (radians from straight up, + to the thumb), length, width at the base. */
export interface Finger {
  readonly x: number;
  readonly y: number;
  readonly angle: number;
  readonly length: number;
  readonly width: number;
}

export interface Outline {
  /** Thumb first. */
  readonly fingers: readonly Finger[];
  /** Bones that are one piece; pieces are joined with a fillet. */
  readonly pieces: readonly (readonly Bone[])[];
}

/** Radius of the fillet where bones join, mm. */
const WEB = 7;

const DEGREES = Math.PI / 180;

/** Base, angle, length and width of thumb, index, middle, ring and little finger of a middling hand, mm and degrees. */
const FINGERS = [
  [45, 0, 40, 54, 23],
  [29, -45, 9, 70, 20],
  [8, -51, 2, 78, 21],
  [-13, -48, -5, 72, 19.5],
  [-33, -39, -14, 57, 17],
] as const;

/** Capsules that make a middling palm and wrist. */
const PALM = [
  [26, -37, 12, 18, 22, 22],
  [6, -42, 13, 4, 30, 30],
  [-15, -38, 13, -8, 40, 28],
  [-31, -30, 12, -20, 28, 22],
  [-18, 20, 25, -6, 48, 24],
  [16, 38, 20, 42, 2, 15],
  [20, 20, 24, 4, 50, 24],
  [0, 45, 25, 0, 130, 28],
] as const;

/** Draws the proportions of one hand. */
export function makeOutline(random: Random): Outline {
  const size = random.uniform(0.94, 1.07);
  const slim = random.uniform(0.93, 1.06);
  const fingers = FINGERS.map(([x, y, angle, length, width], i): Finger => {
    const spread = i === 0 ? random.normal(0, 6) : random.normal(0, 2);
    return {
      x: x * size * slim + random.normal(0, 0.6),
      y: y * size + random.normal(0, 1),
      angle: (angle + spread) * DEGREES,
      length: length * size * random.uniform(0.95, 1.06),
      width: width * size * slim * random.uniform(0.96, 1.04),
    };
  });
  const palm = PALM.map(([x0, y0, r0, x1, y1, r1]): Bone => {
    const [sx, sy, sr] = [size * slim, size, size * slim];
    return { x0: x0 * sx, y0: y0 * sy, r0: r0 * sr, x1: x1 * sx, y1: y1 * sy, r1: r1 * sr };
  });
  const digits = fingers.map(({ x, y, angle, length, width }): Bone[] => {
    const [dx, dy] = [Math.sin(angle), -Math.cos(angle)];
    const at = (share: number): [number, number] => [x + dx * length * share, y + dy * length * share];
    const [x1, y1] = at(0.52);
    const [x2, y2] = at(0.94);
    const r = width / 2;
    return [
      { x0: x - dx * 8, y0: y - dy * 8, r0: r, x1, y1, r1: r * 0.95 },
      { x0: x1, y0: y1, r0: r * 0.95, x1: x2, y1: y2, r1: r * 0.76 },
    ];
  });
  return { fingers, pieces: [...palm.map((bone) => [bone]), ...digits] };
}

function boneDistance({ x0, y0, r0, x1, y1, r1 }: Bone, x: number, y: number): number {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const t = Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy)));
  return Math.sqrt((x - x0 - t * dx) ** 2 + (y - y0 - t * dy) ** 2) - r0 - t * (r1 - r0);
}

/** Distance of a point to the hand's edge in mm, negative inside (exact along bones, a little more at the webs). */
export function outlineDistance({ pieces }: Outline, x: number, y: number): number {
  let nearest = 1e3;
  for (const piece of pieces) {
    let d = 1e3;
    for (const bone of piece) d = Math.min(d, boneDistance(bone, x, y));
    // Polynomial smooth minimum (Quilez).
    const h = Math.max(0, WEB - Math.abs(d - nearest)) / WEB;
    nearest = Math.min(d, nearest) - (h * h * WEB) / 4;
  }
  return nearest;
}
