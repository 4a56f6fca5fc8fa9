// Unwraps the iris between its two contours (Daugman's rubber sheet) to COLUMNS angles x BANDS radii, read from the frame itself,
// and marks the samples that can be used: no glints, lashes or places outside the frame.

import { bilinear } from "../vision/sample";
import { clearHistogram, count, counted, medianDeviation, percentile } from "../vision/statistics";
import { cosine, sine } from "../vision/trig";
import * as l from "./layout";

/** The part of the ring that is read: its rims carry the errors of the contours. */
const FIRST: f32 = 0.05;
const SPAN: f32 = 0.85;

function frameCoordinate(v: f32, scale: i32): f32 {
  return scale == 0 ? v : scale < 0 ? 2 * v + 0.5 : 0.5 * v - 0.25;
}

/** Contour point of column j (256 around), in frame pixels. */
function radiusAt(contour: usize, j: i32): f32 {
  let a = load<f32>(contour + (((j >> 1) as usize) << 2));
  return j & 1 ? 0.5 * (a + load<f32>(contour + (((((j >> 1) + 1) & 127) as usize) << 2))) : a;
}

/** Unwraps along straight lines from pupil to iris contour at equal angles. */
export function unwrap(c: usize): void {
  let f = l.frame();
  let w = l.frameW();
  let h = l.frameH();
  let scale = l.scale();
  let right = (w - 2) as f32;
  let bottom = (h - 2) as f32;
  for (let j = 0; j < l.COLUMNS; j++) {
    let odd = j & 1;
    let cos: f32 = odd ? 0.5 * (cosine(j >> 1) + cosine((j >> 1) + 1)) : cosine(j >> 1);
    let sin: f32 = odd ? 0.5 * (sine(j >> 1) + sine((j >> 1) + 1)) : sine(j >> 1);
    let pr = radiusAt(c + l.PUPIL_CONTOUR, j);
    let ir = radiusAt(c + l.IRIS_CONTOUR, j);
    let x0 = frameCoordinate(load<f32>(c, l.PX) + pr * cos, scale);
    let y0 = frameCoordinate(load<f32>(c, l.PY) + pr * sin, scale);
    let dx = frameCoordinate(load<f32>(c, l.IX) + ir * cos, scale) - x0;
    let dy = frameCoordinate(load<f32>(c, l.IY) + ir * sin, scale) - y0;
    for (let k = 0; k < l.BANDS; k++) {
      let mid: f32 = FIRST + SPAN * ((k as f32) + 0.5) * (1.0 / 32.0);
      let a = mid - 0.25 * SPAN * (1.0 / 32.0);
      let b = mid + 0.25 * SPAN * (1.0 / 32.0);
      let v: f32 = 0.5 * (bilinear(f, w, h, x0 + a * dx, y0 + a * dy) + bilinear(f, w, h, x0 + b * dx, y0 + b * dy));
      let x = x0 + mid * dx;
      let y = y0 + mid * dy;
      let o = (k * l.COLUMNS + j) as usize;
      store<u8>(l.unwrapped() + o, (v + 0.5) as u8);
      store<u8>(l.usable() + o, x >= 1 && y >= 1 && x < right && y < bottom ? 1 : 0);
    }
  }
}

/** Columns 40 degrees about both sides, where lids seldom reach (d < 40 or d > 330, and 140..210). */
function lateral(j: i32): bool {
  return j < 29 || j > 234 || (j >= 100 && j <= 149);
}

/** An outlier is further from the median than this many robust standard deviations. */
const OUTLIER: f32 = 2.5;

/**
 * Takes outliers of the grey values (lids, lashes, glints) out of the mask, with two columns on both sides: half the shorter
 * filter's reach. Returns the usable share, 0..1.
 */
export function maskOutliers(): f32 {
  clearHistogram();
  for (let k = 2; k < 30; k++) {
    for (let j = 0; j < l.COLUMNS; j++) {
      let o = (k * l.COLUMNS + j) as usize;
      if (lateral(j) && load<u8>(l.usable() + o)) count(load<u8>(l.unwrapped() + o));
    }
  }
  if (!counted()) {
    memory.fill(l.usable(), 0, (l.COLUMNS * l.BANDS) as usize);
    return 0;
  }
  let median = percentile(500);
  let sd = max<f32>(4, 1.4826 * (medianDeviation(median) as f32));
  let high = min<f32>(245, (median as f32) + OUTLIER * sd);
  let low = (median as f32) - OUTLIER * sd;
  let total = 0;
  for (let k = 0; k < l.BANDS; k++) {
    let v = l.unwrapped() + ((k * l.COLUMNS) as usize);
    let u = l.usable() + ((k * l.COLUMNS) as usize);
    for (let j: usize = 0; j < 256; j++) {
      let g = load<u8>(v + j) as f32;
      if (g > high || g < low) store<u8>(u + j, (load<u8>(u + j) & 0xfe) | 2);
    }
    // Bit 1 marks an outlier; grow it by two columns, then leave 1 = usable.
    for (let j: usize = 0; j < 256; j++) {
      let near = load<u8>(u + j) | load<u8>(u + ((j + 255) & 255)) | load<u8>(u + ((j + 1) & 255));
      near |= load<u8>(u + ((j + 254) & 255)) | load<u8>(u + ((j + 2) & 255));
      if (near & 2) store<u8>(u + j, load<u8>(u + j) | 4);
    }
    for (let j: usize = 0; j < 256; j++) {
      let ok: u8 = load<u8>(u + j) == 1 ? 1 : 0;
      store<u8>(u + j, ok);
      total += ok;
    }
  }
  return (total as f32) / ((l.COLUMNS * l.BANDS) as f32);
}
