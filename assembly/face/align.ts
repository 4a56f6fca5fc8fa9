// Lays points on a surface: projective point-to-plane ICP (Chen and Medioni 1992; Blais and Levine 1995). A point's partner is where its own
// line of sight in the canonical frame meets the map, so there is no search; robust weights are Tukey's.
//
// A point is POINT_BYTES: x, y, z (f32, mm), its unit normal (3 i16, 1/32767), 2 bytes unused. A pose is POSE_BYTES: a rotation, row after
// row, then a shift; it takes a point p to R p + t.
import { BOTTOM, CELLS, COLUMNS, LEFT, PITCH, ROWS } from "./surface";

export const POINT_BYTES: usize = 20;
export const POSE_BYTES: i32 = 48;
/** Work space of these functions: sums, and a byte for each cell. */
export const ALIGN_BYTES: i32 = 256 + CELLS + 8;
const COVERED: usize = 256;
const PER_PITCH: f32 = 1 / PITCH;
const NORMAL: f32 = 1 / 32767;
/** Keep steps small where points say little: about this many well placed points' worth. */
const HOLD_TURN: f32 = 20;
const HOLD_SHIFT: f32 = 0.05;
const LARGEST_TURN: f32 = 0.25;

let surface: usize = 0;
let weights: usize = 0;
let work: usize = 0;

/** What the next calls lay points on: a map, how much its cells count (a map too), and ALIGN_BYTES of work space. */
export function alignTo(map: usize, weightMap: usize, space: usize): void {
  surface = map;
  weights = weightMap;
  work = space;
}

/** The pose that turns by this rotation and takes (x, y, z) to the origin. */
export function placeOrigin(pose: usize, x: f32, y: f32, z: f32): void {
  for (let i = 0; i < 3; i++) {
    const row = pose + ((12 * i) as usize);
    const shift = -(load<f32>(row) * x + load<f32>(row, 4) * y + load<f32>(row, 8) * z);
    store<f32>(pose + ((36 + 4 * i) as usize), shift);
  }
}

/**
 * Every `step`th point against the surface: points farther off than `cut` mm, or whose normal makes a cosine below `facing` with the
 * surface's, do not count. Sums up the normal equations (21 + 6 f32), or, with `cover`, how well each cell is met (0..255).
 */
