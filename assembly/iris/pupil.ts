// Finds the pupil: a dark, round, even patch. A coarse search over all centres and radii on the quarter-scale picture proposes
// candidates in two radius bands (small ones apart, because LED rings reflected in a pupil make several small false optima);
// then the contour of each is a closed Viterbi path on the radial gradient, smoothed by a short Fourier series.

import { fitSeries, SERIES, seriesAt } from "../vision/fourier";
import { closedPath, GAIN_UNIT, ROWS } from "../vision/path";
import { clearHistogram, count, percentile } from "../vision/statistics";
import { bilinear, readRay } from "../vision/sample";
import { cosine, RAYS, sine } from "../vision/trig";
import * as l from "./layout";

const OFFSETS: usize = memory.data(48 * 4, 4);
/** Candidates a radius band keeps. */
const KEPT: i32 = l.HYPOTHESES / 2;
const SLOTS: usize = memory.data(l.HYPOTHESES * 16, 4); // score, x, y, r; two bands, each sorted, best first
const EMPTY: f32 = -1e9;

/** Offers a disc to the list of its band: of discs that overlap only the best stays, and of equals the first. */
function offer(band: i32, score: f32, x: f32, y: f32, r: f32): void {
  let list = SLOTS + ((band * KEPT * 16) as usize);
  let end = list + KEPT * 16;
  if (score <= load<f32>(end - 16)) return;
  let at = list;
  while (load<f32>(at) >= score) {
    if (overlaps(at, x, y, r)) return;
    at += 16;
  }
  // Worse ones move down a place, those that overlap the new one drop out.
  let last = at;
  while (last < end - 16 && load<f32>(last) != EMPTY && !overlaps(last, x, y, r)) last += 16;
  let gap = last + 16;
  memory.copy(at + 16, at, last - at);
  put(at, score, x, y, r);
  for (let p = gap; p < end; p += 16) {
    if (load<f32>(p) == EMPTY || overlaps(p, x, y, r)) continue;
    memory.copy(gap, p, 16);
    gap += 16;
  }
  for (; gap < end; gap += 16) store<f32>(gap, EMPTY);
}

function overlaps(slot: usize, x: f32, y: f32, r: f32): bool {
  if (load<f32>(slot) == EMPTY) return false;
  let dx = load<f32>(slot, 4) - x;
  let dy = load<f32>(slot, 8) - y;
  let q = load<f32>(slot, 12);
  let large = max(q, r);
  return dx * dx + dy * dy < 0.25 * large * large && large < 1.4 * min(q, r);
}

function put(slot: usize, score: f32, x: f32, y: f32, r: f32): void {
  store<f32>(slot, score);
  store<f32>(slot, x, 4);
  store<f32>(slot, y, 8);
  store<f32>(slot, r, 12);
}

// @ts-ignore: decorator
@inline
function rounded(v: f32): i32 {
  return (v + 64.5) as i32 - 64;
}

/** Byte offsets, from a cell, of the ring outside, the ring inside and the ring halfway: 16 rays each, four for each of right, down, left, up. */
function prepareOffsets(r: f32, w: i32): void {
  let inner = max<f32>(0, r - 0.8);
  let p = OFFSETS;
  for (let ray = -16; ray < 112; ray += 8) {
    let c = cosine(ray);
    let s = sine(ray);
    for (let ring = 0; ring < 3; ring++) {
      let q: f32 = ring == 0 ? r + 0.8 : ring == 1 ? inner : 0.5 * inner;
      store<i32>(p, rounded(q * s) * w + rounded(q * c));
      p += 4;
    }
  }
}

/** Where the middle rays right, down and left are among the OFFSETS. */
const RIGHT: usize = OFFSETS + 24;
const LOWER: usize = OFFSETS + 72;
const LEFT: usize = OFFSETS + 120;

/**
 * Score of a dark disc of radius r about a cell of the quarter-scale picture: how consistent the step at its edge is (its mean
 * against its spread, so that faint and strong pupils count alike), its weakest quadrant (the upper one is left to the lid), its
 * darkness and its evenness.
 */
