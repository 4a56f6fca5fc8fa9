// The folds of a palm's skin: heart, head and life line, the flexion creases of the fingers, and many small ones. They lie at the
// surface, so they are thin and sharp where veins are broad and soft.
import { makeRandom, type Random } from "../eye/random.ts";
import type { Outline } from "./outline.ts";
import type { Stroke } from "./veins.ts";

type Point = readonly [x: number, y: number];

/** Thumb side of the life line, as its points: what a folding thumb shades. */
export interface Creases {
  readonly strokes: readonly Stroke[];
  readonly life: readonly Point[];
}

/** A stroke through points (Catmull-Rom), tapering to its ends. */
function curve(points: readonly Point[], width: number): Stroke {
  const stroke: Stroke = [];
  const last = points.length - 1;
  for (let i = 0; i < last; i++) {
    const [p0, p1, p2, p3] = [-1, 0, 1, 2].map((k) => points[Math.min(last, Math.max(0, i + k))]!) as [
      Point,
      Point,
      Point,
      Point,
    ];
    const steps = Math.max(2, Math.ceil(Math.hypot(p2[0] - p1[0], p2[1] - p1[1]) / 0.4));
    for (let k = 0; k < steps; k++) {
      const t = k / steps;
      const at = (axis: 0 | 1): number => {
        const [a, b, c, d] = [p0[axis], p1[axis], p2[axis], p3[axis]];
        return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
      };
      const along = (i + t) / last;
      stroke.push(at(0), at(1), width * Math.min(1, 0.35 + 4 * along * (1 - along)), 0);
    }
  }
  return stroke;
}

function jitter(random: Random, points: readonly Point[], by: number): Point[] {
  return points.map(([x, y]) => [x + random.normal(0, by), y + random.normal(0, by)]);
}

/** Draws the creases of one hand. */
export function makeCreases(seed: number, { fingers }: Outline): Creases {
  const random = makeRandom(seed);
  const life = jitter(
    random,
    [
      [40, -18],
      [24, -14],
      [10, 2],
      [2, 22],
      [2, 40],
      [6, 56],
    ],
    1.8,
  );
  const head = jitter(
    random,
    [
      [38, -19],
      [16, -12],
      [-6, -2],
      [-28, 12],
    ],
    2.5,
  );
  const heart = jitter(
    random,
    [
      [-44, -20],
      [-26, -23],
      [-6, -28],
      [10, -38],
      [16, -46],
    ],
    2.2,
  );
  const strokes = [curve(life, 1), curve(head, 0.9), curve(heart, 0.95)];
  if (random.uniform(0, 1) < 0.6)
    strokes.push(
      curve(
        jitter(
          random,
          [
            [0, 48],
            [-2, 20],
            [0, -10],
            [4, -36],
          ],
          3,
        ),
        0.5,
      ),
    );
  for (let i = Math.round(random.uniform(16, 34)); i > 0; i--) {
    const [x, y] = [random.uniform(-36, 34), random.uniform(-42, 48)];
    const angle = random.normal(-0.9, 0.7);
    const half = random.uniform(3, 13);
    const [dx, dy] = [half * Math.cos(angle), half * Math.sin(angle)];
    const points: Point[] = [
      [x - dx, y - dy],
      [x, y],
      [x + dx, y + dy],
    ];
    strokes.push(curve(jitter(random, points, 0.9), random.uniform(0.2, 0.5)));
  }
  for (const [i, { x, y, angle, length, width }] of fingers.entries()) {
    for (const share of i === 0 ? [0.1, 0.5] : [0.02, 0.07, 0.4, 0.44, 0.7]) {
      const [cx, cy] = [x + Math.sin(angle) * length * share, y - Math.cos(angle) * length * share];
      const [dx, dy] = [0.5 * width * Math.cos(angle), 0.5 * width * Math.sin(angle)];
      strokes.push(
        curve(
          jitter(
            random,
            [
              [cx - dx, cy - dy],
              [cx, cy],
              [cx + dx, cy + dy],
            ],
            0.5,
          ),
          0.6,
        ),
      );
    }
  }
  for (const y of [57, 61])
    strokes.push(
      curve(
        jitter(
          random,
          [
            [-26, y - 2],
            [0, y],
            [26, y - 2],
          ],
          1,
        ),
        0.7,
      ),
    );
  return { strokes, life };
}
