// Finds the outer boundary of the iris about a known pupil: an integro-differential search (Daugman) on the lateral sectors, which
// the lids leave free, each ray's vote clipped; then a closed Viterbi path about that circle and a short Fourier series.

import { fitSeries, SERIES, seriesAt } from "../vision/fourier";
import { closedPath, ROWS } from "../vision/path";
import { bilinear } from "../vision/sample";
import { cosine, RAYS, sine } from "../vision/trig";
import * as l from "./layout";

let bestScore: f32 = 0;
let bestX: f32 = 0;
let bestY: f32 = 0;
let bestR: f32 = 0;

// @ts-ignore: decorator
@inline
function pixel(f: usize, w: i32, x: f32, y: f32): i32 {
  return load<u8>(f + (((y + 0.5) as i32) * w + ((x + 0.5) as i32) as usize)) as i32;
}

/** Elevation of ray i below the horizontal, degrees: 0 at both sides, 90 straight down, negative upwards. */
// @ts-ignore: decorator
@inline
function elevation(i: i32): f32 {
  let t = (i & 127) as f32 * 2.8125;
  return t <= 90 ? t : t < 270 ? 180 - t : t - 360;
}

/** Mean clipped step over the lateral rays that stay in the picture; EMPTY when fewer than half do. */
function circleStep(f: usize, w: i32, h: i32, x: f32, y: f32, r: f32): f32 {
  let sum: f32 = 0;
  let used = 0;
  let rays = 0;
  let right = (w - 1) as f32;
  let bottom = (h - 1) as f32;
  for (let i = 0; i < RAYS; i += 2) {
    let e = elevation(i);
    if (e <= -30 || e >= 50) continue;
    rays++;
    let c = cosine(i);
    let s = sine(i);
    let ex = x + (r + 4) * c;
    let ey = y + (r + 4) * s;
    if (ex < 0 || ey < 0 || ex > right || ey > bottom) continue;
    let d = pixel(f, w, x + (r + 2) * c, y + (r + 2) * s) + pixel(f, w, ex, ey);
    d -= pixel(f, w, x + (r - 2) * c, y + (r - 2) * s) + pixel(f, w, x + (r - 4) * c, y + (r - 4) * s);
    sum += max<f32>(-6, min<f32>(14, 0.5 * (d as f32)));
    used++;
  }
  return 2 * used < rays ? -1e9 : sum / (used as f32);
}

/** One grid of circles about (x, y) +- off, keeping the best. */
function searchGrid(f: usize, w: i32, h: i32, c: usize, x: f32, y: f32, offX: f32, offY: f32, step: f32, from: f32, to: f32, stepR: f32, lo: f32, hi: f32): void {
  let px = load<f32>(c, l.PX);
  let py = load<f32>(c, l.PY);
  let pr = load<f32>(c, l.PR);
  let gap: f32 = 1.15 * pr + (pr > 18 ? 5 : 3);
  for (let dy = -offY; dy <= offY + 0.01; dy += step) {
    for (let dx = -offX; dx <= offX + 0.01; dx += step) {
      let cx = x + dx;
      let cy = y + dy;
      let away = sqrt<f32>((cx - px) * (cx - px) + (cy - py) * (cy - py));
      if (away > 0.3 * pr + 2) continue;
      for (let r = from; r <= to + 0.01; r += stepR) {
        if (r - away < gap) continue;
        let s = circleStep(f, w, h, cx, cy, r) - (r - lo) / (hi - lo) - 0.4 * away / pr;
        if (s > bestScore) {
          bestScore = s;
          bestX = cx;
          bestY = cy;
          bestR = r;
        }
      }
    }
  }
}

