// The veins of one hand, grown and not copied: trunks run from the wrist to the fingers' valleys, wander, branch, and are tied together by
// arches; each point has a width and a depth under the skin. Another seed grows another tree: palm veins are as personal as irises.
import { makeRandom, type Random } from "../eye/random.ts";
import type { Outline } from "./outline.ts";

/** Points of a stroke, STRIDE numbers each: x, y (mm), width (mm), depth (mm). */
export type Stroke = number[];
export const STRIDE = 4;

/** Distance between the points of a stroke, mm. */
const STEP = 0.5;

interface Tip {
  x: number;
  y: number;
  angle: number;
  width: number;
  depth: number;
  /** Wish: a point to grow towards, and how strongly. */
  readonly toX: number;
  readonly toY: number;
  readonly pull: number;
  /** Still to grow, mm. */
  length: number;
  readonly order: number;
}

const MAX_ORDER = 2;
/** A vein's last stretch goes down into the hand and out of sight, mm. */
const DIVE = 12;

/** Grows one vein; what branches off is put on `buds`. */
function grow(random: Random, tip: Tip, inside: (x: number, y: number) => boolean, buds: Tip[]): Stroke {
  const stroke: Stroke = [];
  let bend = 0;
  let sinceBranch = 0;
  while (tip.length > 0 && inside(tip.x, tip.y)) {
    stroke.push(tip.x, tip.y, tip.width, tip.depth);
    const wish = Math.atan2(tip.toY - tip.y, tip.toX - tip.x);
    const off = Math.atan2(Math.sin(wish - tip.angle), Math.cos(wish - tip.angle));
    bend = 0.92 * bend + random.normal(0, 0.011);
    tip.angle += tip.pull * off + bend;
    tip.x += STEP * Math.cos(tip.angle);
    tip.y += STEP * Math.sin(tip.angle);
    tip.width = Math.max(0.9, tip.width * (1 - 0.0016 * STEP) + random.normal(0, 0.015));
    tip.depth = Math.min(7, Math.max(0.4, tip.depth + random.normal(0, 0.09)));
    if (tip.length < DIVE) tip.depth += 0.15;
    else if (tip.depth > 4) tip.depth -= 0.04;
    tip.length -= STEP;
    sinceBranch += STEP;
    if (tip.order < MAX_ORDER && sinceBranch > 7 && random.uniform(0, 1) < 0.02) {
      sinceBranch = 0;
      const side = random.uniform(0, 1) < 0.5 ? -1 : 1;
      const angle = tip.angle + side * random.uniform(0.4, 1.15);
      const length = random.uniform(20, 55) / (tip.order * 0.4 + 1);
      buds.push({
        ...tip,
        angle,
        width: tip.width * random.uniform(0.6, 0.9),
        depth: tip.depth + random.normal(0, 0.5),
        toX: tip.x + 60 * Math.cos(angle - 0.4 * side),
        toY: tip.y + 60 * Math.sin(angle - 0.4 * side),
        pull: 0.012,
        length,
        order: tip.order + 1,
      });
      // Where a branch leaves, the vein turns a little away from it.
      tip.angle -= side * random.uniform(0.05, 0.35);
      tip.width *= 0.94;
    }
  }
  return stroke;
}

/** Grows all veins of a hand. @param inside whether a point lies well within the hand */
export function growVeins(seed: number, outline: Outline, inside: (x: number, y: number) => boolean): Stroke[] {
  const random = makeRandom(seed);
  const buds: Tip[] = [];
  const strokes: Stroke[] = [];
  const valleys = outline.fingers.slice(1).flatMap((finger, i, fingers) => {
    const next = fingers[i + 1];
    return next ? [{ x: (finger.x + next.x) / 2, y: (finger.y + next.y) / 2 - 4 }] : [];
  });
  const ends = [{ x: 40, y: -30 }, ...valleys, { x: -42, y: -24 }];
  for (const end of ends) {
    if (random.uniform(0, 1) < 0.12) continue;
    const x = end.x * 0.45 + random.normal(0, 7);
    const y = random.uniform(40, 70);
    buds.push({
      x,
      y,
      angle: Math.atan2(end.y - y, end.x - x) + random.normal(0, 0.25),
      width: random.uniform(2, 3.3),
      depth: random.uniform(0.8, 3),
      toX: end.x,
      toY: end.y,
      pull: 0.02,
      length: 150,
      order: 0,
    });
  }
  // Arches across the palm tie the trunks together.
  for (const level of [-26, -8, 14]) {
    if (random.uniform(0, 1) < 0.25) continue;
    const y = level + random.normal(0, 6);
    const toRight = random.uniform(0, 1) < 0.5 ? 1 : -1;
    buds.push({
      x: -toRight * random.uniform(20, 36),
      y,
      angle: (toRight > 0 ? 0 : Math.PI) + random.normal(0, 0.4),
      width: random.uniform(1.5, 2.5),
      depth: random.uniform(1, 3),
      toX: toRight * 60,
      toY: y + random.normal(0, 14),
      pull: 0.015,
      length: random.uniform(35, 75),
      order: 1,
    });
  }
  for (const { x, y, angle, length, width } of outline.fingers) {
    for (const side of [-0.26, 0.26]) {
      buds.push({
        x: x + side * width * Math.cos(angle),
        y: y + side * width * Math.sin(angle),
        angle: angle - Math.PI / 2,
        width: random.uniform(1, 1.5),
        depth: random.uniform(1.2, 2.6),
        toX: x + Math.sin(angle) * 2 * length,
        toY: y - Math.cos(angle) * 2 * length,
        pull: 0.08,
        length: length * 0.85,
        order: 2,
      });
    }
  }
  for (let tip = buds.shift(); tip; tip = buds.shift()) strokes.push(grow(random, tip, inside, buds));
  return strokes;
}