function discScore(cell: usize): f32 {
  let limit = clip;
  let sum = 0;
  let squares = 0;
  let steps = 0;
  let total = 0;
  let weakest = 0xffff;
  let end = OFFSETS + 4 * 48;
  for (let o = OFFSETS; o < end; ) {
    let four = 0;
    for (let last = o + 48; o < last; o += 12) {
      let inside = load<u8>(cell + load<usize>(o, 4)) as i32;
      let half = load<u8>(cell + load<usize>(o, 8)) as i32;
      let d = min(limit, max(-limit, (load<u8>(cell + load<usize>(o)) as i32) - inside));
      sum += inside + half;
      squares += inside * inside + half * half;
      steps += d * d;
      four += d;
    }
    total += four;
    if (o < end) weakest = min(weakest, four);
  }
  let mean: f32 = (sum as f32) * (1.0 / 32.0);
  let deviation = sqrt<f32>(max<f32>(0, (squares as f32) * (1.0 / 32.0) - mean * mean));
  let step = (total as f32) * (1.0 / 16.0);
  let spread = sqrt<f32>(max<f32>(0, (steps as f32) * (1.0 / 16.0) - step * step));
  let unit: f32 = 1 / (abs(step) + spread + NOISE);
  let dark = ((mean - black) as f32) * perGrey;
  return (step + 0.6 * (weakest as f32) * (1.0 / 4.0)) * unit * 1.2 - 1.5 * max<f32>(0, dark) - 0.8 * min<f32>(1, deviation * perGrey * 4);
}

/** Radius in cells from which every second place is tried first. */
const COARSE: f32 = 5;
/** Grey values of noise that a step must exceed to count. */
const NOISE: f32 = 4;
let clip: i32 = 0;
let black: f32 = 0;
let perGrey: f32 = 0;

/** How far a grey value is above the frame's darkest hundredth, in units of the frame's spread. */
export function brightness(grey: f32): f32 {
  return max<f32>(0, grey - black) * perGrey;
}

/** Pupils are looked for near the frame's middle. */
// @ts-ignore: decorator
@inline
function prior(x: i32, y: i32, w: i32, h: i32): f32 {
  let nx = ((x * 2 - w) as f32) / (w as f32);
  let ny = ((y * 2 - h) as f32) / (h as f32);
  return -0.35 * (nx * nx + ny * ny);
}

/** Cells from a disc's centre that its rings reach. */
// @ts-ignore: decorator
@inline
function reachOf(r: f32): i32 {
  return (r + 1.3) as i32;
}

/** Moves a slot to the best of its neighbours in place and radius. */
function climb(quarter: usize, w: i32, h: i32, slot: usize): void {
  let x0 = load<f32>(slot, 4) as i32;
  let y0 = load<f32>(slot, 8) as i32;
  let r0 = load<f32>(slot, 12);
  for (let r: f32 = r0 - 0.5; r < r0 + 0.6; r += 0.5) {
    prepareOffsets(r, w);
    let size: f32 = 0.15 * Mathf.log(r);
    let reach = reachOf(r);
    for (let y = max(reach, y0 - 1); y <= min(h - reach - 1, y0 + 1); y++) {
      for (let x = max(reach, x0 - 1); x <= min(w - reach - 1, x0 + 1); x++) {
        let s = discScore(quarter + ((y * w + x) as usize)) + prior(x, y, w, h) + size;
        if (s > load<f32>(slot)) put(slot, s, x as f32, y as f32, r);
      }
    }
  }
}

/**
 * Searches the quarter-scale picture and starts hypotheses (PX, PY, PR, SEED). Returns where the discs found lie: score, x, y and
 * radius (f32) of each in the picture searched.
 */
