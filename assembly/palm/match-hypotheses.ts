// First stage of a comparison, second half: which turns and scales of the whole palm the blocks agree about. A hypothesis is a turn and a
// scale; it says where each block would lie, and its sum over the blocks' maps, at the best displacement of the whole, says how well it fits.
import { BLOCKS } from "./encode";
import { centreOf, MAP_BYTES, MAPS, mapBlocks, PADDED, STEPS } from "./match-map";

/** Candidates: a turn and scale of the probe against the reference, and a displacement (in steps of two cells) with it. */
export const CANDIDATES: i32 = 4;
const TURNS: i32 = 5;
const SCALES: i32 = 3;
const HYPOTHESES: i32 = TURNS * SCALES;
/** Displacements of the whole: -2..2 steps. */
const SHIFTS: i32 = 5;

/** Of each hypothesis the least sum, f32, and where it is, two i8 (steps). */
const SUMS: usize = memory.data(HYPOTHESES * 8, 4);

/** Of each hypothesis the matrix (four f32), and where it takes each block, two i8 (steps). */
const MATRICES: usize = memory.data(HYPOTHESES * 16, 4);
const PLACES: usize = memory.data(HYPOTHESES * BLOCKS * 2, 2);
let ready: bool = false;

/** Zeroes what the last comparison left; returns the bytes zeroed. The matrices and places are nobody's. */
export function wipeHypotheses(): i32 {
  memory.fill(SUMS, 0, HYPOTHESES * 8);
  candidateX = 0;
  candidateY = 0;
  return HYPOTHESES * 8;
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

function nearest(v: f32): i32 {
  return Mathf.floor(v + 0.5) as i32;
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
  mapBlocks(rows, cells);
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
