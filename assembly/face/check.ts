// Is there light enough in the stack and not too much, is it what was projected, and of something that held still? What n steps of one fringe leave over after fitting it (n of 4 and more) is
// noise, the projector's second harmonic, which is told apart since it goes with the fringe, or a picture that is not what it should be. Two
// pictures alike that should not be are a picture taken or sent twice; anything else is motion, or light that changes. Looked at is every
// fourth pixel of every fourth row.
import {
  REASON_LOW_CONTRAST,
  REASON_MOVED,
  REASON_NONE,
  REASON_PICTURE_MISSING,
  REASON_TOO_BRIGHT,
  REASON_TOO_DARK,
} from "../pec/words";
import { CHECKS, cosineOf, STEPS } from "./head";
import { patternBits, patternPeriods, patternSteps } from "./pattern";

/** Counts, u32: pixels, saturated ones, those to be measured, those among them whose fringe is not sure, then faint ones of each bit. */
export const PIXELS: i32 = 0;
export const SATURATED: i32 = 4;
export const OBJECT: i32 = 8;
export const UNSURE: i32 = 12;
const FAINT: i32 = 16;
/** For each period: bright pixels (u32), then f32: squares left over, their product with the second harmonic, its squares, squares of amplitudes, amplitudes, grey values, samples, then difference of each picture to the one before (the first: to the last), samples looked at, and those of them that are off. */
const PERIODS: i32 = 48;
const BRIGHT: i32 = 0;
const LEFT: i32 = 4;
const LEFT_SECOND: i32 = 8;
const SECOND: i32 = 12;
const SQUARES: i32 = 16;
const AMPLITUDES: i32 = 20;
const GREY: i32 = 24;
const SAMPLES: i32 = 28;
const BEFORE: i32 = 32;
const USED: i32 = 80;
const OFF: i32 = 84;
const PERIOD_BYTES: i32 = 88;

/** Least share of pixels, per thousand, that must be measurable. */
const LEAST_OBJECT: i32 = 5;
/** Root mean square of what is left over, in amplitudes, and least difference of pictures in amplitudes and sines of half their angle. */
const MOST_LEFT: f32 = 0.15;
const LEAST_APART: f32 = 0.25;
/** Grey levels left over that are noise wherever they are, and the share of samples that may be off. */
const LEAST_LEFT: f32 = 3;
const MOST_OFF: f32 = 0.04;
const LEAST_AMPLITUDE: f32 = 10;
/** Saturated pixels, tenths of those measured, from which on a face has holes where it is nearest. */
const MOST_SATURATED: i32 = 3;
/** Mean grey level of a dark stack, and mean amplitude of what can be measured of it at all, grey levels: below, no more than its brightest spots, or noise. */
const DARK: f32 = 24;
const DIM: f32 = 11.5;
/** That below which pictures that contradict each other are such as noise makes them. */
const NOISY: f32 = 16;

let head: usize = 0;
let pattern: usize = 0;
let samples: usize = 0;
let columns: i32 = 0;
let plane: i32 = 0;

/** Bytes of scratch: the samples of a period's pictures. */
export function checkSampleBytes(width: i32, height: i32, steps: i32): i32 {
  return (((width + 3) >> 2) * ((height + 3) >> 2) * steps + 3) & ~3;
}

/** Begins a capture or a strip of it; what was counted before is in the head. */
export function checkBegin(at: usize, which: usize, scratch: usize, width: i32, height: i32): void {
  head = at + (CHECKS as usize);
  pattern = which;
  samples = scratch;
  columns = (width + 3) >> 2;
  plane = columns * ((height + 3) >> 2);
  count(PIXELS, width * height);
}

/** Adds to a count, PIXELS to UNSURE. */
export function count(what: i32, by: i32): void {
  const p = head + (what as usize);
  store<u32>(p, load<u32>(p) + by);
}

/** Adds bright pixels of a period. */
export function countBright(period: i32, by: i32): void {
  count(PERIODS + period * PERIOD_BYTES + BRIGHT, by);
}

