// The best closed path around a polar map: Viterbi over two turns, of which the middle one is kept, so that its ends meet.
// The map has RAYS rays of ROWS radii; a path moves at most one radius from ray to ray and pays for each step.
import { RAYS } from "./trig";

/** Radii a ray can have at most. */
export const ROWS: i32 = 96;
/** Bytes of a gain map: f32, ray after ray, ROWS a ray. */
export const GAIN_BYTES: i32 = RAYS * ROWS * 4;
/** Bytes of work space that `closedPath` needs. */
export const PATH_BYTES: i32 = 2 * RAYS * ROWS + 2 * ROWS * 4;

/**
 * gain: RAYS x ROWS f32, the first `rows` of each ray in use. Writes for each ray the row of the path (f32 x RAYS) to `path`.
 * Equal sums prefer to stay, then the smaller radius; the lowest best end wins. Returns the mean gain on the path.
 */
export function closedPath(gain: usize, rows: i32, penalty: f32, work: usize, path: usize): f32 {
  let back = work;
  let now = work + ((2 * RAYS * ROWS) as usize);
  let next = now + ((ROWS * 4) as usize);
  for (let k = 0; k < rows; k++) store<f32>(now + ((k as usize) << 2), load<f32>(gain + ((k as usize) << 2)));
  for (let c = 1; c < 2 * RAYS; c++) {
    let g = gain + (((c & (RAYS - 1)) * ROWS * 4) as usize);
    let b = back + ((c * ROWS) as usize);
    for (let k = 0; k < rows; k++) {
      let o = (k as usize) << 2;
      let best = load<f32>(now + o);
      let step: i32 = 0;
      if (k > 0) {
        let v = load<f32>(now + o - 4) - penalty;
        if (v > best) {
          best = v;
          step = -1;
        }
      }
      if (k + 1 < rows) {
        let v = load<f32>(now + o, 4) - penalty;
        if (v > best) {
          best = v;
          step = 1;
        }
      }
      store<f32>(next + o, best + load<f32>(g + o));
      store<i8>(b + (k as usize), step as i8);
    }
    let swap = now;
    now = next;
    next = swap;
  }
  let k = 0;
  for (let i = 1; i < rows; i++) {
    if (load<f32>(now + ((i as usize) << 2)) > load<f32>(now + ((k as usize) << 2))) k = i;
  }
  let sum: f32 = 0;
  for (let c = 2 * RAYS - 1; c >= RAYS / 2; c--) {
    if (c < RAYS + RAYS / 2) {
      let ray = c & (RAYS - 1);
      store<f32>(path + ((ray as usize) << 2), k as f32);
      sum += load<f32>(gain + (((ray * ROWS + k) * 4) as usize));
    }
    k += load<i8>(back + ((c * ROWS + k) as usize)) as i32;
  }
  return sum / (RAYS as f32);
}
