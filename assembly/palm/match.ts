// Comparison of two palm codes. Blocks of the reference are found in the probe, the turns and scales that they agree about are
// followed up, the best is corrected by where the blocks went, and then looked at from the other side: probe and reference change
// places. The better side counts: a palm that is bent or tilted shows one side more than the other.
import { LAID_OUT_BYTES, layOut, ROWS_BYTES } from "./cells";
import { BLOCKS } from "./encode";
import { CANDIDATES, candidateX, candidateY, firstStage, nextCandidate, wipeHypotheses } from "./match-hypotheses";
import { wipeMaps } from "./match-map";
import { correct, fit, invert, WARP_BYTES } from "./match-warp";

const WORK_BYTES: i32 = 2 * LAID_OUT_BYTES + 3 * WARP_BYTES;
const PROBE: usize = memory.data(2 * LAID_OUT_BYTES + 3 * WARP_BYTES, 8);
const REFERENCE: usize = PROBE + (LAID_OUT_BYTES as usize);
const WARP: usize = REFERENCE + (LAID_OUT_BYTES as usize);
const BEST: usize = WARP + (WARP_BYTES as usize);
const NEXT: usize = BEST + (WARP_BYTES as usize);

/** A sum over the blocks below which no other candidate needs to be tried: different palms come to -27 at most. */
const SURE: f32 = -32;
/** A sum above which refinement is not tried: palms that are the same in the end are seldom above. */
const HOPELESS: f32 = -14.4;

/** Zeroes what the last comparison left; returns the bytes zeroed. */
export function wipeMatch(): i32 {
  memory.fill(PROBE, 0, WORK_BYTES);
  return WORK_BYTES + wipeMaps() + wipeHypotheses();
}

/**
 * How alike two codes of one band are: the mean over the blocks of how many deviations they fit better than elsewhere; about 1 for
 * different palms, 1.5 to 5 for the same. Two bytes of anything precede each code. `guided`: hands lie in a guide, unturned and unscaled.
 */
export function likeness(probe: usize, reference: usize, guided: bool): f32 {
  layOut(probe, PROBE);
  layOut(reference, REFERENCE);
  const probeCells = PROBE + (ROWS_BYTES as usize);
  const referenceCells = REFERENCE + (ROWS_BYTES as usize);
  firstStage(REFERENCE, probeCells, guided);
  let least = f32.MAX_VALUE;
  for (let i = 0; i < CANDIDATES; i++) {
    const matrix = nextCandidate();
    if (!matrix) break;
    memory.copy(WARP, matrix, 16);
    store<f32>(WARP, candidateX as f32, 16);
    store<f32>(WARP, candidateY as f32, 20);
    const sum = fit(REFERENCE, probeCells, WARP, 2);
    if (sum >= least) continue;
    least = sum;
    memory.copy(BEST, WARP, WARP_BYTES);
    correct(WARP);
    memory.copy(NEXT, WARP, WARP_BYTES);
    if (least <= SURE) break;
  }
  if (least > HOPELESS) return -least / (BLOCKS as f32);
  const corrected = fit(REFERENCE, probeCells, NEXT, 1);
  invert(corrected < least ? NEXT : BEST, WARP);
  least = min(least, corrected);
  least = min(least, fit(PROBE, referenceCells, WARP, 1));
  correct(WARP);
  least = min(least, fit(PROBE, referenceCells, WARP, 1));
  return -least / (BLOCKS as f32);
}
