// Noise out of the phase, edges left in. Of each pair of opposite neighbours the mean is what a plane through the pixel would have there,
// whatever its slope: the fringe's carrier cancels, so nothing of it has to be estimated. A pair counts the less the further its mean is
// from the pixel, and not at all where it is further than noise: across an edge no pair agrees, along it one does (a bilateral filter,
// Tomasi & Manduchi 1998, on second differences, weights [1 2 1] x [1 2 1]). A pixel with which no pair agrees keeps its phase,
// and a flag: it is an edge's mixture, or noise, and no part of a surface.
import { NOISE } from "./head";

/** What stands for "no phase" until the filter is done: further from any phase than noise. */
export const MASKED: f32 = -1e5;
export const FLAG_ALONE: i32 = 8;

/** Turns: 0.1 rad. Beyond it a pair does not count. */
const AGREE: f32 = 0.1 / 6.2831853;
const INVERSE_SQUARE: f32 = 1 / (AGREE * AGREE);
const TURN: f32 = 6.2831853;

/** Bytes of scratch: three rows as they were, with a pixel at each end. */
export function filterBytes(width: i32): i32 {
  return 3 * 4 * (width + 2);
}

let sum: f32 = 0;
let weight: f32 = 0;

// @ts-ignore: decorator
@inline
function pair(a: f32, b: f32, centre: f32, share: f32): void {
  const off: f32 = 0.5 * (a + b) - centre;
  const w: f32 = share * max<f32>(0, 1 - off * off * INVERSE_SQUARE);
  sum += w * off;
  weight += w;
}

function copyRow(phase: usize, width: i32, height: i32, row: i32, to: usize): void {
  const bytes = (width << 2) as usize;
  const end = to + 4 + bytes;
  store<f32>(to, MASKED);
  store<f32>(end, MASKED);
  if (row < height) memory.copy(to + 4, phase + (row as usize) * bytes, bytes);
  else for (let p = to + 4; p < end; p += 4) store<f32>(p, MASKED);
}

/** Filters the phase in place: from turns, MASKED where there is none, to radians and NaN. Counts its noise in the head. */
export function filterPhase(head: usize, phase: usize, flags: usize, width: i32, height: i32, scratch: usize): void {
  const stride = ((width + 2) << 2) as usize;
  let above = scratch;
  let here = scratch + stride;
  let below = here + stride;
  copyRow(phase, width, height, height, above);
  copyRow(phase, width, height, 0, here);
  let out = phase;
  for (let row = 0; row < height; row++) {
    copyRow(phase, width, height, row + 1, below);
    let squares: f32 = 0;
    let pairs = 0;
    let a = above;
    let h = here;
    let b = below;
    for (let end = here + ((width << 2) as usize); h < end; a += 4, h += 4, b += 4, out += 4, flags++) {
      const centre = load<f32>(h, 4);
      if (centre == MASKED) {
        store<f32>(out, NaN);
        continue;
      }
      sum = 0;
      weight = 0;
      const off: f32 = 0.5 * (load<f32>(h) + load<f32>(h, 8)) - centre;
      const near: f32 = max<f32>(0, 1 - off * off * INVERSE_SQUARE);
      if (near > 0) {
        squares += off * off;
        pairs++;
      }
      sum = 4 * near * off;
      weight = 4 * near;
      pair(load<f32>(a, 4), load<f32>(b, 4), centre, 4);
      pair(load<f32>(a), load<f32>(b, 8), centre, 2);
      pair(load<f32>(a, 8), load<f32>(b), centre, 2);
      if (weight == 0) store<u8>(flags, FLAG_ALONE);
      store<f32>(out, TURN * (centre + sum / (4 + weight)));
    }
    store<f32>(head, load<f32>(head, NOISE) + squares, NOISE);
    store<u32>(head, load<u32>(head, NOISE + 4) + pairs, NOISE + 4);
    const free = above;
    above = here;
    here = below;
    below = free;
  }
}
