// Depth maps of invented heads for the face tests: the mean face with a nose, brow, cheeks and chin of its own, on a round head, turned and
// moved as asked, seen by a pinhole camera.
import { FARTHEST, NEAREST } from "../face/calibration";
import { FACE_CALIBRATION } from "../face/face";
import { makeMean } from "../face/mean";
import { BOTTOM, CELLS, COLUMNS, LEFT, MAP_BYTES, PITCH, ROWS, xOf, yOf } from "../face/surface";

export const WIDTH: i32 = 320;
export const HEIGHT: i32 = 240;
export const FOCAL: f32 = 400;
export const DEPTH = memory.data(2 * 320 * 240, 8);
export const CALIBRATION = FACE_CALIBRATION;
const HEAD = memory.data(4 * 52 * 60, 8);

let state: u32 = 1;

/** A number in -1..1. */
export function noise(): f32 {
  state = state * 1664525 + 1013904223;
  return ((state >>> 8) as f32) / 8388608 - 1;
}

/** Makes the surface of person `seed` (0: the mean face). */
export function makeHead(seed: i32): void {
  makeMean(HEAD);
  if (seed == 0) return;
  state = (seed * 7919 + 17) as u32;
  for (let k = 0; k < 12; k++) {
    const cx: f32 = 34 * noise();
    const cy: f32 = 14 + 40 * noise();
    const radius: f32 = 18 + 8 * noise();
    const height: f32 = 5 * noise();
    for (let n = 0; n < CELLS; n++) {
      const u = abs(xOf(n)) - abs(cx);
      const v = yOf(n) - cy;
      const t: f32 = 1 - (u * u + v * v) / (radius * radius);
      const p = HEAD + ((n as usize) << 2);
      if (t > 0) store<f32>(p, load<f32>(p) + height * t * t);
    }
  }
}

/** The surface at (x, y) in the canonical frame; beyond the head, far behind. */
function surfaceAt(x: f32, y: f32): f32 {
  const u = (x - LEFT) / PITCH;
  const v = (y - BOTTOM) / PITCH;
  if (!(u >= 0 && v >= 0 && u < ((COLUMNS - 1) as f32) && v < ((ROWS - 1) as f32))) return -1000;
  const i = u as i32;
  const j = v as i32;
  const p = HEAD + (((j * COLUMNS + i) << 2) as usize);
  const low = load<f32>(p) + (u - (i as f32)) * (load<f32>(p, 4) - load<f32>(p));
  const high =
    load<f32>(p, 4 * COLUMNS) + (u - (i as f32)) * (load<f32>(p, 4 * COLUMNS + 4) - load<f32>(p, 4 * COLUMNS));
  return low + (v - (j as f32)) * (high - low);
}

function put(x: i32, y: i32, depth: f32): void {
  store<u16>(DEPTH + ((2 * (y * WIDTH + x)) as usize), depth > 0 ? (nearest<f32>(depth * 10) as u16) : 0);
}

/** The calibration block of the camera. */
export function useTestCamera(): void {
  memory.fill(CALIBRATION, 0, 64);
  store<f32>(CALIBRATION, FOCAL);
  store<f32>(CALIBRATION, FOCAL, 4);
  store<f32>(CALIBRATION, 160, 8);
  store<f32>(CALIBRATION, 120, 12);
  store<f32>(CALIBRATION, 150, NEAREST);
  store<f32>(CALIBRATION, 2000, FARTHEST);
}

/**
 * Draws the head with its nose's tip at (x, y, -z) mm, turned by `yaw` and `pitch` radians, with noise of up to `rough` mm; with `half`, only what
 * is right of the nose.
 */
export function drawHead(x: f32, y: f32, z: f32, yaw: f32, pitch: f32, rough: f32, half: bool): void {
  useTestCamera();
  const c = NativeMathf.cos(yaw);
  const s = NativeMathf.sin(yaw);
  const d = NativeMathf.cos(pitch);
  const e = NativeMathf.sin(pitch);
  for (let row = 0; row < HEIGHT; row++) {
    for (let column = 0; column < WIDTH; column++) {
      const rx = ((column as f32) - 160) / FOCAL;
      const ry: f32 = (120 - (row as f32)) / FOCAL;
      // From the front on, along the ray, until the surface is met.
      let depth = z - 60;
      let met = false;
      for (let step = 0; step < 60; step++) {
        const px = rx * depth - x;
        const py = ry * depth - y;
        const pz = z - depth;
        const qx = c * px + s * pz;
        const qz = c * pz - s * px;
        const qy = d * py - e * qz;
        const gap = d * qz + e * py - surfaceAt(qx, qy);
        if (gap > 500) {
          depth += 4;
          continue;
        }
        met = abs(gap) < 0.05;
        if (met) {
          met = !half || qx > 2;
          break;
        }
        depth += 0.6 * gap;
      }
      put(column, row, met ? depth + rough * noise() : <f32>0);
    }
  }
}

/** Draws a plane at `z` mm (0: nothing at all) that falls back by `slope` for each mm to the right. */
export function drawPlane(z: f32, slope: f32): void {
  useTestCamera();
  for (let row = 0; row < HEIGHT; row++) {
    for (let column = 0; column < WIDTH; column++) {
      put(column, row, z / (<f32>1 - (slope * ((column as f32) - 160)) / FOCAL));
    }
  }
}

/** Draws a ball of `radius` mm whose front lies at `z` mm. */
export function drawBall(z: f32, radius: f32): void {
  useTestCamera();
  const middle = z + radius;
  for (let row = 0; row < HEIGHT; row++) {
    for (let column = 0; column < WIDTH; column++) {
      const rx = ((column as f32) - 160) / FOCAL;
      const ry = ((row as f32) - 120) / FOCAL;
      const a: f32 = 1 + rx * rx + ry * ry;
      const inside = middle * middle - a * (middle * middle - radius * radius);
      put(column, row, inside > 0 ? (middle - sqrt<f32>(inside)) / a : <f32>0);
    }
  }
}
