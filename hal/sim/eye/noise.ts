// Band-limited noise on a lattice: random values at the nodes, cubic interpolation between them. One lattice holds about one octave,
// so a sum of lattices is a texture whose spectrum we choose (Perlin, "An image synthesizer", SIGGRAPH 1985).
import type { Random } from "./random.ts";

/** A lattice of columns x rows normal values; periodic along columns, clamped (or periodic) along rows. */
export interface Lattice {
  readonly columns: number;
  readonly rows: number;
  readonly values: Float32Array;
  readonly wrapRows: boolean;
}

/** Draws a lattice. `wrapRows` makes it a torus, for textures that are tiled. */
export function makeLattice(random: Random, columns: number, rows: number, wrapRows = false): Lattice {
  const values = new Float32Array(columns * rows);
  for (let i = 0; i < values.length; i++) values[i] = random.normal(0, 1);
  return { columns, rows, values, wrapRows };
}

/** Uniform cubic B-spline weights at t in 0..1. */
function weights(t: number, into: Float64Array): void {
  const s = 1 - t;
  into[0] = (s * s * s) / 6;
  into[1] = (3 * t * t * t - 6 * t * t + 4) / 6;
  into[2] = (3 * s * s * s - 6 * s * s + 4) / 6;
  into[3] = (t * t * t) / 6;
}

const weight = new Float64Array(4);
// A B-spline of unit white noise has a variance of about 0.23; this brings the result back to about 1.
const GAIN = 2.09;

/** One row of a lattice, ready to be read along the columns. */
export type NoiseRow = Float32Array;

/** The lattice's row at v, in turns: 0 the first row, 1 the last (or, where rows wrap, the first again). */
export function latticeRow(lattice: Lattice, v: number): NoiseRow {
  const { columns, rows, values, wrapRows } = lattice;
  const y = wrapRows ? (v - Math.floor(v)) * rows : Math.min(Math.max(v, 0), 1) * (rows - 1);
  const y0 = Math.floor(y);
  weights(y - y0, weight);
  const line = new Float32Array(columns);
  for (let j = 0; j < 4; j++) {
    const at = y0 + j - 1;
    const base = columns * (wrapRows ? (at + rows) % rows : Math.min(Math.max(at, 0), rows - 1));
    for (let x = 0; x < columns; x++) line[x]! += GAIN * weight[j]! * values[base + x]!;
  }
  return line;
}

/** Noise at u of a row, in turns: 0..1 goes once around. About N(0, 1). */
export function readRow(row: NoiseRow, u: number): number {
  const columns = row.length;
  const x = (u - Math.floor(u)) * columns;
  const x0 = Math.floor(x);
  weights(x - x0, weight);
  let sum = 0;
  for (let i = 0; i < 4; i++) {
    const at = x0 + i - 1;
    sum += weight[i]! * row[at < 0 ? at + columns : at >= columns ? at - columns : at]!;
  }
  return sum;
}

/** A square tile of multi-octave noise, side a power of two, periodic both ways, about N(0, 1): skin is read from it. */
export function makeTile(
  random: Random,
  side: number,
  octaves: readonly (readonly [cells: number, gain: number])[],
): Float32Array {
  const tile = new Float32Array(side * side);
  let power = 0;
  for (const [cells, gain] of octaves) {
    const lattice = makeLattice(random, cells, cells, true);
    power += gain * gain;
    for (let y = 0; y < side; y++) {
      const row = latticeRow(lattice, y / side);
      for (let x = 0; x < side; x++) tile[y * side + x]! += gain * readRow(row, x / side);
    }
  }
  const scale = 1 / Math.sqrt(power);
  for (let i = 0; i < tile.length; i++) tile[i]! *= scale;
  return tile;
}
