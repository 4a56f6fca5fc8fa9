// The hand apart from what is behind it: the frame's first plane reduced to at most 160 x 120, divided into dark and bright, and for each
// bright pixel how far the dark is. What finds the region works on this small picture and does not read the frame again.
//
// Distances are the 3-4 chamfer distances of Borgefors (1986, "Distance transformations in digital images"), 3 to a pixel, in two passes. What
// lies outside the frame counts as hand: a palm that the frame's edge cuts keeps its size, and so can be told from a small one.
import { reduce } from "../vision/sample";
import { clearHistogram, count, lowerMean, split, upperMean } from "../vision/statistics";

const WIDE: i32 = 160;
const HIGH: i32 = 120;
/** Distance to the dark of one pixel, and the largest that is told. */
export const PIXEL: i32 = 3;
const DIAGONAL: i32 = 4;
const FARTHEST: i32 = 255;
/** Grey values from here on are taken as saturated. */
export const SATURATED: i32 = 250;

let factor: i32 = 1;
let width: i32 = 0;
let height: i32 = 0;
let pictureAt: usize = 0;

/** Frame pixels to a pixel of the small picture, along both axes. */
export function reduction(): i32 {
  return factor;
}
/** The small picture, its width and its height. */
export function picture(): usize {
  return pictureAt;
}
export function pictureW(): i32 {
  return width;
}
export function pictureH(): i32 {
  return height;
}
/** The distances, a byte a pixel: 0 where it is dark. */
export function distances(): usize {
  return pictureAt + ((width * height) as usize);
}

function take(w: i32, h: i32): void {
  factor = max((w + WIDE - 1) / WIDE, (h + HIGH - 1) / HIGH);
  width = w / factor;
  height = h / factor;
}

/** Bytes of the small picture and its distances; at most 38,400. */
export function segmentBytes(w: i32, h: i32): i32 {
  take(w, h);
  return 2 * width * height;
}

/** Reduces the frame into `scratch` (`segmentBytes` long) and counts its grey values; dark and bright means are those of `split`. */
export function shrink(frame: usize, w: i32, h: i32, scratch: usize): void {
  take(w, h);
  pictureAt = scratch;
  reduce(frame, w, h, factor, scratch);
  clearHistogram();
  for (let p = scratch, end = distances(); p < end; p++) count(load<u8>(p));
  split();
}

/** Grey value from which on a pixel is hand: nearer to the dark, since the hand's round edges and its shaded thumb are darker than the rest. */
export function threshold(): i32 {
  return (5 * lowerMean() + 3 * upperMean() + 7) >> 3;
}

/** Measures all distances for this threshold. Returns how many pixels are hand; `saturated` of them were counted apart. */
export function measureDistances(limit: i32): i32 {
  const w = width as usize;
  const d = distances();
  let hand = 0;
  bright = 0;
  let p = pictureAt;
  let q = d;
  for (let y = 0; y < height; y++) {
    let left = FARTHEST;
    for (let x = 0; x < width; x++) {
      const grey = load<u8>(p++) as i32;
      let v = 0;
      if (grey >= limit) {
        hand++;
        if (grey >= SATURATED) bright++;
        v = min(FARTHEST, left + PIXEL);
        if (y) {
          v = min(v, (load<u8>(q - w) as i32) + PIXEL);
          if (x) v = min(v, (load<u8>(q - w - 1) as i32) + DIAGONAL);
          if (x < width - 1) v = min(v, (load<u8>(q - w + 1) as i32) + DIAGONAL);
        }
      }
      store<u8>(q++, v as u8);
      left = v;
    }
  }
  for (let y = height - 1; y >= 0; y--) {
    let right = FARTHEST;
    for (let x = width - 1; x >= 0; x--) {
      let v = load<u8>(--q) as i32;
      if (v) {
        v = min(v, right + PIXEL);
        if (y < height - 1) {
          v = min(v, (load<u8>(q + w) as i32) + PIXEL);
          if (x) v = min(v, (load<u8>(q + w - 1) as i32) + DIAGONAL);
          if (x < width - 1) v = min(v, (load<u8>(q + w + 1) as i32) + DIAGONAL);
        }
        store<u8>(q, v as u8);
      }
      right = v;
    }
  }
  return hand;
}

let bright: i32 = 0;

/** Pixels of the hand that were saturated. */
export function saturated(): i32 {
  return bright;
}

/** Thousandths of the hand's pixels that lie on a dark line, at most three pixels wide and a fifth darker than both sides of it. */
export function lineShare(limit: i32): i32 {
  const down = (2 * width) as usize;
  let lines = 0;
  let all = 1;
  for (let y = 2; y < height - 2; y++) {
    let p = pictureAt + ((y * width + 2) as usize);
    for (let x = 2; x < width - 2; x++, p++) {
      const across = min(load<u8>(p - 2), load<u8>(p + 2)) as i32;
      const along = min(load<u8>(p - down), load<u8>(p + down)) as i32;
      const beside = max(across, along);
      if (beside < limit) continue;
      all++;
      if (5 * (load<u8>(p) as i32) < 4 * beside) lines++;
    }
  }
  return (1000 * lines) / all;
}