/** Finds the circle, then the contour; false when no circle fits. */
export function traceIris(f: usize, w: i32, h: i32, c: usize): bool {
  let px = load<f32>(c, l.PX);
  let py = load<f32>(c, l.PY);
  let pr = load<f32>(c, l.PR);
  let lo = max<f32>(40, 1.4 * pr);
  let hi = max<f32>(lo + 4, min<f32>(135, max<f32>(4.4 * pr, 50)));
  bestScore = -1e8;
  let off = max<f32>(4, 0.06 * (lo + hi));
  let steps = ((off / 3) as i32) as f32;
  let stepsY = ((0.6 * off / 3) as i32) as f32;
  searchGrid(f, w, h, c, px, py, 3 * steps, 3 * stepsY, 3, lo, hi, 2, lo, hi);
  if (bestScore < -1e7) return false;
  searchGrid(f, w, h, c, bestX, bestY, 3, 3, 1, max<f32>(lo, bestR - 4), min<f32>(hi, bestR + 4), 1, lo, hi);
  store<f32>(c, bestX, l.IX);
  store<f32>(c, bestY, l.IY);
  store<f32>(c, bestScore, l.IRIS_SCORE);
  traceContour(f, w, h, c, bestR);
  return load<f32>(c, l.IR) > 1.15 * pr;
}

/** How much ray i may say about the outer boundary: the lids hide it above and below. */
function rayWeight(i: i32): f32 {
  let e = elevation(i);
  if (e > -35 && e < 60) return 1;
  let t = ((i & 127) as f32) * 2.8125;
  return t > 55 && t < 125 ? 0.15 : 0.05;
}

const PROFILE: usize = memory.data((ROWS + 10) * 4, 4);

function traceContour(f: usize, w: i32, h: i32, hypothesis: usize, r0: f32): void {
  let cx = load<f32>(hypothesis, l.IX);
  let cy = load<f32>(hypothesis, l.IY);
  let radii = l.rayRows();
  let weights = radii + RAYS * 4;
  let span = max<f32>(5, 0.1 * r0);
  let lo = max<f32>(5, r0 - span);
  let rows = min(ROWS, ((span * 2) as i32) + 1);
  for (let i = 0; i < RAYS; i++) {
    let c = cosine(i);
    let s = sine(i);
    let ex = cx + (r0 + 4) * c;
    let ey = cy + (r0 + 4) * s;
    let inFrame = ex >= 1 && ey >= 1 && ex <= ((w - 2) as f32) && ey <= ((h - 2) as f32);
    let weight: f32 = inFrame ? rayWeight(i) : 0;
    store<f32>(weights + ((i as usize) << 2), weight);
    for (let k = 0; k < rows + 8; k++) {
      let r = lo + ((k - 4) as f32);
      store<f32>(PROFILE + ((k as usize) << 2), bilinear(f, w, h, cx + r * c, cy + r * s));
    }
    let g = l.gainMap() + ((i * ROWS * 4) as usize);
    for (let k = 0; k < rows; k++) {
      let p = PROFILE + ((k as usize) << 2);
      let inside = load<f32>(p) + load<f32>(p, 4) + load<f32>(p, 8) + load<f32>(p, 12);
      let outside = load<f32>(p, 20) + load<f32>(p, 24) + load<f32>(p, 28) + load<f32>(p, 32);
      store<f32>(g + ((k as usize) << 2), weight * max<f32>(0, min<f32>(30, 0.25 * (outside - inside))));
    }
  }
  let mean = closedPath(l.gainMap(), rows, 0.5, l.pathWork(), radii);
  for (let i = 0; i < RAYS; i++) {
    let p = radii + ((i as usize) << 2);
    store<f32>(p, load<f32>(p) + lo);
  }
  let residual = fitSeries(radii, weights, 2, 2.5, 4);
  store<f32>(hypothesis, load<f32>(SERIES), l.IR);
  store<f32>(hypothesis, residual, l.IRIS_RESIDUAL);
  store<f32>(hypothesis, mean, l.IRIS_CONTRAST);
  for (let i = 0; i < RAYS; i++) store<f32>(hypothesis + ((i as usize) << 2), seriesAt(i), l.IRIS_CONTOUR);
}