export function seedPupils(quarter: usize, w: i32, h: i32): usize {
  for (let i: usize = 0; i < <usize>l.HYPOTHESES; i++) put(SLOTS + i * 16, EMPTY, 0, 0, 0);
  clearHistogram();
  for (let p = quarter; p < quarter + ((w * h) as usize); p++) count(load<u8>(p));
  black = percentile(10) as f32;
  let bright = percentile(500);
  perGrey = 1 / max<f32>(24, (percentile(900) as f32) - black);
  clip = max(12, (percentile(900) - percentile(10)) / 5);
  let size: f32 = 0;
  // Larger discs change slowly with place, and the largest with radius: every second will do.
  for (let r: f32 = 2.25; r <= 18.75; r += r < 10 ? 0.5 : 1) {
    let stride = r < COARSE ? 1 : 2;
    prepareOffsets(r, w);
    size = 0.15 * Mathf.log(r);
    let reach = reachOf(r);
    let right = load<usize>(RIGHT);
    let right1 = load<usize>(RIGHT, 4);
    let lower = load<usize>(LOWER);
    let lower1 = load<usize>(LOWER, 4);
    let left = load<usize>(LEFT);
    let left1 = load<usize>(LEFT, 4);
    for (let y = reach; y < h - reach; y += stride) {
      for (let x = reach; x < w - reach; x += stride) {
        let cell = quarter + ((y * w + x) as usize);
        if ((load<u8>(cell) as i32) > bright) continue;
        // Most places fail here already: right, down and left together must show a step.
        let outside = (load<u8>(cell + right) as i32) + (load<u8>(cell + lower) as i32) + (load<u8>(cell + left) as i32);
        let inside = (load<u8>(cell + right1) as i32) + (load<u8>(cell + lower1) as i32) + (load<u8>(cell + left1) as i32);
        if (outside <= inside) continue;
        offer(r < 4.5 ? 0 : 1, discScore(cell) + prior(x, y, w, h) + size, x as f32, y as f32, r);
      }
    }
  }
  for (let i = 0; i < l.HYPOTHESES; i++) {
    let slot = SLOTS + ((i * 16) as usize);
    if (load<f32>(slot) != EMPTY && load<f32>(slot, 12) >= COARSE) climb(quarter, w, h, slot);
    let c = l.hypothesis(i);
    store<f32>(c, load<f32>(slot) == EMPTY ? 0 : 1, l.VALID);
    store<f32>(c, load<f32>(slot), l.SEED);
    store<f32>(c, (load<f32>(slot, 4) + 0.5) * 4 - 0.5, l.PX);
    store<f32>(c, (load<f32>(slot, 8) + 0.5) * 4 - 0.5, l.PY);
    store<f32>(c, load<f32>(slot, 12) * 4, l.PR);
  }
  return SLOTS;
}

const UPPER: f32 = 0.3;

/** Gain of an edge from dark to bright at each radius lo+k of each ray, bounded by 60 but always growing, so that the steepest place wins even at a strong edge; the darker the inside, the better. */
function pupilGain(f: usize, w: i32, h: i32, cx: f32, cy: f32, lo: f32, rows: i32): void {
  for (let i = 0; i < RAYS; i++) {
    let c = cosine(i);
    let s = sine(i);
    readRay(f, w, h, cx + (lo - 3) * c, cy + (lo - 3) * s, c, s, rows + 6, l.profile());
    let g = l.gainMap() + ((i * ROWS * 4) as usize);
    for (let p = l.profile(), end = p + ((rows as usize) << 2); p < end; p += 4, g += 4) {
      // Sums of three, 1/256 grey level each; the step in 1/192.
      let inside = load<i32>(p, 12) - load<i32>(p);
      let step = (load<i32>(p, 28) - load<i32>(p, 16) - inside) >> 2;
      let gain: i32 = step > 0 ? ((step as u32) * (60 * GAIN_UNIT)) / ((step + 30 * 192) as u32) : 0;
      store<i32>(g, gain - ((inside * (GAIN_UNIT / 10)) / 768));
    }
  }
}

