// Fringe pictures, row by row as they come, to the absolute phase: no picture is kept. Phase shifting sums each period's pictures to a sine and
// a cosine a pixel; coarse periods say which fringe of the next finer one a pixel is on (temporal phase unwrapping: Huntley & Saldner 1993,
// doi 10.1364/AO.32.003047), or a Gray code does. Where 320x240 pixels and four steps meet, 8 bytes a pixel: see `decodeBytes`.
//
// A large picture may be decoded in strips, one after the other; what is known of the whole (head.ts) then goes from strip to strip.
import { direction } from "../vision/arctan";
import { checkBegin, checkReason, count, countBright, countFaint, OBJECT, SATURATED, UNSURE } from "./check";
import { filterBytes, filterPhase, MASKED } from "./filter";
import { codeRow, faintOnes, meanRow, numberRow } from "./gray";
import { correctPhase, learnHarmonics, prepareHarmonics } from "./harmonics";
import { cosineOf, HEAD_BYTES, prepareHead, sineOf } from "./head";
import { patternBits, patternPeriod, patternPeriods, patternSteps, patternValid } from "./pattern";
import { residualBegin, residualBytes, residualPeriod, residualRow } from "./residual";
import { cosineSum, FLAG_SATURATED, shiftRow, sineSum, sumRow, sumsBegin } from "./sums";

/** Least amplitude in grey levels: of the finest period, which is measured with, and of the others, which only count. */
const LEAST_FINE: f32 = 10;
const LEAST_COARSE: f32 = 8;
/** How far a fringe's number may be from a whole one. */
const MARGIN: f32 = 0.35;

/** Why a pixel has no phase (FLAG_SATURATED too): too little light of the projector's; a fringe that is not sure. */
export const FLAG_DIM: i32 = 2;
export const FLAG_ORDER: i32 = 4;

/** A strip follows others of the same capture; it is looked at a second time, with harmonics learned from the whole. */
export const STRIP_NEXT: i32 = 1;
export const STRIP_AGAIN: i32 = 2;

let head: usize = 0;
let pattern: usize = 0;
let width: i32 = 0;
let height: i32 = 0;
let steps: i32 = 0;
let pictures: i32 = 0;
let learning: bool = false;

// Planes: sums (sums.ts), which the phase takes the place of; the place within the whole range (u16; with a Gray code first four times the mean grey, 10 bits, and the code, 6 bits); amplitude; flags.
let sums: usize = 0;
let place: usize = 0;
let amplitude: usize = 0;
let flags: usize = 0;
let scratch: usize = 0;

/** Bytes of work space, 16-byte aligned, for `width` x `height` pixels of a pattern (pattern.ts); 0: not a pattern that is decoded. */
export function decodeBytes(width: i32, height: i32, pattern: usize): i32 {
  if (!patternValid(pattern) || width < 8 || height < 8) return 0;
  const pixel = patternSteps(pattern) == 4 ? 8 : 12;
  return (
    HEAD_BYTES +
    ((width * height + 3) & ~3) * pixel +
    max(residualBytes(width, height, patternSteps(pattern)), filterBytes(width))
  );
}

/** Begins a stack of 8-bit pictures. `strip`: 0, or STRIP_NEXT or STRIP_AGAIN with the work space as it was left. */
export function decodeBegin(work: usize, w: i32, h: i32, which: usize, strip: i32 = 0): void {
  head = work;
  pattern = which;
  width = w;
  height = h;
  steps = patternSteps(which);
  pictures = steps * patternPeriods(which);
  learning = steps < 4 && strip != STRIP_AGAIN;
  const n = ((w * h + 3) & ~3) as usize;
  sums = work + (HEAD_BYTES as usize);
  place = sums + n * (steps == 4 ? 4 : 8);
  sumsBegin(sums, sums + (n << 2), steps);
  amplitude = place + (n << 1);
  flags = amplitude + n;
  scratch = flags + n;
  if (!strip) prepareHead(head, which);
  if (strip == STRIP_AGAIN) prepareHarmonics(head, steps);
  checkBegin(head, which, w, h);
  residualBegin(head, steps, scratch, w, h);
  memory.fill(flags, 0, n);
}

