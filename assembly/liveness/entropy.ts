// Shannon entropy of a histogram, in whole millibits: Miller and Madow's estimator (Miller 1955, "Note on the bias of information
// estimates") in integers. docs/liveness.md, section 3, has the formula, its bias and its test vectors.
import { DOWN, LOG2_BITS, log2Fixed, millibits } from "./log2";

/** Most samples in a histogram: what is larger is split into blocks, which also makes a term local. */
export const ENTROPY_SAMPLES: u32 = 4096;
/** Least samples a bin with which an entropy may be a term: then its bias is below 10 mb. */
export const SAMPLES_PER_BIN: u32 = 16;

/** 2^16 * 1000 / (2 ln 2): the correction for one more occupied bin, of one sample, in units of 2^-16 mb. */
const CORRECTION: u64 = 47_274_231;
/** Bits behind the point of `weighed`. */
const BITS: i32 = 16;
const CACHED: u32 = 256;
const CACHE: usize = memory.data(256 * 4, 4); // weighed(c), 0: not asked yet

/** c log2 c in units of 2^-16, to the nearest; counts of most bins are small, and kept. */
function weighed(c: u32): u64 {
  if (c < 2) return 0;
  const kept = CACHE + ((<usize>c) << 2);
  if (c < CACHED && load<u32>(kept)) return load<u32>(kept);
  const value = (c * log2Fixed(c) + ((1 as u64) << (LOG2_BITS - BITS - 1))) >> (LOG2_BITS - BITS);
  if (c < CACHED) store<u32>(kept, value as u32);
  return value;
}

/**
 * Entropy of the histogram of `bins` u32 counts at `counts`, millibits, 0 to 1000 log2(bins) rounded down; -1: nothing counted, fewer than
 * `least` samples a bin (SAMPLES_PER_BIN for a term), or more than ENTROPY_SAMPLES.
 */
export function entropy(counts: usize, bins: i32, least: u32): i32 {
  let samples: u64 = 0;
  let occupied: u64 = 0;
  let sum: u64 = 0;
  for (let i = 0; i < bins; i++) {
    const c = load<u32>(counts + ((i as usize) << 2));
    samples += c;
    if (samples > ENTROPY_SAMPLES) return -1;
    if (c) occupied++;
    sum += weighed(c);
  }
  if (!samples || samples < (least as u64) * bins) return -1;
  const scaled = 1000 * (weighed(samples as u32) - sum) + (occupied - 1) * CORRECTION;
  return min(((scaled + (samples << (BITS - 1))) / (samples << BITS)) as i32, millibits(bins, 1, DOWN));
}
