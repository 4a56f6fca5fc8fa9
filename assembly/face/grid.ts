// The depth map made ready: binned to at most GRID_MOST cells, the head cut out, stray values dropped, smoothed.
import { clearHistogram, count, percentile } from "../vision/statistics";

/** A grid has no more cells; depth maps larger than that are binned by whole factors. */
export const GRID_MOST: i32 = 20000;
/** A head reaches this far behind its front, mm. */
const HEAD_DEPTH: f32 = 200;
/** Values that far off their neighbours' median are strays, mm. */
const STRAY: f32 = 15;
/** Smoothing: (1 - d^2 / 9)^7 at d grid cells, which is close to a Gaussian of 0.8. */
const REACH: f32 = 9;
/** Depths are counted in steps of 8 mm. */
const STEP: f32 = 8;

let columns: i32 = 0;
let rows: i32 = 0;
let factor: i32 = 1;
let nearer: i32 = 0;
let farther: i32 = 0;
let front: f32 = 0; // of the head that was cut out, mm

/** Grid cells of the last `bin` where all is nearer, or farther, than was asked for. */
export function tooNear(): i32 {
  return nearer;
}
export function tooFar(): i32 {
  return farther;
}

export function gridColumns(): i32 {
  return columns;
}
export function gridRows(): i32 {
  return rows;
}
/** Pixels of the depth map along a side of a grid cell. */
export function gridFactor(): i32 {
  return factor;
}

/** Cells of the grid for a depth map of width x height. */
export function gridCells(width: i32, height: i32): i32 {
  factor = 1;
  while ((width / factor) * (height / factor) > GRID_MOST) factor++;
  columns = width / factor;
  rows = height / factor;
  return columns * rows;
}

/**
 * Bins a depth map (f32 mm, or u16 of 0.1 mm with `fine`; 0 = none) to the grid, f32 mm: the mean of what lies within STRAY of the nearest
 * in the block. `grid` may be the place of an f32 map itself. Keeps what lies between `least` and `most` mm.
 */
export function bin(depth: usize, fine: bool, width: i32, height: i32, least: f32, most: f32, grid: usize): void {
  gridCells(width, height);
  nearer = 0;
  farther = 0;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++, grid += 4) {
      let front = most;
      let sum: f32 = 0;
      let n: f32 = 0;
      let other: f32 = 0;
      // Twice over the block: the nearest, then the mean of what is near it.
      for (let turn = 0; turn < 2; turn++) {
        for (let j = 0; j < factor; j++) {
          for (let i = 0; i < factor; i++) {
            const k = ((y * factor + j) * width + x * factor + i) as usize;
            const d: f32 = fine ? (load<u16>(depth + (k << 1)) as f32) * 0.1 : load<f32>(depth + (k << 2));
            if (!(d >= least && d <= most)) {
              other = max(other, d);
              continue;
            }
            if (turn == 0) front = min(front, d);
            else if (d < front + STRAY) {
              sum += d;
              n++;
            }
          }
        }
      }
      store<f32>(grid, n > 0 ? sum / n : 0);
      if (n == 0 && other > 0) {
        if (other < least) nearer++;
        else farther++;
      }
    }
  }
}

/** Marks the connected cells of mark `from` around cell `seed` with `to`; returns how many. `stack` holds a u16 for each cell. */
function flood(marks: usize, seed: i32, from: u8, to: u8, stack: usize): i32 {
  let top = stack;
  let size = 0;
  store<u16>(top, seed as u16);
  top += 2;
  store<u8>(marks + (seed as usize), to);
  while (top > stack) {
    top -= 2;
    const k = load<u16>(top) as i32;
    size++;
    const x = k % columns;
    for (let side = 0; side < 4; side++) {
      if ((side == 0 && x == 0) || (side == 1 && x == columns - 1)) continue;
      const next = k + (side == 0 ? -1 : side == 1 ? 1 : side == 2 ? -columns : columns);
      if (next < 0 || next >= columns * rows || load<u8>(marks + (next as usize)) != from) continue;
      store<u8>(marks + (next as usize), to);
      store<u16>(top, next as u16);
      top += 2;
    }
  }
  return size;
}

