// The hand's skin, unrolled to a flat sheet, as a camera would see it under even light: how much of each band comes back, where the creases
// are, and the shape that light falls on. Made once a hand; pictures are read from it.

import { latticeRow, makeLattice, readRow } from "../eye/noise.ts";
import { blur } from "../eye/optics.ts";
import { childSeed, makeRandom } from "../eye/random.ts";
import { skinTile, TILE_SIDE } from "../eye/skin.ts";
import { type Creases, makeCreases } from "./creases.ts";
import { makeOutline, type Outline, outlineDistance } from "./outline.ts";
import { growVeins, STRIDE, type Stroke } from "./veins.ts";

/** The part of the hand's plane that sheets cover, mm; beyond it their edges go on (the forearm does). */
export const LEFT = -76;
export const TOP = -152;
const WIDE = 186;
const HIGH = 252;

/** Samples of a sheet a millimetre: skin is fine, shape is not. */
export const FINE = 3;

/** A grid of `channels` values a sample, interleaved. */
export interface Sheet {
  readonly columns: number;
  readonly rows: number;
  readonly values: Float32Array;
}

/** Skin sheet: reflectance at 850 nm, at 940 nm, creases. */
export const SKIN = 3;
/** Shape sheet: distance to the edge (mm, negative inside), slope along x and y, thumb side of the life line (0..1). */
export const SHAPE = 4;

export interface HandSheets {
  readonly skin: Sheet;
  readonly shape: Sheet;
}

const COLUMNS = WIDE * FINE;
const ROWS = HIGH * FINE;

/** Blur of a vein by the tissue above it, mm, and how much light it takes at 850 and 940 nm, by depth. */
const LAYERS = [
  { depth: 0.6, scatter: 0.55, at850: 0.2, at940: 0.17 },
  { depth: 2, scatter: 1.1, at850: 0.27, at940: 0.215 },
  { depth: 3.8, scatter: 2, at850: 0.36, at940: 0.26 },
] as const;

/** Deeper veins do not show, mm. */
const INVISIBLE = 6.5;

/** Marks a stroke in a map; `strength` says how strongly a point of this depth shows there. */
function draw(map: Float32Array, stroke: Stroke, strength: (depth: number) => number): void {
  for (let k = 0; k < stroke.length; k += STRIDE) {
    const share = strength(stroke[k + 3]!);
    if (share <= 0) continue;
    const x = (stroke[k]! - LEFT) * FINE;
    const y = (stroke[k + 1]! - TOP) * FINE;
    const radius = (stroke[k + 2]! / 2) * FINE;
    const reach = radius + 0.7;
    for (let j = Math.max(0, Math.ceil(y - reach)); j <= Math.min(ROWS - 1, y + reach); j++) {
      for (let i = Math.max(0, Math.ceil(x - reach)); i <= Math.min(COLUMNS - 1, x + reach); i++) {
        const d = Math.sqrt((i - x) ** 2 + (j - y) ** 2);
        const value = share * Math.min(1, Math.max(0, radius + 0.5 - d));
        const at = j * COLUMNS + i;
        if (value > map[at]!) map[at] = value;
      }
    }
  }
}

function softened(strokes: readonly Stroke[], sigma_mm: number, strength: (depth: number) => number): Float32Array {
  const map = new Float32Array(COLUMNS * ROWS);
  for (const stroke of strokes) draw(map, stroke, strength);
  blur(map, COLUMNS, ROWS, sigma_mm * FINE);
  return map;
}

/** Cloudiness of the tissue: cells (mm), and deviation shared by the bands, and of the water that 940 nm sees alone. */
const CLOUDS = [
  { cell: 22, common: 0.075, water: 0.025 },
  { cell: 8, common: 0.05, water: 0.012 },
  { cell: 3, common: 0.022, water: 0.005 },
] as const;

function addClouds(skin: Float32Array, seed: number): void {
  const random = makeRandom(seed);
  for (const { cell, common, water } of CLOUDS) {
    const make = () => makeLattice(random, Math.round(WIDE / cell), Math.round(HIGH / cell));
    const [shared, own] = [make(), make()];
    for (let y = 0; y < ROWS; y++) {
      const [sharedRow, ownRow] = [latticeRow(shared, y / ROWS), latticeRow(own, y / ROWS)];
      for (let x = 0; x < COLUMNS; x++) {
        const at = (y * COLUMNS + x) * SKIN;
        const both = common * readRow(sharedRow, x / COLUMNS);
        skin[at]! += both;
        skin[at + 1]! += both + water * readRow(ownRow, x / COLUMNS);
      }
    }
  }
}

