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
let bestR: i32 = 0;

/** Elevation of ray i below the horizontal, degrees: 0 at both sides, 90 straight down, negative upwards. */
// @ts-ignore: decorator
@inline
function elevation(i: i32): f32 {
  let t = (i & 127) as f32 * 2.8125;
  return t <= 90 ? t : t < 270 ? 180 - t : t - 360;
}

/** Entries a ray of the step map has; it lies where the gain map will, which is not in use yet. */
const STEPS: i32 = 200;
/** Entries before the first radius and behind the last that repeat them, so that a moved centre needs no limits. */
const PAD: i32 = 28;
/** The lateral rays, 12 bytes each: radii in the frame (i32), cosine, sine. */
const LATERAL: usize = memory.data(RAYS * 12, 4);
let lateralRays: i32 = 0;

/** Reads the picture along ray (c, s) at the n radii from `from` in steps of a pixel into the profile. */
function readRay(f: usize, w: i32, h: i32, x: f32, y: f32, c: f32, s: f32, from: f32, n: i32): void {
  for (let k = 0; k < n; k++) {
    let r = from + (k as f32);
    store<f32>(l.profile() + ((k as usize) << 2), bilinear(f, w, h, x + r * c, y + r * s));
  }
}

/** Step from the four pixels before to the four behind the middle of nine profile values. */
// @ts-ignore: decorator
@inline
function stepAt(k: i32): f32 {
  let p = l.profile() + ((k as usize) << 2);
  let inside = load<f32>(p) + load<f32>(p, 4) + load<f32>(p, 8) + load<f32>(p, 12);
  let outside = load<f32>(p, 20) + load<f32>(p, 24) + load<f32>(p, 28) + load<f32>(p, 32);
  return (outside - inside) * 0.25;
}

/** A step's vote: bounded, so that few strong edges cannot outvote many faint ones, but always growing. */
// @ts-ignore: decorator
@inline
function vote(step: f32): f32 {
  return step > 0 ? (step * 20) / (step + 10) : max<f32>(-6, step);
}

/** Fills the step map about (x, y): n radii from `lo` on, lateral rays only; 0 beyond the frame. */
function mapSteps(f: usize, w: i32, h: i32, x: f32, y: f32, lo: f32, n: i32): void {
  lateralRays = 0;
  let right = (w - 1) as f32;
  let bottom = (h - 1) as f32;
  for (let i = 0; i < RAYS; i++) {
    let e = elevation(i);
    if (e <= -30 || e >= 50) continue;
    let c = cosine(i);
    let s = sine(i);
    readRay(f, w, h, x, y, c, s, lo - 4, n + 8);
    let g = l.gainMap() + (((lateralRays * STEPS + PAD) * 4) as usize);
    let limit = 0;
    for (let k = 0; k < n; k++) {
      let r = lo + ((k + 4) as f32);
      let ex = x + r * c;
      let ey = y + r * s;
      let inside = ex >= 0 && ey >= 0 && ex <= right && ey <= bottom;
      store<f32>(g + ((k as usize) << 2), inside ? vote(stepAt(k)) : 0);
      if (inside) limit = k + 1;
    }
    let first = load<f32>(g);
    let last = load<f32>(g + (((n - 1) as usize) << 2));
    for (let k: usize = 1; k <= <usize>PAD; k++) {
      store<f32>(g - (k << 2), first);
      store<f32>(g + ((n as usize) << 2) + ((k - 1) << 2), last);
    }
    let p = LATERAL + ((lateralRays * 12) as usize);
    store<i32>(p, limit == n ? STEPS : limit);
    store<f32>(p, c, 4);
    store<f32>(p, s, 8);
    lateralRays++;
  }
}