/** Refines a hypothesis to its pupil contour and measures the contrast along it; false when the contour runs away. */
export function tracePupil(f: usize, w: i32, h: i32, hypothesis: usize): bool {
  let cx = load<f32>(hypothesis, l.PX);
  let cy = load<f32>(hypothesis, l.PY);
  let r0 = load<f32>(hypothesis, l.PR);
  let radii = l.rayRows();
  let weights = radii + RAYS * 4;
  for (let pass = 0; pass < 3; pass++) {
    let span = pass == 0 ? max<f32>(8, 0.35 * r0) : max<f32>(6, 0.22 * r0);
    let lo = max<f32>(2, r0 - span);
    let rows = min(ROWS, ((span * 2) as i32) + 1);
    pupilGain(f, w, h, cx, cy, lo, rows);
    closedPath(l.gainMap(), rows, GAIN_UNIT, l.pathWork(), radii);
    for (let i = 0; i < RAYS; i++) {
      let p = radii + ((i as usize) << 2);
      let k = load<i32>(p);
      let gain = (load<i32>(l.gainMap() + (((i * ROWS + k) * 4) as usize)) as f32) / (GAIN_UNIT as f32);
      // The upper quarter is often a lid's or lashes' edge.
      let trust: f32 = i > 80 && i < 112 ? UPPER : 1;
      store<f32>(weights + ((i as usize) << 2), trust * max<f32>(0.05, gain + 10) * (1.0 / 40.0));
      store<f32>(p, (k as f32) + lo);
    }
    let residual = fitSeries(radii, weights, pass < 2 ? 1 : 2, pass < 2 ? 2.5 : 2, 4);
    r0 = max<f32>(3, load<f32>(SERIES));
    if (pass < 2) {
      cx += load<f32>(SERIES, 4);
      cy += load<f32>(SERIES, 8);
      if (!(cx >= 1 && cy >= 1 && cx <= ((w - 2) as f32) && cy <= ((h - 2) as f32))) return false;
    } else store<f32>(hypothesis, residual, l.PUPIL_RESIDUAL);
  }
  store<f32>(hypothesis, cx, l.PX);
  store<f32>(hypothesis, cy, l.PY);
  store<f32>(hypothesis, r0, l.PR);
  for (let i = 0; i < RAYS; i++) {
    store<f32>(hypothesis + ((i as usize) << 2), max<f32>(1, seriesAt(i)), l.PUPIL_CONTOUR);
  }
  measurePupil(f, w, h, hypothesis);
  return true;
}

/** Contrast along the contour: mean, weakest of the quadrants right, down and left, and the grey value just inside. */
function measurePupil(f: usize, w: i32, h: i32, hypothesis: usize): void {
  let cx = load<f32>(hypothesis, l.PX);
  let cy = load<f32>(hypothesis, l.PY);
  let all: f32 = 0;
  let grey: f32 = 0;
  let weakest: f32 = 1e9;
  let quadrant: f32 = 0;
  let squares: f32 = 0;
  for (let n = 0; n < RAYS; n++) {
    let i = n - 16;
    let r = load<f32>(hypothesis + (((i & 127) as usize) << 2), l.PUPIL_CONTOUR);
    let t = max<f32>(2, 0.08 * r);
    let c = cosine(i);
    let s = sine(i);
    let outside: f32 = 0.5 * (bilinear(f, w, h, cx + (r + t) * c, cy + (r + t) * s) + bilinear(f, w, h, cx + (r + 2 * t) * c, cy + (r + 2 * t) * s));
    let inside: f32 = 0.5 * (bilinear(f, w, h, cx + (r - t) * c, cy + (r - t) * s) + bilinear(f, w, h, cx + (r - 2 * t) * c, cy + (r - 2 * t) * s));
    let d = max<f32>(-20, min<f32>(60, outside - inside));
    all += d;
    squares += d * d;
    grey += inside;
    quadrant += d;
    if ((n & 31) == 31) {
      if (n < 96) weakest = min<f32>(weakest, quadrant * (1.0 / 32.0));
      quadrant = 0;
    }
  }
  let mean: f32 = all * (1.0 / 128.0);
  let spread = sqrt<f32>(max<f32>(0, squares * (1.0 / 128.0) - mean * mean));
  let unit: f32 = 1 / (abs(mean) + spread + NOISE);
  store<f32>(hypothesis, mean * unit, l.PUPIL_STEP);
  store<f32>(hypothesis, weakest * unit, l.PUPIL_WEAK_STEP);
  store<f32>(hypothesis, mean, l.PUPIL_CONTRAST);
  store<f32>(hypothesis, weakest, l.PUPIL_WEAKEST);
  store<f32>(hypothesis, grey * (1.0 / 128.0), l.PUPIL_GREY);
}
