// Sine and cosine of each pixel's fringe, summed picture by picture. Of four steps both are differences of two pictures, and fit into one word;
// of any other number they are f32 in two planes. A file of its own, since Biome cannot read what wasm3 needs: @inline.

/** Why a pixel has no phase: as bright as a pixel can be. */
export const FLAG_SATURATED: i32 = 1;

let sums: usize = 0;
let sines: usize = 0;
let steps: i32 = 0;

/** Where sums go: 4 bytes a pixel; `sinePlane`, as many, where steps are not four. */
export function sumsBegin(plane: usize, sinePlane: usize, count: i32): void {
  sums = plane;
  sines = sinePlane;
  steps = count;
}

/** Four steps: the cosine, I0 - I2, in the lower half of the word, the sine, I1 - I3, in the upper. `flag`: the row's flags. */
export function shiftRow(at: usize, width: i32, step: i32, pixels: usize, flag: usize): void {
  const shift = (step & 1) << 4;
  const sign = step & 2 ? -1 : 1;
  const end = sums + ((at + (width as usize)) << 2);
  for (let p = sums + (at << 2); p < end; p += 4, pixels++, flag++) {
    const grey = load<u8>(pixels) as i32;
    if (grey == 255) store<u8>(flag, load<u8>(flag) | FLAG_SATURATED);
    store<i32>(p, (step ? load<i32>(p) : 0) + (grey << shift) * sign);
  }
}

/** Any other number of steps; `c` and `s` are cosine and sine of this one's angle. */
export function sumRow(at: usize, width: i32, step: i32, c: f32, s: f32, pixels: usize, flag: usize): void {
  let q = sines + (at << 2);
  const end = sums + ((at + (width as usize)) << 2);
  for (let p = sums + (at << 2); p < end; p += 4, q += 4, pixels++, flag++) {
    const grey = load<u8>(pixels) as f32;
    if (grey == 255) store<u8>(flag, load<u8>(flag) | FLAG_SATURATED);
    store<f32>(p, (step ? load<f32>(p) : 0) + grey * c);
    store<f32>(q, (step ? load<f32>(q) : 0) + grey * s);
  }
}

/** The sums of pixel i: half the number of steps times the amplitude, times cosine and sine. */
// @ts-ignore: decorator
@inline
export function cosineSum(i: usize): f32 {
  const p = sums + (i << 2);
  return steps == 4 ? (load<i16>(p) as f32) : load<f32>(p);
}

// @ts-ignore: decorator
@inline
export function sineSum(i: usize): f32 {
  if (steps != 4) return load<f32>(sines + (i << 2));
  // What the lower half borrowed is given back.
  return ((load<i32>(sums + (i << 2)) + 0x8000) >> 16) as f32;
}