function sweep(points: usize, count: i32, step: i32, pose: usize, cut: f32, facing: f32, cover: bool): void {
  const r0 = load<f32>(pose, 0);
  const r1 = load<f32>(pose, 4);
  const r2 = load<f32>(pose, 8);
  const r3 = load<f32>(pose, 12);
  const r4 = load<f32>(pose, 16);
  const r5 = load<f32>(pose, 20);
  const r6 = load<f32>(pose, 24);
  const r7 = load<f32>(pose, 28);
  const r8 = load<f32>(pose, 32);
  const t0 = load<f32>(pose, 36) - LEFT;
  const t1 = load<f32>(pose, 40) - BOTTOM;
  const t2 = load<f32>(pose, 44);
  const scale: f32 = 1 / (cut * cut);
  let a00: f32 = 0,
    a01: f32 = 0,
    a02: f32 = 0,
    a03: f32 = 0,
    a04: f32 = 0,
    a05: f32 = 0;
  let a11: f32 = 0,
    a12: f32 = 0,
    a13: f32 = 0,
    a14: f32 = 0,
    a15: f32 = 0;
  let a22: f32 = 0,
    a23: f32 = 0,
    a24: f32 = 0,
    a25: f32 = 0;
  let a33: f32 = 0,
    a34: f32 = 0,
    a35: f32 = 0,
    a44: f32 = 0,
    a45: f32 = 0,
    a55: f32 = 0;
  let b0: f32 = 0,
    b1: f32 = 0,
    b2: f32 = 0,
    b3: f32 = 0,
    b4: f32 = 0,
    b5: f32 = 0;
  const stride = (step as usize) * POINT_BYTES;
  const end = points + (count as usize) * POINT_BYTES;
  for (let p = points; p < end; p += stride) {
    const px = load<f32>(p);
    const py = load<f32>(p, 4);
    const pz = load<f32>(p, 8);
    const qx = r0 * px + r1 * py + r2 * pz + t0;
    const qy = r3 * px + r4 * py + r5 * pz + t1;
    const u = qx * PER_PITCH;
    const v = qy * PER_PITCH;
    if (!(u >= 0 && v >= 0 && u < ((COLUMNS - 1) as f32) && v < ((ROWS - 1) as f32))) continue;
    const i = u as i32;
    const j = v as i32;
    const fu = u - (i as f32);
    const fv = v - (j as f32);
    const cell = (j * COLUMNS + i) << 2;
    const near = cell + (fu >= 0.5 ? 4 : 0) + (fv >= 0.5 ? 4 * COLUMNS : 0);
    const weight = load<f32>(weights + (near as usize));
    if (weight == 0) continue;
    const m = surface + (cell as usize);
    const z00 = load<f32>(m);
    const z01 = load<f32>(m, 4 * COLUMNS);
    const d0 = load<f32>(m, 4) - z00;
    const d1 = load<f32>(m, 4 * COLUMNS + 4) - z01;
    const low = z00 + fu * d0;
    const rise = z01 + fu * d1 - low;
    const gx = (d0 + fv * (d1 - d0)) * PER_PITCH;
    const gy = rise * PER_PITCH;
    const qz = r6 * px + r7 * py + r8 * pz + t2;
    const nz: f32 = 1 / sqrt<f32>(1 + gx * gx + gy * gy);
    const r = nz * (qz - low - fv * rise);
    let w: f32 = 1 - r * r * scale;
    if (w <= 0) continue;
    const ax = load<i16>(p, 12) as f32;
    const ay = load<i16>(p, 14) as f32;
    const az = load<i16>(p, 16) as f32;
    const facingX = r0 * ax + r1 * ay + r2 * az;
    const facingY = r3 * ax + r4 * ay + r5 * az;
    const facingZ = r6 * ax + r7 * ay + r8 * az;
    if ((facingZ - gx * facingX - gy * facingY) * nz * NORMAL < facing) continue;
    w *= w * weight;
    if (cover) {
      const c = work + COVERED + ((near >> 2) as usize);
      store<u8>(c, max<i32>(load<u8>(c), (w * 255) as i32));
      continue;
    }
    const nx = -gx * nz;
    const ny = -gy * nz;
    const x = qx + LEFT;
    const y = qy + BOTTOM;
    const j0 = y * nz - qz * ny;
    const j1 = qz * nx - x * nz;
    const j2 = x * ny - y * nx;
    const w0 = w * j0;
    const w1 = w * j1;
    const w2 = w * j2;
    const w3 = w * nx;
    const w4 = w * ny;
    const w5 = w * nz;
    a00 += w0 * j0;
    a01 += w0 * j1;
    a02 += w0 * j2;
    a03 += w0 * nx;
    a04 += w0 * ny;
    a05 += w0 * nz;
    a11 += w1 * j1;
    a12 += w1 * j2;
    a13 += w1 * nx;
    a14 += w1 * ny;
    a15 += w1 * nz;
    a22 += w2 * j2;
    a23 += w2 * nx;
    a24 += w2 * ny;
    a25 += w2 * nz;
    a33 += w3 * nx;
    a34 += w3 * ny;
    a35 += w3 * nz;
    a44 += w4 * ny;
    a45 += w4 * nz;
    a55 += w5 * nz;
    b0 += w0 * r;
    b1 += w1 * r;
    b2 += w2 * r;
    b3 += w3 * r;
    b4 += w4 * r;
    b5 += w5 * r;
  }
  if (cover) return;
  // Rows of 7: the upper triangle, and the right side.
  const s = work;
  store<f32>(s, a00 + HOLD_TURN, 0);
  store<f32>(s, a01, 4);
  store<f32>(s, a02, 8);
  store<f32>(s, a03, 12);
  store<f32>(s, a04, 16);
  store<f32>(s, a05, 20);
  store<f32>(s, -b0, 24);
  store<f32>(s, a11 + HOLD_TURN, 32);
  store<f32>(s, a12, 36);
  store<f32>(s, a13, 40);
  store<f32>(s, a14, 44);
  store<f32>(s, a15, 48);
  store<f32>(s, -b1, 52);
  store<f32>(s, a22 + HOLD_TURN, 64);
  store<f32>(s, a23, 68);
  store<f32>(s, a24, 72);
  store<f32>(s, a25, 76);
  store<f32>(s, -b2, 80);
  store<f32>(s, a33 + HOLD_SHIFT, 96);
  store<f32>(s, a34, 100);
  store<f32>(s, a35, 104);
  store<f32>(s, -b3, 108);
  store<f32>(s, a44 + HOLD_SHIFT, 128);
  store<f32>(s, a45, 132);
  store<f32>(s, -b4, 136);
  store<f32>(s, a55 + HOLD_SHIFT, 160);
  store<f32>(s, -b5, 164);
}

