// Is there light enough in the stack and not too much, is it what was projected, and of something that held still? Pictures of which more is
// left over than noise (residual.ts) are not what they should be: two alike that should not be are one taken or sent twice; anything else is
// motion, or light that changes.
import {
  REASON_LOW_CONTRAST,
  REASON_MOVED,
  REASON_NONE,
  REASON_PICTURE_MISSING,
  REASON_TOO_BRIGHT,
  REASON_TOO_DARK,
} from "../pec/words";
import { CHECKS, cosineOf } from "./head";
import { patternBits, patternPeriods, patternSteps } from "./pattern";
import {
  AMPLITUDES,
  BEFORE,
  BRIGHT,
  GREY,
  LEFT,
  LEFT_SECOND,
  MOST_LEFT,
  OFF,
  residualSums,
  SAMPLES,
  SECOND,
  SQUARES,
  USED,
} from "./residual";

/** Counts, u32: pixels, saturated ones, those to be measured, those among them whose fringe is not sure, then faint ones of each bit. */
const PIXELS: i32 = 0;
export const SATURATED: i32 = 4;
export const OBJECT: i32 = 8;
export const UNSURE: i32 = 12;
const FAINT: i32 = 16;

/** Least share of pixels, per thousand, that must be measurable. */
const LEAST_OBJECT: i32 = 5;
/** Least difference of pictures in amplitudes and sines of half their angle. */
const LEAST_APART: f32 = 0.25;
/** Share of samples that may be off. */
const MOST_OFF: f32 = 0.04;

/** Saturated pixels, tenths of those measured, from which on a face has holes where it is nearest. */
const MOST_SATURATED: i32 = 3;
/** Mean grey level of a dark stack, and mean amplitude of what can be measured of it at all, grey levels: below, no more than its brightest spots, or noise. */
const DARK: f32 = 24;
const DIM: f32 = 11.5;
/** That below which pictures that contradict each other are such as noise makes them. */
const NOISY: f32 = 16;

let head: usize = 0;
let pattern: usize = 0;

/** Begins a capture or a strip of it; what was counted before is in the head. */
export function checkBegin(at: usize, which: usize, width: i32, height: i32): void {
  head = at + (CHECKS as usize);
  pattern = which;
  count(PIXELS, width * height);
}

function add(p: usize, by: i32): void {
  store<u32>(p, load<u32>(p) + by);
}

/** Adds to a count, PIXELS to UNSURE. */
export function count(what: i32, by: i32): void {
  add(head + (what as usize), by);
}

/** Adds bright pixels of a period. */
export function countBright(period: i32, by: i32): void {
  add(residualSums(period) + (BRIGHT as usize), by);
}

/** Adds pixels in which a picture of the Gray code is neither bright nor dark. */
export function countFaint(bit: i32, by: i32): void {
  count(FAINT + 4 * bit, by);
}

/** Whether the pictures of a period are what they should be; a REASON. */
function periodReason(period: i32, object: i32): i32 {
  const p = residualSums(period);
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
  const finest = residualSums(patternPeriods(pattern) - 1);
  const dark = load<f32>(finest, GREY) < DARK * load<f32>(finest, SAMPLES);
  if (object < least) return dark ? REASON_TOO_DARK : REASON_LOW_CONTRAST;
  const reason = picturesReason(object);
  const enough = (reason ? NOISY : DIM) * load<f32>(finest, USED);
  return dark && load<f32>(finest, AMPLITUDES) < enough ? REASON_TOO_DARK : reason;
}
