// Second stage of a comparison: the probe read through an affine map, block by block, each free by a cell or two around its place
// (elastic matching as in Miura et al. 2004, block by block), and the map corrected by where the blocks went (one weighted least-squares
// step, as in iterated closest points, Besl & McKay 1992).
import { push, shareDiffering } from "./cells";
import { BLOCK, BLOCKS, CELLS } from "./encode";
import { centreOf, MAPS, NORMS, relax, WINDOWS } from "./match-map";

/** A map from the reference to the probe, cells about the middle of both: f32 a, b, c, d (x' = a x + b y + e), e, f. */
export const WARP_BYTES: i32 = 24;

/** Cells that a block may be off its place at most, each way. */
const FREEDOM: i32 = 2;
const WIDTH: i32 = 2 * FREEDOM + 1;
/** Lines of windows, one below the other. */
const LINES: i32 = CELLS + 2 * FREEDOM;
const MAP_BYTES: i32 = WIDTH * WIDTH * 4;
/** What a cell off its place costs a block, deviations. */
const CELL_COST: f32 = 0.3;
/** A block counts for the correction of the map by the square of what it is better than this, deviations. */
const WEIGHT_FROM: f32 = 0.3;
/** Weight of the map as it is, against a block of mean weight: mean square of the blocks' distances. */
const STIFFNESS: f32 = 10;

// Windows and maps lie where the first stage had its own.
/** Of each block how well it fits at each place, deviations; and the same relaxed. */
const FITS: usize = MAPS;
const RELAXED: usize = FITS + ((BLOCKS * MAP_BYTES) as usize);

/** The displacement, in cells of the reference, at which the last `fit` was best. */
let bestX: i32 = 0;
let bestY: i32 = 0;
/** The freedom of the last `fit`. */
let free: i32 = 0;

/** A coordinate as 8.8 fixed point, 64 cells above zero. */
function fixed(v: f32): i32 {
  return Mathf.floor(v * 256 + 0.5) as i32;
}

/**
 * Windows of eight cells of the probe read through `warp`, as far around the reference as it is free. Both coordinates travel in one
 * number, x in the lower half, so that a step is one addition and the test one comparison.
 */
function read(cells: usize, warp: usize): void {
  const a = load<f32>(warp);
  const b = load<f32>(warp, 4);
  const c = load<f32>(warp, 8);
  const d = load<f32>(warp, 12);
  const from: f32 = <f32>-15.5 - (free as f32);
  let line =
    (fixed((c + d) * from + load<f32>(warp, 20) + 80) << 16) + fixed((a + b) * from + load<f32>(warp, 16) + 80);
  const right = (fixed(c) << 16) + fixed(a);
  const down = (fixed(d) << 16) + fixed(b);
  const side = CELLS + 2 * free;
  for (let j = 0; j < side; j++) {
    let at = line;
    let row: u64 = 0;
    let window = WINDOWS + ((j as usize) << 3) - (BLOCK - 1) * LINES * 8;
    for (let i = 0; i < side; i++) {
      let cell: u64 = 0;
      if ((at & 0xe000e000) == 0x40004000) cell = load<u8>(cells + (((at >>> 19) & 0x3e0) | ((at >>> 8) & 0x1f)));
      row = push(row, cell);
      at += right;
      if (i >= BLOCK - 1) store<u64>(window, row);
      window += LINES * 8;
    }
    line += down;
  }
}

/**
 * How well the reference (`rows`) fits the probe (`cells`) through `warp`: the least sum over the blocks, deviations (negative is good). Each
 * block may lie off its place by `freedom` cells (1 or 2), the whole by `freedom` - 1; the `warp` is then moved there.
 */
export function fit(rows: usize, cells: usize, warp: usize, freedom: i32): f32 {
  free = freedom;
  read(cells, warp);
  const width = 2 * free + 1;
  for (let block = 0; block < BLOCKS; block++) {
    const norm = NORMS + ((block * 8) as usize);
    const mean = load<f32>(norm);
    const inverse = load<f32>(norm, 4);
    const own = rows + ((block * BLOCK * 8) as usize);
    const map = FITS + ((block * MAP_BYTES) as usize);
    for (let y = 0; y < width; y++) {
      for (let x = 0; x < width; x++) {
        const window = (BLOCK * (block & 3) + x) * LINES + BLOCK * (block >> 2) + y;
        const share = shareDiffering(WINDOWS + (window << 3), own);
        store<f32>(map + ((y * width + x) << 2), share < 0 ? 0 : (share - mean) * inverse);
      }
    }
    const relaxed = RELAXED + ((block * MAP_BYTES) as usize);
    memory.copy(relaxed, map, MAP_BYTES);
    for (let i: usize = 0; i < <usize>width; i++) relax(relaxed + i * ((width * 4) as usize), 4, width, CELL_COST);
    for (let i: usize = 0; i < <usize>width; i++) relax(relaxed + (i << 2), (width * 4) as usize, width, CELL_COST);
  }
  let best = f32.MAX_VALUE;
  for (let y = 1; y < width - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      let p = RELAXED + ((y * width + x) << 2);
      let sum: f32 = 0;
      for (let block = 0; block < BLOCKS; block++, p += MAP_BYTES) sum += load<f32>(p);
      if (sum >= best) continue;
      best = sum;
      bestX = x - free;
      bestY = y - free;
    }
  }
  move(warp, bestX as f32, bestY as f32);
  return best;
}

