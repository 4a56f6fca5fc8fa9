// What the decoder knows of a capture as a whole, in 1.3 KB at the start of its work space: it outlives the strips that a large picture is decoded in.
import { patternSteps } from "./pattern";

export const HEAD_BYTES: i32 = 1408;
/** Cosine and sine of the steps' angles, f32 pairs. */
export const STEPS: i32 = 0;
/** Counts of the phase within a fringe, and what is added to it (harmonics.ts). */
export const HISTOGRAM: i32 = 96;
export const CORRECTION: i32 = 352;
/** Noise of the phase (filter.ts): f32 sum of squares, u32 count. */
export const NOISE: i32 = 640;
/** Counts of check.ts and sums of residual.ts. */
export const CHECKS: i32 = 656;

/** Zeroes the head and fills in the angles of the pattern's steps. */
export function prepareHead(head: usize, pattern: usize): void {
  memory.fill(head, 0, HEAD_BYTES as usize);
  const steps = patternSteps(pattern);
  // One angle by its Taylor series, the others by turning: f64, whose rounding f32 does not see.
  const square: f64 = (39.47841760435743 as f64) / ((steps * steps) as f64);
  let c: f64 = 1;
  let s: f64 = 1;
  for (let k = 12; k > 0; k--) {
    c = 1 - (c * square) / ((2 * k * (2 * k - 1)) as f64);
    s = 1 - (s * square) / ((2 * k * (2 * k + 1)) as f64);
  }
  s *= sqrt<f64>(square);
  let x: f64 = 1;
  let y: f64 = 0;
  for (let step: usize = 0; step < (steps as usize); step++) {
    store<f32>(head + (step << 3), x as f32, STEPS);
    store<f32>(head + (step << 3), y as f32, STEPS + 4);
    const t = x * c - y * s;
    y = x * s + y * c;
    x = t;
  }
}

/** Cosine of a step's angle. */
export function cosineOf(head: usize, step: i32): f32 {
  return load<f32>(head + ((step as usize) << 3), STEPS);
}

export function sineOf(head: usize, step: i32): f32 {
  return load<f32>(head + ((step as usize) << 3), STEPS + 4);
}
