// From phase to depth: the point on a pixel's ray at which the projector throws this phase (calibration.ts), no iteration and no table.
import { A, along, B, CX, CY, FARTHEST, FX, FY, K1, K2, NEAREST } from "./calibration";

/** Rounds of taking the distortion back; each leaves about k1 r^2 of what the one before left. */
const ROUNDS: i32 = 4;

/**
 * Turns `phase` (f32 radians, NaN: none; width x height, its first pixel at (left, top) of the picture that `calibration` is for) into depth
 * in place: f32 mm along Z, 0 where a flag is set (decode.ts) or it is outside what the unit measures. Returns how many pixels have a depth.
 */
export function depthFromPhase(
  phase: usize,
  flags: usize,
  width: i32,
  height: i32,
  left: i32,
  top: i32,
  calibration: usize,
): i32 {
  const fx: f32 = 1 / load<f32>(calibration, FX);
  const fy: f32 = 1 / load<f32>(calibration, FY);
  const cx = load<f32>(calibration, CX) - (left as f32);
  const cy = load<f32>(calibration, CY) - (top as f32);
  const k1 = load<f32>(calibration, K1);
  const k2 = load<f32>(calibration, K2);
  const near = load<f32>(calibration, NEAREST);
  const far = load<f32>(calibration, FARTHEST);
  const a3 = load<f32>(calibration + A, 12);
  const b3 = load<f32>(calibration + B, 12);
  let found = 0;
  for (let j = 0; j < height; j++) {
    const v = ((j as f32) - cy) * fy;
    for (let i = 0; i < width; i++, phase += 4, flags++) {
      const turned = load<f32>(phase);
      let depth: f32 = 0;
      if (!load<u8>(flags)) {
        const u = ((i as f32) - cx) * fx;
        let x = u;
        let y = v;
        for (let k = 0; k < ROUNDS; k++) {
          const square = x * x + y * y;
          const grown: f32 = 1 / (1 + square * (k1 + k2 * square));
          x = u * grown;
          y = v * grown;
        }
        // a . P = phase (b . P), linear in the depth.
        const rate = along(calibration, A, x, y) - turned * along(calibration, B, x, y);
        depth = (turned * b3 - a3) / rate;
        if (!(depth >= near && depth <= far)) depth = 0;
        else found++;
      }
      store<f32>(phase, depth);
    }
  }
  return found;
}
