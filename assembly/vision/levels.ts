// Stretches a picture's grey levels so that its darkest and its brightest hundredth come to fixed values: whatever the exposure,
// thresholds behind it mean the same.
import { clearHistogram, count, percentile } from "./statistics";

const TABLE: usize = memory.data(256);
/** What the darkest and the brightest hundredth become. */
const LOW: f32 = 16;
const HIGH: f32 = 240;

let bottom: i32 = 0;
let gain: f32 = 1;

/** Grey levels between the darkest and the brightest hundredth that `measureLevels` found, and what a grey value becomes. */
let spread: i32 = 0;

export function levelSpread(): i32 {
  return spread;
}

/** What a grey value becomes, not rounded. */
export function stretched(grey: f32): f32 {
  return max<f32>(0, min<f32>(255, LOW + (grey - (bottom as f32)) * gain));
}

/** Learns the stretch from `pixels` grey values; a spread under 1/8 of the range is treated as if it were that large. */
export function measureLevels(picture: usize, pixels: i32): void {
  clearHistogram();
  for (let p = picture, end = picture + (pixels as usize); p < end; p++) count(load<u8>(p));
  bottom = percentile(10);
  spread = percentile(990) - bottom;
  gain = (HIGH - LOW) / (max(32, spread) as f32);
  for (let v = 0; v < 256; v++) store<u8>(TABLE + (v as usize), (stretched(v as f32) + 0.5) as u8);
}

/** Applies the stretch in place. */
export function stretchLevels(picture: usize, pixels: i32): void {
  for (let p = picture, end = picture + (pixels as usize); p < end; p++) {
    store<u8>(p, load<u8>(TABLE + (load<u8>(p) as usize)));
  }
}
