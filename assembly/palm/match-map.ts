// First stage of a comparison: how well each block of the reference fits the probe at every displacement, and which turns and
// scales of the whole palm the blocks agree about. A block's share of differing bits is judged by its own mean and deviation over all
// displacements (cf. score normalisation, Jain et al. 2005): creases that fit everywhere say little, and a block without veins nothing.

import { push, shareDiffering } from "./cells";
import { BLOCK, BLOCKS, CELLS } from "./encode";

/** Displacements along an axis: -8..8 cells in steps of two. */
const STEPS: i32 = 9;
const REACH: i32 = 8;
/** What a step between neighbouring displacements costs a block that leaves its place, in deviations. */
const STEP_COST: f32 = 1;
/** Added to a block's variance: differences of chance. */
const CHANCE: f32 = 0.003;
/** Places beyond the map count as nothing: the sums need not look where they are. */
const RIM: i32 = 2;
const PADDED: i32 = STEPS + 2 * RIM;
const MAP_BYTES: i32 = PADDED * PADDED * 4;

/** Windows of the probe at even columns -8..32, rows -8..39. */
const COLUMNS: i32 = (CELLS + REACH) / 2 + 1;
const LINES: i32 = CELLS + 2 * REACH;
/** The second stage's windows are a few more. */
const WINDOWS_BYTES: i32 = 29 * 36 * 8;

/** Candidates: a turn and scale of the probe against the reference, and a displacement (in steps of two cells) with it. */
export const CANDIDATES: i32 = 4;
const TURNS: i32 = 5;
const SCALES: i32 = 3;
const HYPOTHESES: i32 = TURNS * SCALES;
/** Displacements of the whole: -2..2 steps. */
const SHIFTS: i32 = 5;

const WORK_BYTES: i32 = WINDOWS_BYTES + BLOCKS * MAP_BYTES + BLOCKS * 8 + HYPOTHESES * 8;
/** The probe's windows; free when the first stage is done, and so are the maps. */
export const WINDOWS: usize = memory.data(WINDOWS_BYTES + BLOCKS * MAP_BYTES + BLOCKS * 8 + HYPOTHESES * 8, 8);
export const MAPS: usize = WINDOWS + (WINDOWS_BYTES as usize);
/** Of each block the mean and the inverse deviation, f32. */
export const NORMS: usize = MAPS + ((BLOCKS * MAP_BYTES) as usize);
/** Of each hypothesis the least sum, f32, and where it is, two i8 (steps). */
const SUMS: usize = NORMS + ((BLOCKS * 8) as usize);

/** Of each hypothesis the matrix (four f32), and where it takes each block, two i8 (steps). */
const MATRICES: usize = memory.data(HYPOTHESES * 16, 4);
const PLACES: usize = memory.data(HYPOTHESES * BLOCKS * 2, 2);
let ready: bool = false;

/** Zeroes what the last comparison left; returns the bytes zeroed. */
export function wipeMaps(): i32 {
  memory.fill(WINDOWS, 0, WORK_BYTES);
  return WORK_BYTES;
}

/** Cosine and sine of 9 degrees; turns are their powers, scales powers of 1.2. */
const COSINE: f32 = 0.98768836;
const SINE: f32 = 0.15643446;
const SCALE: f32 = 1.2;

/** Fills MATRICES and PLACES, once: turns of -18..18 degrees, each at scales 1/1.2, 1 and 1.2. */
function prepare(): void {
  if (ready) return;
  let c: f32 = COSINE * COSINE - SINE * SINE;
  let s: f32 = -2 * SINE * COSINE;
  for (let turn = 0; turn < TURNS; turn++) {
    let scale: f32 = <f32>1 / SCALE;
    for (let k = 0; k < SCALES; k++, scale *= SCALE) {
      const hypothesis = turn * SCALES + k;
      const m = MATRICES + ((hypothesis * 16) as usize);
      store<f32>(m, c * scale);
      store<f32>(m, -s * scale, 4);
      store<f32>(m, s * scale, 8);
      store<f32>(m, c * scale, 12);
      for (let block = 0; block < BLOCKS; block++) {
        const x = centreOf(block & 3);
        const y = centreOf(block >> 2);
        const p = PLACES + ((2 * (hypothesis * BLOCKS + block)) as usize);
        store<i8>(p, nearest(0.5 * (load<f32>(m) * x + load<f32>(m, 4) * y - x)) as i8);
        store<i8>(p, nearest(0.5 * (load<f32>(m, 8) * x + load<f32>(m, 12) * y - y)) as i8, 1);
      }
    }
    const turned = c * COSINE - s * SINE;
    s = c * SINE + s * COSINE;
    c = turned;
  }
  ready = true;
}