/** Solves the symmetric system that `sweep` left (Gauss, upper triangle only); the six unknowns take the places of the right side. */
function solve(): void {
  for (let k: usize = 0; k < 6; k++) {
    const pivot = work + 28 * k + 4 * k;
    const by: f32 = 1 / load<f32>(pivot);
    for (let i = k + 1; i < 6; i++) {
      const share = load<f32>(pivot + 4 * (i - k)) * by;
      for (let j = i; j < 7; j++) {
        const a = work + 28 * i + 4 * j;
        store<f32>(a, load<f32>(a) - share * load<f32>(pivot + 4 * (j - k)));
      }
    }
  }
  for (let k: i32 = 5; k >= 0; k--) {
    const row = work + ((28 * k) as usize);
    let sum = load<f32>(row, 24);
    for (let j = k + 1; j < 6; j++)
      sum -= load<f32>(row + ((4 * j) as usize)) * load<f32>(work + ((28 * j) as usize), 24);
    store<f32>(row, sum / load<f32>(row + ((4 * k) as usize)), 24);
  }
}

/** Turns the pose by the solved vector (Cayley's form of the rotation, so no trigonometry), then shifts it. */
function move(pose: usize): void {
  let x = load<f32>(work, 24) * 0.5;
  let y = load<f32>(work, 52) * 0.5;
  let z = load<f32>(work, 80) * 0.5;
  const turn: f32 = 2 * sqrt<f32>(x * x + y * y + z * z);
  if (turn > LARGEST_TURN) {
    const less = LARGEST_TURN / turn;
    x *= less;
    y *= less;
    z *= less;
  }
  const k: f32 = 2 / (1 + x * x + y * y + z * z);
  // R' = R + k (a x (R + a x R)), column by column; the shift is a fourth column.
  for (let c = 0; c < 4; c++) {
    const p = pose + ((c < 3 ? 4 * c : 36) as usize);
    const s: usize = c < 3 ? 12 : 4;
    const v0 = load<f32>(p);
    const v1 = load<f32>(p + s);
    const v2 = load<f32>(p + 2 * s);
    const c0 = v0 + y * v2 - z * v1;
    const c1 = v1 + z * v0 - x * v2;
    const c2 = v2 + x * v1 - y * v0;
    store<f32>(p, v0 + k * (y * c2 - z * c1));
    store<f32>(p + s, v1 + k * (z * c0 - x * c2));
    store<f32>(p + 2 * s, v2 + k * (x * c1 - y * c0));
  }
  for (let i: usize = 0; i < 3; i++) {
    const t = pose + 36 + 4 * i;
    store<f32>(t, load<f32>(t) + load<f32>(work + 84 + 28 * i, 24));
  }
}

let anchor: usize = 0;
let anchorWeight: f32 = 0;

