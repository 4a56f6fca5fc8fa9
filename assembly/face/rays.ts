// Where the pixels of a camera look: pinhole with Brown's radial distortion, from a calibration block (calibration.ts).
import { CX, CY, FX, FY, K1, K2 } from "./calibration";

let fx: f32 = 1;
let fy: f32 = 1;
let cx: f32 = 0;
let cy: f32 = 0;
let k1: f32 = 0;
let k2: f32 = 0;

/** Of the last `lookThrough`: x/Z and y/Z, to the right and upwards. */
export let rayX: f32 = 0;
export let rayY: f32 = 0;

/** Takes the camera of this calibration block. */
export function useCamera(calibration: usize): void {
  fx = load<f32>(calibration, FX);
  fy = load<f32>(calibration, FY);
  cx = load<f32>(calibration, CX);
  cy = load<f32>(calibration, CY);
  k1 = load<f32>(calibration, K1);
  k2 = load<f32>(calibration, K2);
}

/** Pixels that a millimetre takes at a distance of 1 mm, along rows. */
export function focal(): f32 {
  return fx;
}

/** Looks through the point (u, v) of the picture, pixels. */
export function lookThrough(u: f32, v: f32): void {
  const x = (u - cx) / fx;
  const y = (v - cy) / fy;
  rayX = x;
  rayY = y;
  // The distortion is undone by fixed-point iteration, which the few per cent of a lens allow.
  if (k1 != 0 || k2 != 0) {
    for (let n = 0; n < 4; n++) {
      const r = rayX * rayX + rayY * rayY;
      const less: f32 = 1 / (1 + r * (k1 + r * k2));
      rayX = x * less;
      rayY = y * less;
    }
  }
  rayY = -rayY;
}
