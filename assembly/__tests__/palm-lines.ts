// Made-up palms for the unit tests: dark lines drawn from a seed over even skin, turned, scaled and moved about the middle at will.
import { SIDE } from "../palm/normalize";

const LINES: i32 = 14;
let state: u32 = 1;

/** 0..1. */
function random(): f32 {
  state = state * 1664525 + 1013904223;
  return ((state >>> 8) as f32) / 16777216;
}

/** Draws SIDE x SIDE bytes: the palm of `seed` turned by `degrees`, scaled, moved by (dx, dy) pixels, over skin of grey value `skin`. */
export function drawPalm(out: usize, seed: u32, degrees: f32, scale: f32, dx: f32, dy: f32, skin: i32 = 140): void {
  const angle: f32 = (degrees * 3.1415927) / 180;
  const c = Mathf.cos(angle) / scale;
  const s = Mathf.sin(angle) / scale;
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const px: f32 = (x as f32) - 31.5 - dx;
      const py: f32 = (y as f32) - 31.5 - dy;
      const u = c * px + s * py;
      const v = c * py - s * px;
      state = seed;
      let dark: f32 = 0;
      for (let k = 0; k < LINES; k++) {
        // A line through (a, b) along (m, n), from -length to length, bent.
        const a: f32 = 80 * (random() - 0.5);
        const b: f32 = 80 * (random() - 0.5);
        const turn: f32 = 3.1415927 * random();
        const length: f32 = 8 + 14 * random();
        const bend: f32 = 0.03 * (random() - 0.5);
        const m = Mathf.cos(turn);
        const n = Mathf.sin(turn);
        const along = m * (u - a) + n * (v - b);
        const across = m * (v - b) - n * (u - a) - bend * along * along;
        if (abs(along) < length) dark = max(dark, Mathf.exp(-0.125 * across * across));
      }
      store<u8>(out + ((y * SIDE + x) as usize), max(0, min(255, skin - ((<f32>60 * dark) as i32))) as u8);
    }
  }
}