/** From now on `align` also draws this point (x, y, z f32) towards x = 0, as strongly as so many points' worth; 0: no longer. */
export function drawToMiddle(point: usize, weight: f32): void {
  anchor = point;
  anchorWeight = weight;
}

/** The row of the anchor: along x only. */
function addAnchor(pose: usize): void {
  moveTo(pose, anchor);
  const w = anchorWeight;
  const j1 = movedZ;
  const j2 = -movedY;
  const s = work;
  store<f32>(s, load<f32>(s, 32) + w * j1 * j1, 32);
  store<f32>(s, load<f32>(s, 36) + w * j1 * j2, 36);
  store<f32>(s, load<f32>(s, 40) + w * j1, 40);
  store<f32>(s, load<f32>(s, 52) - w * j1 * movedX, 52);
  store<f32>(s, load<f32>(s, 64) + w * j2 * j2, 64);
  store<f32>(s, load<f32>(s, 68) + w * j2, 68);
  store<f32>(s, load<f32>(s, 80) - w * j2 * movedX, 80);
  store<f32>(s, load<f32>(s, 96) + w, 96);
  store<f32>(s, load<f32>(s, 108) - w * movedX, 108);
}

/** Improves `pose` `rounds` times with every `step`th point; the cut-off begins at `cut` mm and is multiplied by `decay` down to `least`. */
export function align(
  points: usize,
  count: i32,
  step: i32,
  pose: usize,
  rounds: i32,
  cut: f32,
  decay: f32,
  least: f32,
  facing: f32,
): void {
  for (let n = 0; n < rounds; n++) {
    sweep(points, count, step, pose, max<f32>(cut, least), facing, false);
    if (anchor) addAnchor(pose);
    solve();
    move(pose);
    cut *= decay;
  }
}

/** Of the last `coverage`: the same for the nose and what is between the eyes alone. */
export let centreCover: f32 = 0;

/**
 * How much of the surface the points cover: the sum over the cells of the best point's weight, 0..CELLS. Points farther than `cut` mm from
 * the surface cover nothing.
 */
export function coverage(points: usize, count: i32, step: i32, pose: usize, cut: f32, facing: f32): f32 {
  memory.fill(work + COVERED, 0, CELLS as usize);
  sweep(points, count, step, pose, cut, facing, true);
  let sum = 0;
  let centre = 0;
  let c = work + COVERED;
  for (let j = 0; j < ROWS; j++) {
    // The nose's box: |x| < 25, -13 < y < 51.
    const between = j > 20 && j < 46;
    for (let i = 0; i < COLUMNS; i++) {
      const met = load<u8>(c++) as i32;
      sum += met;
      if (between && i > 15 && i < 36) centre += met;
    }
  }
  centreCover = (centre as f32) / 255;
  return (sum as f32) / 255;
}

/** Where `moveTo` has put a point, mm. */
export let movedX: f32 = 0;
export let movedY: f32 = 0;
export let movedZ: f32 = 0;

/** Moves a point by a pose. */
export function moveTo(pose: usize, point: usize): void {
  const x = load<f32>(point);
  const y = load<f32>(point, 4);
  const z = load<f32>(point, 8);
  movedX = load<f32>(pose) * x + load<f32>(pose, 4) * y + load<f32>(pose, 8) * z + load<f32>(pose, 36);
  movedY = load<f32>(pose, 12) * x + load<f32>(pose, 16) * y + load<f32>(pose, 20) * z + load<f32>(pose, 40);
  movedZ = load<f32>(pose, 24) * x + load<f32>(pose, 28) * y + load<f32>(pose, 32) * z + load<f32>(pose, 44);
}

/** Gives a point the unit normal along (x, y, z). */
export function setNormal(point: usize, x: f32, y: f32, z: f32): void {
  const unit: f32 = 32767 / sqrt<f32>(x * x + y * y + z * z);
  store<i16>(point, nearest<f32>(x * unit) as i16, 12);
  store<i16>(point, nearest<f32>(y * unit) as i16, 14);
  store<i16>(point, nearest<f32>(z * unit) as i16, 16);
}
