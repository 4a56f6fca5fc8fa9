// Finds the region of a palm that is encoded, or says why there is none that can be.
//
// Cropped: the largest square in the frame's middle. Window: the middle of the frame, where the guide's window is; how the palm lies behind
// it is for the comparison to find out, which a window hides less of than a region that follows the light. Whole hand: the region's axis goes
// from the centre of the palm's largest circle between the valleys of the index and middle and of the ring and little finger; it lies below
// them (Zhang et al. 2003, "Online palmprint identification", whose scale is the valleys' distance). Scale here is the circle's: between
// fingers held together the valleys' depth, and so their distance, varies four times as much. docs/palm.md has the figures.
import {
  REASON_FOLDED,
  REASON_LOW_CONTRAST,
  REASON_NO_HAND,
  REASON_NONE,
  REASON_NOT_FOUND,
  REASON_PARTLY_OUTSIDE,
  REASON_TILTED,
  REASON_TOO_BRIGHT,
  REASON_TOO_FAR,
  REASON_TOO_NEAR,
} from "../pec/words";
import { formRegion, REGION_WHOLE_HAND, REGION_WINDOW } from "../vision/form";
import { lowerMean, percentile, upperMean } from "../vision/statistics";
import * as s from "./segment";
import { centreX, centreY, findCircle, findValleys, radius, secondPalm, VALLEYS } from "./valleys";

/** Grey levels between the darkest and the brightest hundredth, below which a frame shows nothing. */
const BLANK: i32 = 12;
/** Thousandths of lines in a frame that is a printed grid; the least of grids is 211, the most of hands 57. */
const GRID: i32 = 130;
/** The region's half side, in radii of the largest circle. */
const HALF: f32 = 0.7;
/** Share of the window's short side that the region takes. */
const WINDOW: f32 = 5.0 / 6.0;

/** Bytes of scratch that `locate` needs for frames of this size; at most 38,400. */
export function locateBytes(width: i32, height: i32): i32 {
  return s.segmentBytes(width, height);
}

function putRegion(region: usize, cx: f32, cy: f32, ux: f32, uy: f32): void {
  store<f32>(region, cx);
  store<f32>(region, cy, 4);
  store<f32>(region, ux, 8);
  store<f32>(region, uy, 12);
  store<f32>(region, -uy, 16);
  store<f32>(region, ux, 20);
}

/** Hand pixels among those of the small picture from (x0, y0) to before (x1, y1), in thousandths. */
function cover(x0: i32, x1: i32, y0: i32, y1: i32): i32 {
  let n = 0;
  for (let y = y0; y < y1; y++)
    for (let x = x0; x < x1; x++) if (load<u8>(s.distances() + ((y * s.pictureW() + x) as usize))) n++;
  return (1000 * n) / ((x1 - x0) * (y1 - y0));
}

/** Whether the palm fills the window's middle; a reason if not. */
function judgeWindow(): i32 {
  const w = s.pictureW();
  const h = s.pictureH();
  const third = ((min(w, h) as f32) * (WINDOW / 3)) as i32;
  const left = (w - 3 * third) >> 1;
  const top = (h - 3 * third) >> 1;
  const end = top + 3 * third;
  const a = cover(left, left + third, top, end);
  const b = cover(left + third, left + 2 * third, top, end);
  const c = cover(left + 2 * third, left + 3 * third, top, end);
  // Two hands beside each other leave a gap.
  if (b < min(a, c) - 40) return REASON_NOT_FOUND;
  if (a + b + c >= 2850) return REASON_NONE;
  return max(a, c) < 900 ? REASON_TOO_FAR : REASON_PARTLY_OUTSIDE;
}

/** The region of a whole hand. */
function locateHand(region: usize): i32 {
  findCircle();
  const w = s.pictureW();
  const h = s.pictureH();
  const short = min(w, h) as f32;
  if (radius > 0.33 * short) return REASON_TOO_NEAR;
  const rim = 0.8 * radius;
  if (min<f32>(min<f32>(centreX, (w as f32) - centreX), min<f32>(centreY, (h as f32) - centreY)) < rim)
    return REASON_PARTLY_OUTSIDE;
  if (radius < 0.14 * short) return REASON_TOO_FAR;
  if (secondPalm()) return REASON_NOT_FOUND;
  // Fingers held together leave but a dark line between them, so the line counts as dark at higher and higher values.
  const dark = lowerMean();
  const bright = upperMean();
  if (!findValleys((3 * dark + 5 * bright) >> 3) && !findValleys((dark + 3 * bright) >> 2)) return REASON_FOLDED;
  const ax = load<f32>(VALLEYS) - centreX;
  const ay = load<f32>(VALLEYS, 4) - centreY;
  const bx = load<f32>(VALLEYS, 8) - centreX;
  const by = load<f32>(VALLEYS, 12) - centreY;
  const length = sqrt<f32>((ax + bx) * (ax + bx) + (ay + by) * (ay + by));
  const ex = (ax + bx) / length;
  const ey = (ay + by) / length;
  // The deeper of the two is the web itself; the other may be where two fingers part.
  const deep = min<f32>(ax * ex + ay * ey, bx * ex + by * ey) / radius;
  const apart = abs((ax - bx) * ey - (ay - by) * ex) / radius;
  if (deep < 1.1 || apart < 0.78) return REASON_TILTED;
  if (deep > 1.85) return REASON_FOLDED;
  const scale = s.reduction() as f32;
  const along = (deep - 1) * radius;
  const half = HALF * radius * scale;
  // Centres of pixels: those of the small picture lie amid the frame's.
  const x = (centreX + along * ex + 0.5) * scale - 0.5;
  const y = (centreY + along * ey + 0.5) * scale - 0.5;
  const reach = half * (abs(ex) + abs(ey));
  const right = (w as f32) * scale;
  const bottom = (h as f32) * scale;
  if (min<f32>(min<f32>(x, right - x), min<f32>(y, bottom - y)) < reach) return REASON_PARTLY_OUTSIDE;
  putRegion(region, x, y, -ey * half, ex * half);
  return REASON_NONE;
}

/**
 * Finds the region in the first plane of the frame. Writes `region`: f32 cx, cy, ux, uy, vx, vy (24 bytes): its centre, and from there to the
 * middle of its right and of its lower side, in frame pixels. Returns 0, or a REASON of pec/words.ts.
 */
export function locate(frame: usize, width: i32, height: i32, form: i32, scratch: usize, region: usize): i32 {
  s.shrink(frame, width, height, scratch);
  const spread = percentile(990) - percentile(10);
  if (spread < BLANK) {
    if (percentile(500) >= s.SATURATED) return REASON_TOO_BRIGHT;
    // A dark room's noise is as strong as its light.
    return 4 * spread >= percentile(990) ? REASON_NO_HAND : REASON_LOW_CONTRAST;
  }
  const limit = s.threshold();
  const hand = s.measureDistances(limit);
  if (5 * s.saturated() > hand) return REASON_TOO_BRIGHT;
  if (s.lineShare(limit) > GRID) return REASON_NOT_FOUND;
  const kind = formRegion(form);
  if (kind == REGION_WHOLE_HAND) return locateHand(region);
  const half: f32 = 0.5 * (min(width, height) as f32);
  const share: f32 = kind == REGION_WINDOW ? WINDOW : 1;
  putRegion(region, 0.5 * ((width - 1) as f32), 0.5 * ((height - 1) as f32), share * half, 0);
  return kind == REGION_WINDOW ? judgeWindow() : REASON_NONE;
}
