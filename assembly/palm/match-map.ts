// First stage of a comparison, first half: how well each block of the reference fits the probe at every displacement. A block's share of
// differing bits is judged by its own mean and deviation over all displacements (cf. score normalisation, Jain et al. 2005): creases that
// fit everywhere say little, and a block without veins nothing.
import { push, shareDiffering } from "./cells";
import { BLOCK, BLOCKS, CELLS } from "./encode";

/** Displacements along an axis: -8..8 cells in steps of two. */
export const STEPS: i32 = 9;
const REACH: i32 = 8;
/** What a step between neighbouring displacements costs a block that leaves its place, in deviations. */
const STEP_COST: f32 = 1;
/** Added to a block's variance: differences of chance. */
const CHANCE: f32 = 0.003;
/** Places beyond the map count as nothing: the sums need not look where they are. */
const RIM: i32 = 2;
export const PADDED: i32 = STEPS + 2 * RIM;
export const MAP_BYTES: i32 = PADDED * PADDED * 4;

/** Windows of the probe at even columns -8..32, rows -8..39, one column after the other. */
const LINES: i32 = CELLS + 2 * REACH;
/** The second stage's windows are a few more. */
const WINDOWS_BYTES: i32 = 29 * 36 * 8;

const WORK_BYTES: i32 = WINDOWS_BYTES + BLOCKS * MAP_BYTES + BLOCKS * 8;
/** The probe's windows; free when the first stage is done, and so are the maps. */
export const WINDOWS: usize = memory.data(WINDOWS_BYTES + BLOCKS * MAP_BYTES + BLOCKS * 8, 8);
export const MAPS: usize = WINDOWS + (WINDOWS_BYTES as usize);
/** Of each block the mean and the inverse deviation, f32. */
export const NORMS: usize = MAPS + ((BLOCKS * MAP_BYTES) as usize);

/** Zeroes what the last comparison left; returns the bytes zeroed. */
export function wipeMaps(): i32 {
  memory.fill(WINDOWS, 0, WORK_BYTES);
  return WORK_BYTES;
}

/** Centre of a block in a row or column of four, cells from the middle of the region. */
export function centreOf(block: i32): f32 {
  const cells = 8 * block - 12;
  return cells as f32;
}

/** Windows of eight cells along each row of the probe, at even columns; the rows above and below it are empty. */
function slide(cells: usize): void {
  memory.fill(WINDOWS, 0, WINDOWS_BYTES);
  for (let y: usize = 0; y < <usize>CELLS; y++) {
    let row: u64 = 0;
    const line = cells + y * CELLS;
    let window = WINDOWS + ((y + REACH) << 3) + LINES * 8;
    for (let x = 0; x < CELLS + BLOCK - 2; x += 2, window += LINES * 8) {
      const at = line + (x as usize);
      const inside = x < CELLS;
      row = push(push(row, inside ? load<u8>(at) : 0), inside ? load<u8>(at, 1) : 0);
      store<u64>(window, row);
    }
  }
}

/** The map of one block: its shares at all displacements, normalised; then each the least of itself and its neighbours at STEP_COST a step. */
function mapBlock(rows: usize, block: i32): void {
  const map = MAPS + ((block * MAP_BYTES + (RIM * PADDED + RIM) * 4) as usize);
  let sum: f32 = 0;
  let squares: f32 = 0;
  let places = 0;
  for (let i = 0; i < STEPS; i++) {
    for (let j = 0; j < STEPS; j++) {
      const column = 4 * (block & 3) + j;
      const line = BLOCK * (block >> 2) + 2 * i;
      const share = shareDiffering(WINDOWS + ((column * LINES + line) << 3), rows);
      store<f32>(map + ((i * PADDED + j) << 2), share);
      if (share < 0) continue;
      sum += share;
      squares += share * share;
      places++;
    }
  }
  const mean = sum / (places as f32);
  const inverse: f32 = <f32>1 / sqrt<f32>(max<f32>(0, squares / (places as f32) - mean * mean) + CHANCE);
  const norm = NORMS + ((block * 8) as usize);
  store<f32>(norm, mean);
  store<f32>(norm, inverse, 4);
  for (let i = 0; i < STEPS; i++) {
    for (let j = 0; j < STEPS; j++) {
      const p = map + ((i * PADDED + j) << 2);
      const share = load<f32>(p);
      store<f32>(p, share < 0 ? 0 : (share - mean) * inverse);
    }
  }
  for (let i: usize = 0; i < <usize>STEPS; i++) {
    relax(map + i * (PADDED * 4), 4, STEPS, STEP_COST);
    relax(map + (i << 2), PADDED * 4, STEPS, STEP_COST);
  }
}

/** Each of `n` f32, `stride` bytes apart, becomes the least of itself and its two neighbours plus `cost`. */
export function relax(p: usize, stride: usize, n: i32, cost: f32): void {
  let before = load<f32>(p) + cost;
  for (let i = 0; i < n - 1; i++) {
    const value = load<f32>(p);
    const after = load<f32>(p + stride);
    store<f32>(p, min(value, min(before, after + cost)));
    before = value + cost;
    p += stride;
  }
  store<f32>(p, min(load<f32>(p), before));
}

/** Compares all blocks of the reference (`rows`) with the probe (`cells`): fills MAPS and NORMS. */
export function mapBlocks(rows: usize, cells: usize): void {
  slide(cells);
  // The rims too: the second stage of the comparison before this one worked there.
  memory.fill(MAPS, 0, BLOCKS * MAP_BYTES);
  for (let block = 0; block < BLOCKS; block++) mapBlock(rows + ((block * BLOCK * 8) as usize), block);
}
