// The face on the head: how far each place of the front stands out, by bumps and a nose ridge. Coordinates are an average face's (before
// `size`, `upperFace` and `lowerFace` scale it), so that features keep their place on the head.
import { latticeRow, makeLattice, readRow } from "../eye/noise.ts";
import { childSeed, makeRandom } from "../eye/random.ts";
import type { Expression } from "./presentation.ts";
import { rise } from "./profile.ts";
import type { Traits } from "./traits.ts";

/** A Gaussian bump: centre, deviations, turn of its axes (radians) and height; millimetres. */
interface Bump {
  readonly x: number;
  readonly y: number;
  readonly sx: number;
  readonly sy: number;
  readonly cos: number;
  readonly sin: number;
  readonly z: number;
}

type BumpShape = readonly [x: number, y: number, sx: number, sy: number, z: number, turn?: number];

function bump([x, y, sx, sy, z, turn = 0]: BumpShape): Bump {
  return { x, y, sx, sy, z, cos: Math.cos(turn), sin: Math.sin(turn) };
}

/** A face's relief; made once for a person and an expression. */
export interface Features {
  readonly traits: Traits;
  readonly expression: Expression;
  readonly bumps: readonly Bump[];
  /** Heights of the nose's ridge, mm: every half millimetre from `RIDGE_FROM` up. */
  readonly ridge: Float32Array;
  /** Relief of skin and flesh that no named feature explains: rows of a lattice over the face, mm. */
  relief(x: number, y: number): number;
}

/** Where the line between the lips lies, and how far the mouth's corners are from the midline, mm. */
export const MOUTH_Y = -33;
export function mouthHalf({ traits, expression }: Features): number {
  return traits.mouthWidth + 6 * expression.smile;
}

/** A paired feature: `z` is multiplied by 1 + `left` on the left half (of the person: to the right of who looks). */
function pair([x, y, sx, sy, z, turn = 0]: BumpShape, left = 0, leftY = 0): BumpShape[] {
  return [
    [-x, y, sx, sy, z, -turn],
    [x, y + leftY, sx, sy, z * (1 + left), turn],
  ];
}

export function makeFeatures(traits: Traits, expression: Expression): Features {
  const t = traits;
  const { smile, open, brows } = expression;
  const { left } = t;
  const mouth = t.mouthWidth + 6 * smile;
  const corner = MOUTH_Y + 4 * smile;
  const shapes: BumpShape[] = [
    // Brows and eyes.
    ...pair([27, t.browHeight + 4 * brows, 17, 6.5, t.brow, -0.12], left.brow),
    [0, 59 + 2 * brows, 13, 9, t.glabella],
    [0, t.noseLength - 1, 8, 8, -t.nasionDepth - 1.5],
    ...pair([27, t.eyeHeight, 14.5, 10, t.eyeDepth, t.eyeSlant], left.eyeDepth, left.eyeHeight),
    ...pair([t.eyeSpacing, t.eyeHeight - 0.5, 9, 6, t.eyeball, t.eyeSlant], 0, left.eyeHeight),
    ...pair([t.eyeSpacing, t.eyeHeight + 7.5, 11, 1.6, -1.1, -0.08], 0, left.eyeHeight),
    ...pair([t.eyeSpacing - 2, t.eyeHeight - 11, 12, 3, -0.9, -0.25]),
    ...pair([63, 66, 12, 20, t.temples]),
    // Cheeks.
    ...pair([t.cheekboneX, t.cheekboneY, 16, 11, t.cheekbone, -0.35], left.cheek),
    ...pair([t.cheekboneX - 13, 10 + 5 * smile, 10, 10, 1 + 3.2 * smile]),
    ...pair([43, -16, 12, 16, t.cheekHollow + 1.5 * smile]),
    ...pair([36, -30, 14, 16, t.cheekFat], left.cheek),
    ...pair([23 + 4 * smile, -13, 2.6, 12, t.nasolabial * (1 + 1.3 * smile), -0.5]),
    ...pair([52, -44, 10, 13, t.jawAngle], left.jaw),
    // Nose: its sides' lobes; the ridge is not made of bumps.
    ...pair([t.alarWidth + smile, -1.5, 4.8, 6, t.alarSize], left.alar),
    ...pair([t.alarWidth + 6.5, 2, 2.4, 6, -1.6]),
    // Mouth and chin.
    [0, -30, 22, 14, t.mouthForward],
    [0, -19.5 + t.philtrum * 0.4, 2.6, 6, -1],
    ...pair([7, -26.5, 8, 3.6, t.upperLip * (1 - 0.3 * smile)]),
    [0, -40, 12, 3.8, t.lowerLip],
    ...pair([mouth, corner, 4.5, 4, -2.2 - 1.5 * smile], 0, left.mouth),
    [0, -50, 15, 4.2, t.mentolabial + 1.2 * open],
    [t.chinDeviation, -66, t.chinWidth, 10, t.chin],
    [t.chinDeviation, -69, 2.5, 6, t.chinCleft],
  ];
  const lattice = makeLattice(makeRandom(childSeed(t.seed, "relief")), 9, 10);
  const rows = Array.from({ length: 260 }, (_, i) => latticeRow(lattice, i / 259));
  return {
    traits,
    expression,
    bumps: shapes.map(bump),
    ridge: makeRidge(t),
    relief: (x, y) => {
      const row = rows[Math.min(259, Math.max(0, Math.round(y + 100)))]!;
      return 0.85 * readRow(row, Math.min(0.96, Math.max(0.04, (x + 90) / 180)));
    },
  };
}