/** Adds pixels in which a picture of the Gray code is neither bright nor dark. */
export function countFaint(bit: i32, by: i32): void {
  count(FAINT + 4 * bit, by);
}

/** Keeps samples of a row. */
export function checkRow(step: i32, row: i32, pixels: usize): void {
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
export function checkPeriod(period: i32): void {
  const steps = patternSteps(pattern);
  const angles = head - ((CHECKS - STEPS) as usize);
  const p = head + ((PERIODS + period * PERIOD_BYTES) as usize);
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

/** Whether the pictures of a period are what they should be; a REASON. */
function periodReason(period: i32, object: i32): i32 {
  const p = head + ((PERIODS + period * PERIOD_BYTES) as usize);
  if (2 * (load<u32>(p, BRIGHT) as i32) < object) return REASON_PICTURE_MISSING;
  const squares = load<f32>(p, SQUARES);
  if (squares == 0) return REASON_NONE;
  const steps = patternSteps(pattern);
  // The first follows none: a steady drift of a sixth of a fringe a step makes it like the last.
  let least = load<f32>(p, BEFORE + 4);
  for (let step: usize = 2; step < (steps as usize); step++)
    least = min<f32>(least, load<f32>(p + (step << 2), BEFORE));
  const amplitudes = load<f32>(p, AMPLITUDES);
  // Twice the sine of half the angle between two steps, times the mean of |sine|.
  const usual = sqrt<f32>(2 - 2 * cosineOf(head - (CHECKS as usize), 1)) * 0.63662;
  const alike = least < LEAST_APART * usual * amplitudes;
  if (steps < 4) return alike ? REASON_PICTURE_MISSING : REASON_NONE;
  const with2 = load<f32>(p, LEFT_SECOND);
  const left = load<f32>(p, LEFT) - (with2 * with2) / max<f32>(1, load<f32>(p, SECOND));
  const off = load<f32>(p, OFF) > MOST_OFF * load<f32>(p, USED);
  if (left <= MOST_LEFT * MOST_LEFT * squares && !off) return REASON_NONE;
  return alike ? REASON_PICTURE_MISSING : REASON_MOVED;
}

/** What is wrong with pictures that have light enough, or 0. */
function picturesReason(object: i32): i32 {
  for (let period = 0; period < patternPeriods(pattern); period++) {
    const reason = periodReason(period, object);
    if (reason) return reason;
  }
  for (let bit = 0; bit < patternBits(pattern); bit++)
    if (2 * (load<u32>(head + ((FAINT + 4 * bit) as usize)) as i32) > object) return REASON_PICTURE_MISSING;
  // Fringes that are not sure: of many, a picture of another order, or none; of some, what moved between the periods.
  const unsure = load<u32>(head, UNSURE) as i32;
  if (4 * unsure > object) return REASON_PICTURE_MISSING;
  return 10 * unsure > object ? REASON_MOVED : REASON_NONE;
}

/** What is wrong with the pictures so far: 0, or a REASON of pec/words.ts. Light comes first: without it, or with too much, nothing else can be told. */
export function checkReason(): i32 {
  const least = ((load<u32>(head, PIXELS) as i32) / 1000) * LEAST_OBJECT;
  const object = load<u32>(head, OBJECT) as i32;
  const saturated = load<u32>(head, SATURATED) as i32;
  if (saturated > least && 10 * saturated > MOST_SATURATED * object) return REASON_TOO_BRIGHT;
  const finest = head + ((PERIODS + (patternPeriods(pattern) - 1) * PERIOD_BYTES) as usize);
  const dark = load<f32>(finest, GREY) < DARK * load<f32>(finest, SAMPLES);
  if (object < least) return dark ? REASON_TOO_DARK : REASON_LOW_CONTRAST;
  const reason = picturesReason(object);
  const enough = (reason ? NOISY : DIM) * load<f32>(finest, USED);
  return dark && load<f32>(finest, AMPLITUDES) < enough ? REASON_TOO_DARK : reason;
}