function makeSkin(seed: number, veins: readonly Stroke[], creases: Creases): Sheet {
  const values = new Float32Array(COLUMNS * ROWS * SKIN);
  addClouds(values, childSeed(seed, "tissue"));
  // In some hands veins show far better than in others.
  const clear = makeRandom(childSeed(seed, "clearness")).uniform(0.7, 1.15);
  for (const [i, layer] of LAYERS.entries()) {
    const [above, below] = [LAYERS[i - 1]?.depth ?? -10, LAYERS[i + 1]?.depth ?? INVISIBLE];
    const tent = (d: number): number =>
      Math.max(0, d < layer.depth ? (d - above) / (layer.depth - above) : (below - d) / (below - layer.depth));
    const map = softened(veins, layer.scatter, tent);
    for (let k = 0; k < map.length; k++) {
      values[k * SKIN]! -= clear * layer.at850 * map[k]!;
      values[k * SKIN + 1]! -= clear * layer.at940 * map[k]!;
    }
  }
  const fold = softened(creases.strokes, 0.22, () => 1);
  const lips = softened(creases.strokes, 0.8, () => 1);
  const tile = skinTile();
  for (let k = 0; k < fold.length; k++) {
    const x = k % COLUMNS;
    const y = (k - x) / COLUMNS;
    const grain = 0.016 * tile[(y % TILE_SIDE) * TILE_SIDE + (x % TILE_SIDE)]!;
    values[k * SKIN] = Math.exp(values[k * SKIN]! + grain);
    values[k * SKIN + 1] = Math.exp(values[k * SKIN + 1]! + grain);
    values[k * SKIN + 2] = fold[k]! - 1.1 * lips[k]!;
  }
  return { columns: COLUMNS, rows: ROWS, values };
}

/** Bumps of the palm's relief: centre, radius (mm), height. */
const RELIEF = [
  [27, 24, 17, 6],
  [-25, 26, 18, 4.5],
  [0, 4, 20, -3.5],
  [26, -36, 9, 1.6],
  [6, -42, 9, 1.8],
  [-14, -40, 9, 1.6],
  [-31, -28, 10, 1.6],
] as const;

/** How far a point lies beyond the life line on the thumb's side, mm; negative on the other. */
function beyondLife({ life }: Creases, x: number, y: number): number {
  let best = 1e6;
  let side = 0;
  for (let i = 0; i + 1 < life.length; i++) {
    const [[x0, y0], [x1, y1]] = [life[i]!, life[i + 1]!];
    const [dx, dy] = [x1 - x0, y1 - y0];
    const t = Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy)));
    const d = (x - x0 - t * dx) ** 2 + (y - y0 - t * dy) ** 2;
    if (d >= best) continue;
    best = d;
    side = dx * (y - y0) - dy * (x - x0) < 0 ? 1 : -1;
  }
  return side * Math.sqrt(best);
}

function makeShape(outline: Outline, creases: Creases, seed: number): Sheet {
  const random = makeRandom(seed);
  const bumps = RELIEF.map(
    ([x, y, r, h]) => [x, y, r * random.uniform(0.85, 1.15), h * random.uniform(0.6, 1.4)] as const,
  );
  const values = new Float32Array(WIDE * HIGH * SHAPE);
  for (let j = 0; j < HIGH; j++) {
    for (let i = 0; i < WIDE; i++) {
      const [x, y, at] = [i + LEFT, j + TOP, (j * WIDE + i) * SHAPE];
      values[at] = outlineDistance(outline, x, y);
      for (const [cx, cy, r, h] of bumps) {
        const drop = (2 * h * Math.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (r * r))) / (r * r);
        values[at + 1]! -= drop * (x - cx);
        values[at + 2]! -= drop * (y - cy);
      }
      const beyond = beyondLife(creases, x, y);
      values[at + 3] = beyond < -1 ? 0 : beyond < 1 ? (beyond + 1) / 2 : Math.exp(-(beyond - 1) / 22);
    }
  }
  return { columns: WIDE, rows: HIGH, values };
}

/** Makes the sheets of one hand from a seed; a few hundred milliseconds, so keep them. */
export function makeSheets(seed: number): HandSheets {
  const outline = makeOutline(makeRandom(childSeed(seed, "outline")));
  const creases = makeCreases(childSeed(seed, "creases"), outline);
  const inside = (x: number, y: number): boolean => y < 98 && outlineDistance(outline, x, y) < -1.5;
  const veins = growVeins(childSeed(seed, "veins"), outline, inside);
  return { skin: makeSkin(seed, veins, creases), shape: makeShape(outline, creases, childSeed(seed, "relief")) };
}
