// From phase to depth: the point on a pixel's ray at which the projector throws this phase (calibration.ts), no iteration and no table.
import { A, along, B, FARTHEST, NEAREST } from "./calibration";
import { lookThrough, rayX, rayY, useCamera } from "./rays";

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
  useCamera(calibration);
  const near = load<f32>(calibration, NEAREST);
  const far = load<f32>(calibration, FARTHEST);
  const a3 = load<f32>(calibration + A, 12);
  const b3 = load<f32>(calibration + B, 12);
  let found = 0;
  for (let j = 0; j < height; j++) {
    for (let i = 0; i < width; i++, phase += 4, flags++) {
      const turned = load<f32>(phase);
      let depth: f32 = 0;
      if (!load<u8>(flags)) {
        lookThrough((left + i) as f32, (top + j) as f32);
        // a . P = phase (b . P), linear in the depth; the block's Y runs downwards.
        const rate = along(calibration, A, rayX, -rayY) - turned * along(calibration, B, rayX, -rayY);
        depth = (turned * b3 - a3) / rate;
        if (!(depth >= near && depth <= far)) depth = 0;
        else found++;
      }
      store<f32>(phase, depth);
    }
  }
  return found;
}
