// The head without a face: cross-sections from the crown to the neck. Head coordinates, here and in all of hal/sim/face: millimetres,
// x to the right of whoever looks at the face, y up, z towards them; the origin lies where the tip of an average nose is.
import type { Traits } from "./traits.ts";

/** Height, front (midline), depth of the widest place, and half the width, from the crown down to beneath the chin. */
const SECTIONS: readonly (readonly [y: number, front: number, centre: number, half: number])[] = [
  [158, -104, -105, 3],
  [154.5, -78, -105, 32],
  [143, -52, -104, 54],
  [125, -34, -102, 67],
  [103, -23, -100, 74],
  [80, -18.5, -97, 76],
  [60, -17.5, -92, 75],
  [45, -22, -90, 73],
  [25, -24, -88, 71],
  [5, -23, -86, 68],
  [-15, -21.5, -84, 65],
  [-33, -19, -80, 61],
  [-50, -20.5, -77, 56],
  [-66, -20, -74, 48],
  [-77, -24, -72, 39],
  [-83, -34, -72, 32],
  [-87, -56, -76, 34],
  [-92, -80, -84, 38],
];

/** Distance of rows along the surface, mm. */
const STEP = 1.35;

/** One row of the head's grid. */
export interface Section {
  readonly y: number;
  readonly front: number;
  readonly centre: number;
  readonly half: number;
}

/** Catmull-Rom spline through four values at t in 0..1. */
function spline(a: number, b: number, c: number, d: number, t: number): number {
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

/** A smooth step from 0 at `from` to 1 at `to`. */
export function rise(from: number, to: number, x: number): number {
  const t = Math.min(1, Math.max(0, (x - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

/** Rows of a person's head, crown first, about 1.3 mm apart along the midline. */
export function sections(traits: Traits): Section[] {
  const rows: Section[] = [];
  for (let k = 0; k + 1 < SECTIONS.length; k++) {
    const near = [-1, 0, 1, 2].map((i) => SECTIONS[Math.min(SECTIONS.length - 1, Math.max(0, k + i))]!);
    const [, from, to] = near as [unknown, (typeof SECTIONS)[number], (typeof SECTIONS)[number]];
    const steps = Math.ceil(Math.hypot(to[0] - from[0], to[1] - from[1]) / STEP);
    for (let i = 0; i < steps; i++) {
      const at = (c: 0 | 1 | 2 | 3): number => spline(near[0]![c], near[1]![c], near[2]![c], near[3]![c], i / steps);
      rows.push(shaped(traits, at(0), at(1), at(2), at(3)));
    }
  }
  return rows;
}

/** An average section as this person has it. */
function shaped(t: Traits, y: number, front: number, centre: number, half: number): Section {
  const forehead = rise(55, 130, y) * (1 - rise(140, 165, y));
  const jaw = 1 - rise(-60, -5, y);
  return {
    y: y * (y > 0 ? t.upperFace : t.lowerFace) * t.size,
    front: (front - t.foreheadSlope * forehead + t.foreheadBulge * rise(60, 90, y) * (1 - rise(95, 130, y))) * t.size,
    centre: centre * t.headLength * t.size,
    half: half * t.faceWidth * (1 + (t.jawWidth - 1) * jaw) * t.size,
  };
}
