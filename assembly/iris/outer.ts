// Finds the outer boundary of the iris about a known pupil: an integro-differential search (Daugman) on the lateral sectors, which
// the lids leave free, each ray's vote clipped; then a closed Viterbi path about that circle and a short Fourier series.

import { fitSeries, SERIES, seriesAt } from "../vision/fourier";
import { closedPath, GAIN_UNIT, ROWS } from "../vision/path";
import { readRay } from "../vision/sample";
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

/** Entries a ray of the vote map has; it lies where the gain map will, which is not in use yet. */
const STEPS: i32 = 200;
/** Entries before the first radius and behind the last that repeat them, so that a moved centre needs no limits. */
const PAD: i32 = 28;
/**
 * A ray has its even entries first, then its odd ones, u16 in 1/32 grey level above the lowest vote. So every second radius of a ray
 * lies in a row, and one addition of 64 bits adds four votes: all lateral rays (57) together stay below 2^16.
 */
const PHASE: usize = STEPS;
const RAY_BYTES: usize = 2 * PHASE;
const UNIT: i32 = 32;
const LEAST: i32 = 6 * UNIT;
/** Radii that are added up at a time. */
const LANES: i32 = 16;
/** The lateral rays, 16 bytes each: radii in the frame (i32), cosine, sine, and where its votes start for the centre at hand. */
const LATERAL: usize = memory.data(RAYS * 16, 4);
let lateralRays: i32 = 0;

/** Reads the picture along ray i about (x, y), n radii from `from` in steps of a pixel; returns how many lie in the picture. */
function profileAlong(i: i32, f: usize, w: i32, h: i32, x: f32, y: f32, from: f32, n: i32): i32 {
  let c = cosine(i);
  let s = sine(i);
  return readRay(f, w, h, x + from * c, y + from * s, c, s, n, l.profile());
}

/** Step from the four pixels before to the four behind the middle of nine, 1/1024 grey level; `p` points at running sums. */
// @ts-ignore: decorator
@inline
function stepAt(p: usize): i32 {
  return load<i32>(p, 36) - load<i32>(p, 20) - load<i32>(p, 16) + load<i32>(p);
}

/** A step's vote, in 1/1024 grey level too: bounded, so that few strong edges cannot outvote many faint ones, but always growing. */
// @ts-ignore: decorator
@inline
function vote(step: i32): i32 {
  let s = (step >> 2) as u32;
  return step > 0 ? (s * (20 * 1024)) / (s + 10 * 256) : max(-6 * 1024, step);
}

function putVote(ray: usize, entry: i32, v: i32): void {
  store<u16>(ray + ((entry & 1) as usize) * PHASE + ((entry & ~1) as usize), v + LEAST);
}

/** Fills the vote map about (x, y): n radii from `lo` on, lateral rays only; 0 beyond the frame. */
function mapVotes(f: usize, w: i32, h: i32, x: f32, y: f32, lo: f32, n: i32): void {
  lateralRays = 0;
  for (let i = 0; i < RAYS; i++) {
    let e = elevation(i);
    if (e <= -30 || e >= 50) continue;
    // All of a step lies in the frame.
    let limit = max(0, profileAlong(i, f, w, h, x, y, lo - 4, n + 8) - 8);
    let ray = l.gainMap() + (lateralRays as usize) * RAY_BYTES;
    let v = 0;
    for (let k = 0; k < n; k++) {
      v = k < limit ? (vote(stepAt(l.profile() + ((k as usize) << 2))) + 16) >> 5 : 0;
      putVote(ray, PAD + k, v);
      if (!k) for (let j = 0; j < PAD; j++) putVote(ray, j, v);
    }
    for (let j = 0; j < PAD; j++) putVote(ray, PAD + n + j, v);
    let p = LATERAL + ((lateralRays * 16) as usize);
    store<i32>(p, limit == n ? STEPS : limit);
    store<f32>(p, cosine(i), 4);
    store<f32>(p, sine(i), 8);
    lateralRays++;
  }
}

