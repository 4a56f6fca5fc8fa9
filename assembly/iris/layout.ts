// Where everything lies in the work space that the caller provides, and in a hypothesis record. All segmentation happens on the
// working picture: the frame itself, halved when its short side exceeds 320 pixels, doubled when it is below 160 and the long side at most 320.
import { GAIN_BYTES, PATH_BYTES } from "../vision/path";
import { RAYS } from "../vision/trig";

/** Hypotheses about where pupil and iris are that are followed to the end. */
export const HYPOTHESES: i32 = 8;

// A hypothesis: f32 fields at these byte offsets, then two contours of RAYS radii, about (PX, PY) and about (IX, IY).
export const SEED: usize = 0; // score of the pupil search
export const PX: usize = 4;
export const PY: usize = 8;
export const PR: usize = 12; // mean radius of the pupil contour, px
export const PUPIL_CONTRAST: usize = 16;
export const PUPIL_WEAKEST: usize = 20; // contrast of the weakest quadrant
export const PUPIL_GREY: usize = 24; // grey value just inside
export const IX: usize = 28;
export const IY: usize = 32;
export const IR: usize = 36;
export const IRIS_SCORE: usize = 40;
export const JOINT: usize = 44; // joint evidence, by which one hypothesis is chosen
export const PUPIL_RESIDUAL: usize = 48; // mean distance of the found edge from the fitted contour, px
export const IRIS_RESIDUAL: usize = 52;
export const IRIS_CONTRAST: usize = 56;
export const VALID: usize = 60; // 1 when every step succeeded
export const PUPIL_STEP: usize = 64; // consistency of the step along the pupil contour, 0..1
export const PUPIL_WEAK_STEP: usize = 68;
export const PUPIL_CONTOUR: usize = 80;
export const IRIS_CONTOUR: usize = 80 + 512;
export const HYPOTHESIS_BYTES: i32 = 80 + 2 * RAYS * 4;

/** Columns (angles) and rows (radii) of the unwrapped iris. */
export const COLUMNS: i32 = 256;
export const BANDS: i32 = 32;

let frameAt: usize = 0;
let frameWidth: i32 = 0;
let frameHeight: i32 = 0;
let scaleExponent: i32 = 0;
let pictureAt: usize = 0;
let width: i32 = 0;
let height: i32 = 0;
let base: usize = 0;

export const FIXED_BYTES: i32 =
  GAIN_BYTES + PATH_BYTES + 3 * RAYS * 4 + HYPOTHESES * HYPOTHESIS_BYTES + 2 * COLUMNS * BANDS + 4 * COLUMNS * 4;

/** -1: the working picture is half the frame, 0: the frame itself, 1: twice the frame. */
function scaleFor(w: i32, h: i32): i32 {
  let short = min(w, h);
  return short > 320 ? -1 : short < 160 && max(w, h) <= 320 ? 1 : 0;
}

/** Bytes of work space for a frame of w x h; 0 when the size is not supported (160x120 to 640x480). */
export function layoutBytes(w: i32, h: i32): i32 {
  if (w < 160 || h < 120 || w > 640 || h > 480) return 0;
  let scale = scaleFor(w, h);
  let pixels = scale < 0 ? (w >> 1) * (h >> 1) : (w * h) << (2 * scale);
  return FIXED_BYTES + 16 + ((pixels + 7) & ~7) * (scale == 0 ? 1 : 2) + ((pixels >> 4) & ~7) + 8;
}

/** Takes up a frame and its work space (8-byte aligned, `layoutBytes` long). */
export function layOut(frame: usize, w: i32, h: i32, workspace: usize): void {
  frameAt = frame;
  frameWidth = w;
  frameHeight = h;
  scaleExponent = scaleFor(w, h);
  width = scaleExponent < 0 ? w >> 1 : w << scaleExponent;
  height = scaleExponent < 0 ? h >> 1 : h << scaleExponent;
  base = (workspace + 7) & ~7;
  pictureAt = scaleExponent == 0 ? frame : filledPicture() + (((width * height + 7) & ~7) as usize);
}

export function frame(): usize {
  return frameAt;
}
export function frameW(): i32 {
  return frameWidth;
}
export function frameH(): i32 {
  return frameHeight;
}
export function scale(): i32 {
  return scaleExponent;
}
/** The working picture, its width and its height. */
export function picture(): usize {
  return pictureAt;
}
export function pictureW(): i32 {
  return width;
}
export function pictureH(): i32 {
  return height;
}

export function gainMap(): usize {
  return base;
}
export function pathWork(): usize {
  return base + (GAIN_BYTES as usize);
}
/** Three rows of RAYS f32: radii found, weights, spare. */
export function rayRows(): usize {
  return pathWork() + (PATH_BYTES as usize);
}
export function hypothesis(i: i32): usize {
  return rayRows() + ((3 * RAYS * 4 + i * HYPOTHESIS_BYTES) as usize);
}
/** The unwrapped iris: BANDS rows of COLUMNS grey values. */
export function unwrapped(): usize {
  return hypothesis(HYPOTHESES);
}
/** 1 where the unwrapped iris is usable. */
export function usable(): usize {
  return unwrapped() + ((COLUMNS * BANDS) as usize);
}
/** Four rows of COLUMNS f32. */
export function columnRows(): usize {
  return usable() + ((COLUMNS * BANDS) as usize);
}
/** Grey values along a ray (f32), while the contours are searched. */
export function profile(): usize {
  return columnRows();
}
/** The working picture at a quarter of its scale, after `filledPicture` when that is done with. */
export function quarterPicture(): usize {
  return columnRows() + ((4 * COLUMNS * 4) as usize);
}
/** The working picture with its bright spots filled. */
export function filledPicture(): usize {
  return quarterPicture() + ((((width >> 2) * (height >> 2) + 7) & ~7) as usize);
}