/** Moves a warp by a displacement in the reference. */
function move(warp: usize, x: f32, y: f32): void {
  store<f32>(warp, load<f32>(warp, 16) + load<f32>(warp) * x + load<f32>(warp, 4) * y, 16);
  store<f32>(warp, load<f32>(warp, 20) + load<f32>(warp, 8) * x + load<f32>(warp, 12) * y, 20);
}

/** Where block `block` fits best near its place in the last `fit`: its displacement from there, and how well. */
let blockX: f32 = 0;
let blockY: f32 = 0;
let blockFit: f32 = 0;
function place(block: i32): void {
  const width = 2 * free + 1;
  let p = FITS + ((block * MAP_BYTES) as usize);
  let least = f32.MAX_VALUE;
  for (let y = -free - bestY; y < width - free - bestY; y++) {
    for (let x = -free - bestX; x < width - free - bestX; x++, p += 4) {
      const value = load<f32>(p) + CELL_COST * ((abs(x) + abs(y)) as f32);
      if (value >= least) continue;
      least = value;
      blockX = x as f32;
      blockY = y as f32;
      blockFit = load<f32>(p);
    }
  }
}

/** Corrects `warp`, which the last `fit` moved, by the affine map of least squares through where its blocks fit best. */
export function correct(warp: usize): void {
  let n: f32 = 0;
  let x1: f32 = 0;
  let y1: f32 = 0;
  let xx: f32 = 0;
  let xy: f32 = 0;
  let yy: f32 = 0;
  let u1: f32 = 0;
  let v1: f32 = 0;
  let ux: f32 = 0;
  let uy: f32 = 0;
  let vx: f32 = 0;
  let vy: f32 = 0;
  for (let block = 0; block < BLOCKS; block++) {
    place(block);
    const root = max<f32>(0, -blockFit - WEIGHT_FROM);
    const w = root * root;
    const x = centreOf(block & 3);
    const y = centreOf(block >> 2);
    n += w;
    x1 += w * x;
    y1 += w * y;
    xx += w * x * x;
    xy += w * x * y;
    yy += w * y * y;
    u1 += w * blockX;
    v1 += w * blockY;
    ux += w * blockX * x;
    uy += w * blockX * y;
    vx += w * blockY * x;
    vy += w * blockY * y;
  }
  if (n < 0.01) return;
  const one: f32 = <f32>1 / n;
  xx += STIFFNESS * n - x1 * x1 * one;
  yy += STIFFNESS * n - y1 * y1 * one;
  xy -= x1 * y1 * one;
  ux -= u1 * x1 * one;
  uy -= u1 * y1 * one;
  vx -= v1 * x1 * one;
  vy -= v1 * y1 * one;
  const d: f32 = <f32>1 / (xx * yy - xy * xy);
  const m0 = (ux * yy - uy * xy) * d;
  const m1 = (uy * xx - ux * xy) * d;
  const m2 = (vx * yy - vy * xy) * d;
  const m3 = (vy * xx - vx * xy) * d;
  move(warp, (u1 - m0 * x1 - m1 * y1) * one, (v1 - m2 * x1 - m3 * y1) * one);
  for (let row = warp; row <= warp + 8; row += 8) {
    const p = load<f32>(row);
    const q = load<f32>(row, 4);
    store<f32>(row, p + p * m0 + q * m2);
    store<f32>(row, q + p * m1 + q * m3, 4);
  }
}

/** The inverse of `warp`: from the probe to the reference. */
export function invert(warp: usize, out: usize): void {
  const a = load<f32>(warp);
  const b = load<f32>(warp, 4);
  const c = load<f32>(warp, 8);
  const d = load<f32>(warp, 12);
  const one: f32 = <f32>1 / (a * d - b * c);
  const e = -load<f32>(warp, 16);
  const f = -load<f32>(warp, 20);
  store<f32>(out, d * one);
  store<f32>(out, -b * one, 4);
  store<f32>(out, -c * one, 8);
  store<f32>(out, a * one, 12);
  store<f32>(out, e, 16);
  store<f32>(out, f, 20);
  const x = (d * e - b * f) * one;
  const y = (a * f - c * e) * one;
  store<f32>(out, x, 16);
  store<f32>(out, y, 20);
}