/** The nose's ridge from above the nasion to the lip: place (share of the nose's length; below the tip: mm) and share of the tip's height. */
const RIDGE: readonly (readonly [along: number, height: number])[] = [
  [1.3, 0],
  [1, 0.04],
  [0.75, 0.21],
  [0.5, 0.45],
  [0.25, 0.72],
  [0.09, 0.94],
  [0, 1],
];
const UNDERSIDE: typeof RIDGE = [
  [-4, 0.94],
  [-8, 0.62],
  [-11, 0.28],
  [-14, 0.07],
  [-18, 0],
];

/** Rows of the ridge's table: every half millimetre from `RIDGE_FROM` up. */
const RIDGE_FROM = -20;
const RIDGE_ROWS = 176;

/** Heights of a person's nose ridge over the face along the midline, mm. */
function makeRidge(t: Traits): Float32Array {
  const tip = 0.5 * t.tipTurn;
  const knots = [
    ...RIDGE.map(([s, h]) => [tip + s * (t.noseLength - tip), h] as const),
    ...UNDERSIDE.map(([s, h]) => [tip + s, h] as const),
  ];
  const table = new Float32Array(RIDGE_ROWS);
  for (let i = 0; i < RIDGE_ROWS; i++) {
    const y = RIDGE_FROM + i / 2;
    const hump = ((y - tip) / (t.noseLength - tip) - 0.55) / 0.18;
    table[i] = t.noseHeight * curve(knots, y) + t.noseHump * Math.exp(-hump * hump);
  }
  return table;
}

/** A cubic Hermite curve through knots in descending x, level beyond them. */
function curve(knots: readonly (readonly [x: number, y: number])[], x: number): number {
  const last = knots.length - 1;
  if (x >= knots[0]![0]) return knots[0]![1];
  if (x <= knots[last]![0]) return knots[last]![1];
  const k = knots.findIndex(([at]) => at < x) - 1;
  const slope = (i: number): number => {
    const [x0, y0] = knots[Math.max(0, i - 1)]!;
    const [x1, y1] = knots[Math.min(last, i + 1)]!;
    return (y1 - y0) / (x1 - x0);
  };
  const [x0, y0] = knots[k]!;
  const [x1, y1] = knots[k + 1]!;
  const h = x1 - x0;
  const t = (x - x0) / h;
  const u = 1 - t;
  return y0 * u * u * (1 + 2 * t) + y1 * t * t * (3 - 2 * t) + h * t * u * (slope(k) * u - slope(k + 1) * t);
}

/** How far the face stands out at a place of the average face, mm. */
export function standOut(f: Features, x: number, y: number): number {
  const { traits: t, expression } = f;
  let z = f.relief(x, y);
  for (const b of f.bumps) {
    const dx = x - b.x;
    const dy = y - b.y;
    const u = (dx * b.cos + dy * b.sin) / b.sx;
    const v = (dy * b.cos - dx * b.sin) / b.sy;
    const q = u * u + v * v;
    if (q < 14) z += b.z * Math.exp(-0.5 * q);
  }
  if (y > -16 && y < 64 && x > -36 && x < 36) {
    const wide = t.tipWidth + (t.bridgeWidth - t.tipWidth) * rise(4, 22, y) + 5 * rise(30, 52, y);
    const u = Math.abs((x - t.noseDeviation * rise(46, 10, y)) / wide);
    const at = 2 * (y - RIDGE_FROM);
    const row = Math.floor(at);
    const height = f.ridge[row]! + (at - row) * (f.ridge[row + 1]! - f.ridge[row]!);
    z += height * Math.exp(-(u ** 2.3));
  }
  // The line between the lips, and the open mouth's hollow.
  const half = mouthHalf(f);
  if (Math.abs(x) < half + 4) {
    const across = 1 - rise(half - 5, half + 3, Math.abs(x));
    const bow = y - MOUTH_Y - 4 * expression.smile * (x / half) ** 2;
    z -= 2.6 * across * Math.exp(-0.5 * (bow / 1.5) ** 2);
    z -= 14 * rise(0, 0.4, expression.open) * mouthGap(f, x, y);
  }
  return z;
}

/** How far the lips are apart at the midline when the mouth is open as wide as it goes, mm. */
const GAPE = 20;

/** How far to the side of the mouth's corner a place is: 0 between the lips, 1 on the cheek. */
function beside(f: Features, x: number): number {
  const half = mouthHalf(f);
  return rise(0.6 * half, 1.5 * half, Math.abs(x));
}

/** Share (0..1) by which a place belongs to the strip between the lips that an open mouth stretches to its hole. */
export function mouthGap(f: Features, x: number, y: number): number {
  if (f.expression.open === 0) return 0;
  return rise(-36.5, -35.2, y) * (1 - rise(-33.8, -32.8, y)) * (1 - rise(0.6, 1, Math.abs(x) / mouthHalf(f)));
}

/** Height of an average face's place after the lower jaw went down (open mouth), mm. */
export function lowered(f: Features, x: number, y: number): number {
  const { open } = f.expression;
  if (open === 0) return y;
  const side = beside(f, x);
  return y - GAPE * open * (1 - 0.4 * side) * (1 - rise(-36.5 - 32 * side, -32.8 + 22 * side, y));
}