/** Row `row` of picture `picture`: 8-bit pixels. Pictures and rows come in order. */
export function decodeRow(picture: i32, row: i32, pixels: usize): void {
  const at = (row * width) as usize;
  if (picture >= pictures) {
    const bit = picture - pictures;
    const left = patternBits(pattern) - 1 - bit;
    const cells = place + (at << 1);
    codeRow(cells, width, left, pixels);
    if (!(row & 3)) countFaint(bit, faintOnes(cells, width, amplitude + at, flags + at, pixels));
    if (left) return;
    numberRow(cells, width, bit + 1);
    return phaseRow(at, 0, true);
  }
  const step = picture % steps;
  if (steps == 4) shiftRow(at, width, step, pixels, flags + at);
  else sumRow(at, width, step, cosineOf(head, step), sineOf(head, step), pixels, flags + at);
  if (patternBits(pattern) && !(step & 1)) meanRow(place + (at << 1), width, step, pixels);
  residualRow(step, row, pixels);
  if (step < steps - 1) return;
  const period = picture / steps;
  const finest = period == patternPeriods(pattern) - 1;
  if (finest) amplitudeRow(at);
  if (!patternBits(pattern)) phaseRow(at, period, finest);
  if (row == height - 1) residualPeriod(period);
}

/** Ends the stack or strip: filters the phase, and judges the stack so far. Returns 0, or a REASON of pec/words.ts. */
export function decodeEnd(): i32 {
  if (learning) prepareHarmonics(head, steps);
  if (steps < 4) correctPhase(head, sums, width * height);
  filterPhase(head, sums, flags, width, height, scratch);
  return checkReason();
}

/** The absolute phase of the finest fringe, radians from 0; f32, row-major, NaN where there is none. */
export function decodePhase(): usize {
  return sums;
}

/** Amplitude of the finest fringe, grey levels; u8, row-major. */
export function decodeModulation(): usize {
  return amplitude;
}

/** Why pixels have no phase: FLAG_…; u8, row-major. */
export function decodeFlags(): usize {
  return flags;
}

function amplitudeRow(at: usize): void {
  const end = at + (width as usize);
  const scale: f32 = 2 / (steps as f32);
  let object = 0;
  let saturated = 0;
  for (let i = at; i < end; i++) {
    const c = cosineSum(i);
    const s = sineSum(i);
    const b: f32 = scale * sqrt<f32>(c * c + s * s);
    store<u8>(amplitude + i, min<f32>(255, b + 0.5) as u8);
    const flag = load<u8>(flags + i) as i32;
    if (flag & FLAG_SATURATED) saturated++;
    else if (b > LEAST_FINE) object++;
    if (b <= LEAST_FINE) store<u8>(flags + i, (flag | FLAG_DIM) as u8);
  }
  count(OBJECT, object);
  count(SATURATED, saturated);
}

/** Which fringe of this period each pixel is on; of the finest the phase, in turns, of others the place within the range. */
function phaseRow(at: usize, period: i32, finest: bool): void {
  const fringes = patternPeriod(pattern, period) as f32;
  const range: f32 = period || patternBits(pattern) ? fringes / 65536 : 0;
  const least: f32 = LEAST_COARSE * LEAST_COARSE * 0.25 * ((steps * steps) as f32);
  const end = at + (width as usize);
  let bright = 0;
  let unsure = 0;
  for (let i = at; i < end; i++) {
    const c = cosineSum(i);
    const s = sineSum(i);
    let flag = load<u8>(flags + i) as i32;
    if (c * c + s * s < least) flag |= FLAG_DIM;
    else bright++;
    if (flag & ~FLAG_ORDER) {
      store<u8>(flags + i, flag as u8);
      if (finest) store<f32>(sums + (i << 2), MASKED);
      continue;
    }
    let turns: f32 = 0.5 - direction(s, c);
    if (turns >= 1) turns -= 1;
    const off: f32 = (load<u16>(place + (i << 1)) as f32) * range - turns;
    const fringe = floor<f32>(off + 0.5);
    if (range > 0 && abs(off - fringe) > MARGIN) {
      unsure++;
      flag |= FLAG_ORDER;
    }
    if (range > 0) turns += fringe;
    store<u8>(flags + i, flag as u8);
    if (finest) store<f32>(sums + (i << 2), flag ? MASKED : turns);
    else store<u16>(place + (i << 1), max<f32>(0, min<f32>(65535, (turns / fringes) * 65536 + 0.5)) as i32 as u16);
    if (finest && learning && !flag) learnHarmonics(head, turns);
  }
  countBright(period, bright);
  count(UNSURE, unsure);
}
