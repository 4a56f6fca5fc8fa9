// The best closed path around a polar map: Viterbi over two turns, of which the middle one is kept, so that its ends meet.
// The map has RAYS rays of ROWS radii; a path moves at most one radius from ray to ray and pays for each step.
import { RAYS } from "./trig";

/** Radii a ray can have at most. */
export const ROWS: i32 = 96;
/** What callers take for a gain of 1. */
export const GAIN_UNIT: i32 = 1024;
/** Bytes of a gain map: i32, ray after ray, ROWS a ray. */
export const GAIN_BYTES: i32 = RAYS * ROWS * 4;
const SUMS_BYTES: i32 = (ROWS + 2) * 4;
/** Bytes of work space that `closedPath` needs. */
export const PATH_BYTES: i32 = 2 * RAYS * ROWS + 2 * SUMS_BYTES;
const FORBIDDEN: i32 = -1 << 30;

/**
 * gain: RAYS x ROWS i32, the first `rows` of each ray in use, their sum over two turns within 2^29. Writes for each ray the row of
 * the path (i32 x RAYS) to `path`. Equal sums prefer to stay, then the smaller radius; the lowest best end wins. Returns the sum of
 * the gains on the path.
 */
export function closedPath(gain: usize, rows: i32, penalty: i32, work: usize, path: usize): i32 {
  let back = work;
  // Best sums of paths that end at each row, with a forbidden one at both ends: of this ray and of the next.
  let now = work + ((2 * RAYS * ROWS) as usize);
  let next = now + (SUMS_BYTES as usize);
  let last = (rows as usize) << 2;
  memory.fill(now, 0, last + 4);
  store<i32>(now, FORBIDDEN);
  store<i32>(now + last, FORBIDDEN, 4);
  store<i32>(next, FORBIDDEN);
  store<i32>(next + last, FORBIDDEN, 4);
  for (let c = 0; c < 2 * RAYS; c++) {
    let g = gain + (((c & (RAYS - 1)) * ROWS * 4) as usize);
    let b = back + ((c * ROWS) as usize);
    let p = now;
    let q = next;
    let lower = FORBIDDEN;
    let same = load<i32>(p, 4);
    for (let end = p + last; p < end; p += 4) {
      let higher = load<i32>(p, 8);
      let best = same;
      let step: i32 = 0;
      if (lower - penalty > best) {
        best = lower - penalty;
        step = -1;
      }
      if (higher - penalty > best) {
        best = higher - penalty;
        step = 1;
      }
      store<i32>(q, best + load<i32>(g), 4);
      store<i8>(b, step as i8);
      lower = same;
      same = higher;
      q += 4;
      g += 4;
      b++;
    }
    let swap = now;
    now = next;
    next = swap;
  }
  let k = 0;
  for (let i = 1; i < rows; i++) {
    if (load<i32>(now + ((i as usize) << 2), 4) > load<i32>(now + ((k as usize) << 2), 4)) k = i;
  }
  let sum = 0;
  for (let c = 2 * RAYS - 1; c >= RAYS / 2; c--) {
    if (c < RAYS + RAYS / 2) {
      let ray = c & (RAYS - 1);
      store<i32>(path + ((ray as usize) << 2), k);
      sum += load<i32>(gain + (((ray * ROWS + k) * 4) as usize));
    }
    k += load<i8>(back + ((c * ROWS + k) as usize)) as i32;
  }
  return sum;
}
