// What n steps of one fringe leave over when a fringe is fitted to them (n of 4 and more): noise, the projector's second harmonic, which is
// told apart since it goes with the fringe, or a picture that is not what it should be. Looked at is every fourth pixel of every fourth row;
// each period's sums stay in the head (head.ts), where check.ts judges by them.
import { CHECKS, STEPS } from "./head";

/** Where the sums of the periods are, after the counts of check.ts, and how many bytes each has. */
const PERIODS: i32 = CHECKS + 48;
const PERIOD_BYTES: i32 = 88;
/** Of each: bright pixels (u32, counted by check.ts), then f32: squares left over, their product with the second harmonic, its squares, squares of amplitudes, amplitudes, grey values, samples, then difference of each picture to the one before (the first: to the last), samples looked at, and those of them that are off. */
export const BRIGHT: i32 = 0;
export const LEFT: i32 = 4;
export const LEFT_SECOND: i32 = 8;
export const SECOND: i32 = 12;
export const SQUARES: i32 = 16;
export const AMPLITUDES: i32 = 20;
export const GREY: i32 = 24;
export const SAMPLES: i32 = 28;
export const BEFORE: i32 = 32;
export const USED: i32 = 80;
export const OFF: i32 = 84;

/** Root mean square of what is left over, in amplitudes, that passes; grey levels of it that are noise wherever they are. */
export const MOST_LEFT: f32 = 0.15;
const LEAST_LEFT: f32 = 3;
const LEAST_AMPLITUDE: f32 = 10;

let head: usize = 0;
let steps: i32 = 0;
let samples: usize = 0;
let columns: i32 = 0;
let plane: i32 = 0;

/** Bytes of scratch: the samples of a period's pictures. */
export function residualBytes(width: i32, height: i32, ofSteps: i32): i32 {
  return (((width + 3) >> 2) * ((height + 3) >> 2) * ofSteps + 3) & ~3;
}

/** Begins a capture or a strip of it; what was summed before is in the head. */
export function residualBegin(at: usize, ofSteps: i32, scratch: usize, width: i32, height: i32): void {
  head = at;
  steps = ofSteps;
  samples = scratch;
  columns = (width + 3) >> 2;
  plane = columns * ((height + 3) >> 2);
}

/** Where the sums of a period are. */
export function residualSums(period: i32): usize {
  return head + ((PERIODS + period * PERIOD_BYTES) as usize);
}

/** Keeps samples of a row. */
export function residualRow(step: i32, row: i32, pixels: usize): void {
  if (row & 3) return;
  const to = samples + ((step * plane + (row >> 2) * columns) as usize);
  for (let i: usize = 0; i < (columns as usize); i++) store<u8>(to + i, load<u8>(pixels + (i << 2)));
}

function add(p: usize, what: i32, by: f32): void {
  store<f32>(p + (what as usize), load<f32>(p + (what as usize)) + by);
}

// The fringe of one sample.
let c: f32 = 0;
let s: f32 = 0;
let mean: f32 = 0;
let square: f32 = 0;

/** Fits a fringe to a sample; false where there is none to be looked at. */
function fit(q: usize, angles: usize, end: usize): bool {
  c = 0;
  s = 0;
  mean = 0;
  let most = 0;
  let n: f32 = 0;
  for (; angles < end; angles += 8, q += plane as usize) {
    const grey = load<u8>(q) as i32;
    c += (grey as f32) * load<f32>(angles);
    s += (grey as f32) * load<f32>(angles, 4);
    mean += grey as f32;
    most = max(most, grey);
    n++;
  }
  const scale: f32 = 2 / n;
  c *= scale;
  s *= scale;
  mean /= n;
  square = c * c + s * s;
  return square >= LEAST_AMPLITUDE * LEAST_AMPLITUDE && most < 255;
}

/** Looks at the samples of a period, when its pictures are there. */
export function residualPeriod(period: i32): void {
  const angles = head + (STEPS as usize);
  const p = residualSums(period);
  const end = angles + ((steps as usize) << 3);
  let greys: f32 = 0;
  let squares: f32 = 0;
  let amplitudes: f32 = 0;
  let lefts: f32 = 0;
  let leftSeconds: f32 = 0;
  let seconds: f32 = 0;
  let used = 0;
  let off = 0;
  let harmonic: f32 = 0;
  // Twice: when the second harmonic's strength is known, each sample is asked what is left over without it.
  for (let again = 0; again < 2; again++) {
    for (let i = 0; i < plane; i++) {
      let q = samples + (i as usize);
      const use = fit(q, angles, end);
      if (!again) greys += mean;
      if (!use) continue;
      const amplitude = sqrt<f32>(square);
      let before = load<u8>((q + (steps - 1) * plane) as usize) as f32;
      let to = p;
      let own: f32 = 0;
      for (let angle = angles; angle < end; angle += 8, q += plane as usize, to += 4) {
        const grey = load<u8>(q) as f32;
        const fringe = c * load<f32>(angle) + s * load<f32>(angle, 4);
        const second: f32 = (2 * fringe * fringe) / amplitude - amplitude;
        const left = grey - mean - fringe - harmonic * second;
        own += left * left;
        if (again) continue;
        leftSeconds += left * second;
        seconds += second * second;
        add(to, BEFORE, abs(grey - before));
        before = grey;
      }
      if (again) {
        const most = max<f32>(LEAST_LEFT, MOST_LEFT * amplitude);
        if (own > most * most * (steps as f32)) off++;
        continue;
      }
      lefts += own;
      squares += square;
      amplitudes += amplitude;
      used++;
    }
    harmonic = leftSeconds / max<f32>(1, seconds);
  }
  add(p, LEFT, lefts);
  add(p, LEFT_SECOND, leftSeconds);
  add(p, SECOND, seconds);
  add(p, SQUARES, squares * (steps as f32));
  add(p, AMPLITUDES, amplitudes);
  add(p, GREY, greys);
  add(p, SAMPLES, plane as f32);
  add(p, USED, used as f32);
  add(p, OFF, off as f32);
}