/**
 * Leaves of `grid` the head alone: what lies within HEAD_DEPTH of the front of the picture's upper three quarters, is connected, and is no stray.
 * `smoothed` becomes the head smoothed (0 = none). `scratch`: 3 bytes a cell. With `again` the front is that of the call before: a second head
 * among what is left. Returns how many cells the head has.
 */
export function cutHead(grid: usize, smoothed: usize, scratch: usize, again: bool): i32 {
  const cells = columns * rows;
  if (!again) {
    clearHistogram();
    for (let k = 0, upper = ((rows * 3) / 4) * columns; k < upper; k++) {
      const d = load<f32>(grid + ((k as usize) << 2));
      if (d > 0) count(min<i32>(255, (d / STEP) as i32) as u32);
    }
    front = (percentile(30) as f32) * STEP;
  }
  const stack = scratch + ((cells + 1) & ~1);
  for (let k = 0; k < cells; k++) {
    const d = load<f32>(grid + ((k as usize) << 2));
    store<u8>(scratch + (k as usize), d > 0 && d < front + HEAD_DEPTH ? 1 : 0);
  }
  let seed = -1;
  let largest = 0;
  for (let k = 0; k < cells; k++) {
    if (load<u8>(scratch + (k as usize)) != 1) continue;
    const size = flood(scratch, k, 1, 2, stack);
    if (size <= largest) continue;
    largest = size;
    seed = k;
  }
  if (seed < 0) return 0;
  flood(scratch, seed, 2, 3, stack);
  for (let k: usize = 0; k < (cells as usize); k++) if (load<u8>(scratch + k) != 3) store<f32>(grid + (k << 2), 0);
  dropStrays(grid, scratch);
  for (let k: usize = 0; k < (cells as usize); k++) if (load<u8>(scratch + k) != 3) store<f32>(grid + (k << 2), 0);
  blur(grid, smoothed);
  return largest;
}

/** Unmarks the cells that differ by STRAY or more from the median of their neighbourhood of 3 x 3. */
function dropStrays(grid: usize, marks: usize): void {
  for (let y = 1; y < rows - 1; y++) {
    for (let x = 1; x < columns - 1; x++) {
      const k = y * columns + x;
      const centre = load<f32>(grid + ((k as usize) << 2));
      if (centre == 0) continue;
      // Without sorting: the centre is near the median where as many lie above its reach as below it, or fewer than half on either side.
      let above = 0;
      let below = 0;
      let n = 0;
      for (let j = -1; j < 2; j++) {
        for (let i = -1; i < 2; i++) {
          const d = load<f32>(grid + (((k + j * columns + i) as usize) << 2));
          if (d == 0) continue;
          n++;
          if (d >= centre + STRAY) above++;
          if (d <= centre - STRAY) below++;
        }
      }
      if (2 * above > n || 2 * below > n) store<u8>(marks + (k as usize), 0);
    }
  }
}

/** The mean over 5 x 5 cells, weighted by distance, of those that have a value; where the middle one has none, none. */
function blur(grid: usize, smoothed: usize): void {
  memory.fill(smoothed, 0, (columns * rows * 4) as usize);
  for (let y = 2; y < rows - 2; y++) {
    for (let x = 2; x < columns - 2; x++) {
      const at = ((y * columns + x) as usize) << 2;
      if (load<f32>(grid + at) == 0) continue;
      let sum: f32 = 0;
      let total: f32 = 0;
      for (let j = -2; j < 3; j++) {
        for (let i = -2; i < 3; i++) {
          const d = load<f32>(grid + (at + (((j * columns + i) << 2) as usize)));
          if (d == 0) continue;
          const t: f32 = 1 - ((i * i + j * j) as f32) / REACH;
          const t2 = t * t;
          const w = t2 * t2 * t2 * t;
          sum += w * d;
          total += w;
        }
      }
      store<f32>(smoothed + at, sum / total);
    }
  }
}