/** Centre of a block in a row or column of four, cells from the middle of the region. */
export function centreOf(block: i32): f32 {
  const cells = 8 * block - 12;
  return cells as f32;
}

function nearest(v: f32): i32 {
  return Mathf.floor(v + 0.5) as i32;
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

/** The least sum over all blocks of a hypothesis, with the displacement it has it at. */
function search(hypothesis: i32): void {
  const places = PLACES + ((2 * hypothesis * BLOCKS) as usize);
  const result = SUMS + ((hypothesis * 8) as usize);
  let best = f32.MAX_VALUE;
  for (let ty = 0; ty < SHIFTS; ty++) {
    let s0: f32 = 0;
    let s1: f32 = 0;
    let s2: f32 = 0;
    let s3: f32 = 0;
    let s4: f32 = 0;
    for (let block: usize = 0; block < <usize>BLOCKS; block++) {
      // Where the block lies without a displacement, -2 steps: the rim lets five places follow.
      const x = clampPlace((load<i8>(places + 2 * block) as i32) + STEPS / 2);
      const y = clampPlace((load<i8>(places + 2 * block, 1) as i32) + STEPS / 2);
      const p = MAPS + block * MAP_BYTES + (((y + ty) * PADDED + x) << 2);
      s0 += load<f32>(p);
      s1 += load<f32>(p, 4);
      s2 += load<f32>(p, 8);
      s3 += load<f32>(p, 12);
      s4 += load<f32>(p, 16);
    }
    const least = min(min(min(s0, s1), min(s2, s3)), s4);
    if (least >= best) continue;
    best = least;
    store<f32>(result, best);
    store<i8>(result, (least == s0 ? -2 : least == s1 ? -1 : least == s2 ? 0 : least == s3 ? 1 : 2) as i8, 4);
    store<i8>(result, (ty - 2) as i8, 5);
  }
}

/** A place whose five shifts lie in the padded map. */
function clampPlace(v: i32): i32 {
  return min(max(v, 0), PADDED - SHIFTS);
}

/**
 * Compares all blocks of the reference (`rows`) with the probe (`cells`) and searches the hypotheses; contactless: all of them, guided:
 * the upright one of scale 1. Then `nextCandidate` gives the best.
 */
export function firstStage(rows: usize, cells: usize, guided: bool): void {
  prepare();
  slide(cells);
  for (let block = 0; block < BLOCKS; block++) mapBlock(rows + ((block * BLOCK * 8) as usize), block);
  for (let hypothesis = 0; hypothesis < HYPOTHESES; hypothesis++) {
    store<f32>(SUMS + ((hypothesis * 8) as usize), f32.MAX_VALUE);
    if (!guided || hypothesis == HYPOTHESES / 2) search(hypothesis);
  }
}

/** The displacement of the last candidate, cells. */
export let candidateX: i32 = 0;
export let candidateY: i32 = 0;

/**
 * Takes the best hypothesis left, and with it the turns beside it that have the same displacement, which refinement reaches anyway.
 * Returns its matrix, or 0 when there is none.
 */
export function nextCandidate(): usize {
  let best = 0;
  for (let i = 1; i < HYPOTHESES; i++) {
    if (load<f32>(SUMS + ((i * 8) as usize)) < load<f32>(SUMS + ((best * 8) as usize))) best = i;
  }
  const sum = SUMS + ((best * 8) as usize);
  if (load<f32>(sum) == f32.MAX_VALUE) return 0;
  store<f32>(sum, f32.MAX_VALUE);
  const shift = load<u16>(sum, 4);
  candidateX = 2 * (load<i8>(sum, 4) as i32);
  candidateY = 2 * (load<i8>(sum, 5) as i32);
  for (let turn = -SCALES; turn <= SCALES; turn += 2 * SCALES) {
    const i = best + turn;
    if (i < 0 || i >= HYPOTHESES) continue;
    const beside = SUMS + ((i * 8) as usize);
    if (load<u16>(beside, 4) == shift) store<f32>(beside, f32.MAX_VALUE);
  }
  return MATRICES + ((best * 16) as usize);
}