/**
 * Adds up the votes for circles about one centre, (dx, dy) from the map's: `count` radii, every second from `from` on, to u16 `sums`.
 * The u8 at ended + j becomes the number of rays that leave the frame before radius j, but not before radius j - 1.
 */
function sumVotes(dx: f32, dy: f32, from: i32, count: i32, sums: usize, ended: usize): void {
  memory.fill(ended, 0, (count + 1) as usize);
  let end = LATERAL + ((lateralRays * 16) as usize);
  let ray = l.gainMap();
  for (let p = LATERAL; p < end; p += 16) {
    let move = ((dx * load<f32>(p, 4) + dy * load<f32>(p, 8) + 64.5) as i32) - 64;
    let entry = PAD + from + move;
    store<usize>(p, ray + ((entry & 1) as usize) * PHASE + ((entry & ~1) as usize), 12);
    let limit = load<i32>(p);
    if (limit < STEPS) {
      let q = ended + (max(0, min(count, (limit - move - from + 1) >> 1)) as usize);
      store<u8>(q, load<u8>(q) + 1);
    }
    ray += RAY_BYTES;
  }
  for (let at: usize = 0; at < <usize>(2 * count); at += 2 * LANES) {
    let a: u64 = 0;
    let b: u64 = 0;
    let c: u64 = 0;
    let d: u64 = 0;
    for (let p = LATERAL; p < end; p += 16) {
      let q = load<usize>(p, 12) + at;
      a += load<u64>(q);
      b += load<u64>(q, 8);
      c += load<u64>(q, 16);
      d += load<u64>(q, 24);
    }
    store<u64>(sums + at, a);
    store<u64>(sums + at, b, 8);
    store<u64>(sums + at, c, 16);
    store<u64>(sums + at, d, 24);
  }
}