/** Adds up the votes for all circles about one centre, (dx, dy) from the map's: f32 sums and i32 rays used, every `stride`-th radius. */
function sumVotes(dx: f32, dy: f32, from: i32, to: i32, stride: i32, sums: usize, used: usize): void {
  memory.fill(sums, 0, STEPS * 4);
  memory.fill(used, 0, STEPS * 4);
  let step = (stride as usize) << 2;
  let begin = sums + ((from as usize) << 2);
  let end = sums + ((to as usize) << 2);
  for (let i = 0; i < lateralRays; i++) {
    let p = LATERAL + ((i * 12) as usize);
    let move = ((dx * load<f32>(p, 4) + dy * load<f32>(p, 8) + 64.5) as i32) - 64;
    let g = l.gainMap() + (((i * STEPS + PAD + move + from) * 4) as usize);
    for (let sum = begin; sum <= end; sum += step) {
      store<f32>(sum, load<f32>(sum) + load<f32>(g));
      g += step;
    }
    let limit = min(to, load<i32>(p) - move - 1);
    for (let u = used + ((from as usize) << 2), stop = used + ((limit as usize) << 2); limit >= from && u <= stop; u += step) {
      store<i32>(u, load<i32>(u) + 1);
    }
  }
}

/** Searches circles about (x, y) +- off from the pupil's centre, radii lo + from..to, and keeps the best. */
function searchCircles(
  x: f32,
  y: f32,
  offX: f32,
  offY: f32,
  step: i32,
  from: i32,
  to: i32,
  lo: f32,
  n: i32,
  pr: f32,
): void {
  let gap: f32 = 1.15 * pr + (pr > 18 ? 5 : 3);
  let sums = l.columnRows();
  let used = sums + 1024;
  for (let dy = y - offY; dy <= y + offY + 0.01; dy += step as f32) {
    for (let dx = x - offX; dx <= x + offX + 0.01; dx += step as f32) {
      let away = sqrt<f32>(dx * dx + dy * dy);
      if (away > 0.3 * pr + 2) continue;
      sumVotes(dx, dy, from, to, step, sums, used);
      for (let k = from; k <= to; k += step) {
        let o = (k as usize) << 2;
        let rays = load<i32>(used + o);
        if (lo + (k as f32) - away < gap || 2 * rays < lateralRays) continue;
        // Rays beyond the frame count half, lest a poor side be pushed out of it.
        let s = (load<f32>(sums + o) * 2) / ((rays + lateralRays) as f32) - (k as f32) / (n as f32) - (0.4 * away) / pr;
        if (s > bestScore) {
          bestScore = s;
          bestX = dx;
          bestY = dy;
          bestR = k;
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
  let short = min(w, h) as f32;
  let lo = max<f32>(0.15 * short, 1.4 * pr);
  let hi = max<f32>(lo + 4, min<f32>(0.54 * short, max<f32>(4.6 * pr, 0.22 * short)));
  let n = min(STEPS - 2 * PAD, ((hi - lo) as i32) + 1);
  mapSteps(f, w, h, px, py, lo, n);
  let off: f32 = (((0.3 * pr + 2) * 0.5) as i32 as f32) * 2;
  let offY: f32 = (((0.2 * pr + 2) * 0.5) as i32 as f32) * 2;
  bestScore = -1e8;
  searchCircles(0, 0, off, offY, 2, 0, n - 1, lo, n, pr);
  if (bestScore < -1e7) return false;
  searchCircles(bestX, bestY, 2, 2, 1, max(0, bestR - 2), min(n - 1, bestR + 2), lo, n, pr);
  store<f32>(c, px + bestX, l.IX);
  store<f32>(c, py + bestY, l.IY);
  store<f32>(c, bestScore, l.IRIS_SCORE);
  traceContour(f, w, h, c, lo + (bestR as f32));
  return load<f32>(c, l.IR) > 1.15 * pr;
}

/** How much ray i may say about the outer boundary: the lids hide it above and below. */
function rayWeight(i: i32): f32 {
  let e = elevation(i);
  if (e > -35 && e < 60) return 1;
  let t = ((i & 127) as f32) * 2.8125;
  return t > 55 && t < 125 ? 0.15 : 0.05;
}

/** Refines the circle of radius r0 to a contour about its centre. */
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
    readRay(f, w, h, cx, cy, c, s, lo - 4, rows + 8);
    let g = l.gainMap() + ((i * ROWS * 4) as usize);
    for (let k = 0; k < rows; k++) store<f32>(g + ((k as usize) << 2), weight * 1.5 * max<f32>(0, vote(stepAt(k))));
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
