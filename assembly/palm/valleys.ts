// A whole hand's own frame of reference: the palm as the largest circle in the hand, and the valleys between the fingers, seen from its centre.
import { bilinear } from "../vision/sample";
import { cosine, prepareTrig, RAYS, sine } from "../vision/trig";
import { distances, PIXEL, picture, pictureH, pictureW } from "./segment";

/** Rays from one of the two valleys to the other: 28 to 68 degrees. */
const NEAREST: i32 = 10;
const FARTHEST: i32 = 24;

/** How far each ray runs in the hand, f32 a ray. */
const REACH: usize = memory.data(RAYS * 4, 4);

/** The circle, in pixels of the small picture. */
export let centreX: f32 = 0;
export let centreY: f32 = 0;
export let radius: f32 = 0;
/** The two valleys: x and y of each, f32, in pixels of the small picture, from left to right. */
export const VALLEYS: usize = memory.data(16, 4);

/** Zeroes what the last hand left in static buffers; returns the bytes zeroed. */
export function wipeValleys(): i32 {
  memory.fill(REACH, 0, RAYS * 4);
  memory.fill(VALLEYS, 0, 16);
  centreX = 0;
  centreY = 0;
  radius = 0;
  return RAYS * 4 + 16;
}

/** Finds the largest circle: the mean place of what is nearly as far from the dark as the farthest pixel, near that. */
export function findCircle(): void {
  const w = pictureW();
  const h = pictureH();
  const d = distances();
  let most = 0;
  let at = 0;
  for (let i = 0; i < w * h; i++) {
    const v = load<u8>(d + i) as i32;
    if (v <= most) continue;
    most = v;
    at = i;
  }
  radius = (most as f32) / (PIXEL as f32);
  const floor = (most * 15) >> 4;
  const reach = most / (2 * PIXEL);
  const x0 = at % w;
  const y0 = at / w;
  let sum = 0;
  let sumX = 0;
  let sumY = 0;
  for (let y = max(0, y0 - reach); y < min(h, y0 + reach + 1); y++) {
    for (let x = max(0, x0 - reach); x < min(w, x0 + reach + 1); x++) {
      const weight = (load<u8>(d + y * w + x) as i32) - floor;
      if (weight <= 0) continue;
      sum += weight;
      sumX += weight * (x - x0);
      sumY += weight * (y - y0);
    }
  }
  const n = max(1, sum) as f32;
  centreX = (x0 as f32) + (sumX as f32) / n;
  centreY = (y0 as f32) + (sumY as f32) / n;
}

/** Whether a second palm lies well within the frame: a place nearly as far from the dark, and no part of the first circle. */
export function secondPalm(): bool {
  const w = pictureW();
  const h = pictureH();
  const least = (0.85 * radius * (PIXEL as f32)) as i32;
  const rim = (0.5 * radius) as i32;
  const far: f32 = 1.9 * radius;
  for (let y = rim; y < h - rim; y++) {
    for (let x = rim; x < w - rim; x++) {
      if ((load<u8>(distances() + ((y * w + x) as usize)) as i32) < least) continue;
      const dx = (x as f32) - centreX;
      const dy = (y as f32) - centreY;
      if (dx * dx + dy * dy > far * far) return true;
    }
  }
  return false;
}

function reachOf(i: i32): f32 {
  return load<f32>(REACH + (((i & (RAYS - 1)) as usize) << 2));
}

/** Follows a ray from 3/4 of the radius until the hand ends, half a pixel at a time; `far` where it does not, or leaves the picture. */
function castRay(i: i32, limit: f32, far: f32): f32 {
  const w = pictureW();
  const h = pictureH();
  const dx = cosine(i);
  const dy = sine(i);
  let before: f32 = 255;
  for (let r: f32 = radius * 0.75; r < far; r += 0.5) {
    const x = centreX + r * dx;
    const y = centreY + r * dy;
    if (x < 0 || y < 0 || x > ((w - 1) as f32) || y > ((h - 1) as f32)) return far;
    const grey = bilinear(picture(), w, h, x, y);
    if (grey < limit) return r - (0.5 * (limit - grey)) / max<f32>(1, before - grey);
    before = grey;
  }
  return far;
}

/** Rays from ray i, in the direction of `step`, to where the hand reaches a fifth of a radius further; 0: within a finger's width it reaches less first. */
function rises(i: i32, step: i32): i32 {
  const floor = reachOf(i);
  for (let k = 1; k <= 12; k++) {
    const r = reachOf(i + k * step);
    if (r > floor + 0.2 * radius) return k;
    if (r < floor || (r == floor && step < 0)) return 0;
  }
  return 0;
}

/** Place of the valley at ray i: half-way, in angle, between where the hand reaches a tenth of a radius further. */
function placeValley(i: i32, into: usize): void {
  const r = reachOf(i);
  const level: f32 = r + 0.1 * radius;
  let a = i;
  while (reachOf(a - 1) < level) a--;
  let b = i;
  while (reachOf(b + 1) < level) b++;
  const left: f32 = (level - reachOf(a)) / (reachOf(a - 1) - reachOf(a));
  const right: f32 = (level - reachOf(b)) / (reachOf(b + 1) - reachOf(b));
  const turn: f32 = ((a + b - 2 * i) as f32) * 0.5 + (right - left) * 0.5;
  // A turn by so little is a shift along the tangent.
  const along: f32 = turn * 0.0490874 * r;
  store<f32>(into, centreX + r * cosine(i) - along * sine(i));
  store<f32>(into, centreY + r * sine(i) + along * cosine(i), 4);
}

/** How far the valley at ray i lies from the centre; 0: none is there, or none between fingers, which leave the circle well behind. */
function valleyAt(i: i32): f32 {
  const r = reachOf(i);
  return r > 1.12 * radius && rises(i, 1) && rises(i, -1) ? r : 0;
}

/**
 * Casts the rays and finds the valleys of the index and middle and of the ring and little finger: of the pairs that are as far apart as these
 * can be, the farther from the centre, since the thumb's is nearer. Below `limit` it is dark. Returns whether there is such a pair.
 */
export function findValleys(limit: i32): bool {
  prepareTrig();
  const far: f32 = 2.4 * radius;
  for (let i = 0; i < RAYS; i++) store<f32>(REACH + ((i as usize) << 2), castRay(i, limit as f32, far));
  let best: f32 = 0;
  let first = 0;
  let second = 0;
  // Angles run clockwise from the right; upwards is 96, to each side of which 100 degrees are looked at.
  for (let i = 60; i <= 132 - NEAREST; i++) {
    const r = valleyAt(i);
    if (r <= best) continue;
    for (let j = i + NEAREST; j <= min(132, i + FARTHEST); j++) {
      const nearer = min<f32>(r, valleyAt(j));
      if (nearer <= best) continue;
      best = nearer;
      first = i;
      second = j;
    }
  }
  if (best == 0) return false;
  placeValley(first, VALLEYS);
  placeValley(second, VALLEYS + 8);
  return true;
}