/** Searches circles about (x, y) +- (offX, offY) from the pupil's centre, every second of the radii lo + from..to, and keeps the best. */
function searchCircles(x: f32, y: f32, offX: f32, offY: f32, step: f32, from: i32, to: i32, lo: f32, n: i32, pr: f32): void {
  let gap: f32 = 1.15 * pr + (pr > 18 ? 5 : 3);
  let sums = l.columnRows();
  let ended = sums + 1024;
  let count = ((to - from) >> 1) + 1;
  for (let dy = y - offY; dy <= y + offY + 0.01; dy += step) {
    for (let dx = x - offX; dx <= x + offX + 0.01; dx += step) {
      let away = sqrt<f32>(dx * dx + dy * dy);
      if (away > 0.3 * pr + 2) continue;
      sumVotes(dx, dy, from, count, sums, ended);
      let rays = lateralRays;
      for (let j = 0; j < count; j++) {
        let k = from + 2 * j;
        rays -= load<u8>(ended + (j as usize)) as i32;
        if (lo + (k as f32) - away < gap || 2 * rays < lateralRays) continue;
        // Rays beyond the frame count half, lest a poor side be pushed out of it.
        let sum = ((load<u16>(sums + ((j as usize) << 1)) as i32) - LEAST * lateralRays) as f32;
        let s = (sum * (2.0 / 32.0)) / ((rays + lateralRays) as f32) - (k as f32) / (n as f32) - (0.4 * away) / pr;
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

/** Pixels by which the searched circle's centre may be off in each direction. */
const MISSED: f32 = 1;

/** Finds the circle, then the contour, twice; false when no circle fits. */
export function traceIris(f: usize, w: i32, h: i32, c: usize): bool {
  let px = load<f32>(c, l.PX);
  let py = load<f32>(c, l.PY);
  let pr = load<f32>(c, l.PR);
  let short = min(w, h) as f32;
  let lo = max<f32>(0.15 * short, 1.4 * pr);
  let hi = max<f32>(lo + 4, min<f32>(0.54 * short, max<f32>(4.6 * pr, 0.22 * short)));
  let n = min(STEPS - 2 * PAD, ((hi - lo) as i32) + 1);
  mapVotes(f, w, h, px, py, lo, n);
  let off: f32 = (((0.3 * pr + 2) * 0.5) as i32 as f32) * 2;
  let offY: f32 = (((0.2 * pr + 2) * 0.5) as i32 as f32) * 2;
  bestScore = -1e8;
  searchCircles(0, 0, off, offY, 2, 0, n - 1, lo, n, pr);
  if (bestScore < -1e7) return false;
  let x = bestX;
  let y = bestY;
  let r = bestR;
  let from = max(0, r - 2);
  for (let k = from; k < from + 2; k++) searchCircles(x, y, 2, 2, 1, k, min(n - 1, r + 2), lo, n, pr);
  store<f32>(c, px + bestX, l.IX);
  store<f32>(c, py + bestY, l.IY);
  store<f32>(c, bestScore, l.IRIS_SCORE);
  traceContour(f, w, h, c, lo + (bestR as f32), 1);
  // The contour's own centre, as far as the search's grid of a pixel may have missed it.
  store<f32>(c, load<f32>(c, l.IX) + max<f32>(-MISSED, min<f32>(MISSED, load<f32>(SERIES, 4))), l.IX);
  store<f32>(c, load<f32>(c, l.IY) + max<f32>(-MISSED, min<f32>(MISSED, load<f32>(SERIES, 8))), l.IY);
  traceContour(f, w, h, c, load<f32>(SERIES), 2);
  return load<f32>(c, l.IR) > 1.15 * pr;
}

/** How much ray i may say about the outer boundary: the lids hide it above and below. */
function rayWeight(i: i32): f32 {
  let e = elevation(i);
  if (e > -35 && e < 60) return 1;
  let t = ((i & 127) as f32) * 2.8125;
  return t > 55 && t < 125 ? 0.15 : 0.05;
}

/** Refines the circle of radius r0 about the hypothesis's centre to a contour, a series of `order`. */
function traceContour(f: usize, w: i32, h: i32, hypothesis: usize, r0: f32, order: i32): void {
  let cx = load<f32>(hypothesis, l.IX);
  let cy = load<f32>(hypothesis, l.IY);
  let radii = l.rayRows();
  let weights = radii + RAYS * 4;
  let span = max<f32>(5, 0.1 * r0);
  let lo = max<f32>(5, r0 - span);
  let rows = min(ROWS, ((span * 2) as i32) + 1);
  for (let i = 0; i < RAYS; i++) {
    // A ray whose edge lies beyond the frame says nothing.
    let within = profileAlong(i, f, w, h, cx, cy, lo - 4, rows + 8) as f32;
    let weight: f32 = lo - 4 + within > r0 + 5 ? rayWeight(i) : 0;
    store<f32>(weights + ((i as usize) << 2), weight);
    let scale = (weight * 1.5 * 1024) as i32;
    let g = l.gainMap() + ((i * ROWS * 4) as usize);
    for (let p = l.profile(), end = p + ((rows as usize) << 2); p < end; p += 4, g += 4) {
      store<i32>(g, (scale * max(0, vote(stepAt(p)))) >> 10);
    }
  }
  let mean = closedPath(l.gainMap(), rows, GAIN_UNIT / 2, l.pathWork(), radii);
  for (let i = 0; i < RAYS; i++) {
    let p = radii + ((i as usize) << 2);
    store<f32>(p, (load<i32>(p) as f32) + lo);
  }
  let residual = fitSeries(radii, weights, order, 2.5, 4);
  store<f32>(hypothesis, load<f32>(SERIES), l.IR);
  store<f32>(hypothesis, residual, l.IRIS_RESIDUAL);
  store<f32>(hypothesis, (mean as f32) / ((RAYS * GAIN_UNIT) as f32), l.IRIS_CONTRAST);
  for (let i = 0; i < RAYS; i++) store<f32>(hypothesis + ((i as usize) << 2), seriesAt(i), l.IRIS_CONTOUR);
}
