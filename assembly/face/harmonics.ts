// The projector's harmonics, learned from the picture itself where steps are few. Of n steps, the harmonics n-1 and n+1 look like the fringe and
// bend the phase n times a turn. Over many fringes the phase takes all values equally often, so what is uneven in its histogram is that bend:
// with c_k the mean of exp(-i k phi), phi is off by sum (2/k) Im(c_k exp(i k phi)), k = n, 2n, 3n (histogram equalisation, Wang et al. 2010,
// doi 10.1364/OL.35.001992, reduced to what n steps alias). With four steps and more it is below the noise.
import { cosine, prepareTrig, sine } from "../vision/trig";
import { MASKED } from "./filter";
import { CORRECTION, HISTOGRAM } from "./head";

const BINS: i32 = 64;

/** Counts a phase, in turns (any whole part). */
export function learnHarmonics(head: usize, turns: f32): void {
  const bin = (((turns - floor<f32>(turns)) * (BINS as f32)) as i32) & (BINS - 1);
  const p = head + ((bin as usize) << 2);
  store<u32>(p, load<u32>(p, HISTOGRAM) + 1, HISTOGRAM);
}

/** Makes the correction of what was counted: one value, in turns, at the middle of each bin. */
export function prepareHarmonics(head: usize, steps: i32): void {
  prepareTrig();
  memory.fill(head + (CORRECTION as usize), 0, BINS * 4);
  let total: f32 = 0;
  for (let bin = 0; bin < BINS; bin++) total += load<u32>(head + ((bin as usize) << 2), HISTOGRAM) as f32;
  if (total == 0) return;
  for (let k = steps; k <= 3 * steps; k += steps) {
    let re: f32 = 0;
    let im: f32 = 0;
    // Angles of 2 bin + 1 of 128: the middles of the bins.
    for (let bin = 0; bin < BINS; bin++) {
      const n = load<u32>(head + ((bin as usize) << 2), HISTOGRAM) as f32;
      re += n * cosine(k * (2 * bin + 1));
      im -= n * sine(k * (2 * bin + 1));
    }
    // 2 / k radians are 1 / (pi k) turns.
    const gain: f32 = 0.31830987 / ((k as f32) * total);
    for (let bin = 0; bin < BINS; bin++) {
      const p = head + ((bin as usize) << 2);
      const bend = re * sine(k * (2 * bin + 1)) + im * cosine(k * (2 * bin + 1));
      store<f32>(p, load<f32>(p, CORRECTION) + gain * bend, CORRECTION);
    }
  }
}

/** Corrects `count` phases in turns. */
export function correctPhase(head: usize, phase: usize, count: i32): void {
  const end = phase + ((count as usize) << 2);
  for (let p = phase; p < end; p += 4) {
    const turns = load<f32>(p);
    if (turns == MASKED) continue;
    const at = (turns - floor<f32>(turns)) * (BINS as f32) - 0.5;
    const below = floor<f32>(at);
    const q = head + ((((below as i32) & (BINS - 1)) as usize) << 2);
    const r = head + (((((below as i32) + 1) & (BINS - 1)) as usize) << 2);
    const low = load<f32>(q, CORRECTION);
    store<f32>(p, turns + low + (at - below) * (load<f32>(r, CORRECTION) - low));
  }
}
