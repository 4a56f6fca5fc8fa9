// A raw measurement for liveness, no verdict: the entropy of gradient directions about the iris. Halftone dots, screen rows and dither
// line up directions, living tissue does not (of the single-picture terms tried this one told prints from eyes best; screens and
// textured lenses it hardly tells). Its value depends on camera and resolution: it only means something against bona fide captures
// of the same device.
import { entropy, SAMPLES_PER_BIN } from "../liveness/entropy";
import { evidenceAdd } from "../liveness/evidence";
import { LIVENESS_GRADIENT } from "../pec/words";
import * as l from "./layout";

const DIRECTIONS: i32 = 16;
const BLOCK: i32 = 32;
/** A gradient counts when it exceeds this part of the local grey value. */
const CONTRAST: f32 = 0.012;
const COUNTS: usize = memory.data(16 * 4, 4);

/** Forgets what was counted of the last frame. */
export function livenessWipe(): void {
  memory.fill(COUNTS, 0, 64);
}

/** The 22.5 degree sector of (x, y), 0..15. */
function direction(x: i32, y: i32): i32 {
  let ax = abs(x);
  let ay = abs(y);
  // tan 22.5 = 0.4142: within a quadrant the octant's halves split at 29/70.
  let octant = ay * 70 < ax * 29 ? 0 : ay <= ax ? 1 : ax * 70 < ay * 29 ? 3 : 2;
  return x >= 0 ? (y >= 0 ? octant : 15 - octant) : y >= 0 ? 7 - octant : 8 + octant;
}

/** Entropy of one block's gradient directions, millibits; -1 when too few gradients exceed the contrast. */
function blockEntropy(picture: usize, width: i32, x0: i32, y0: i32): i32 {
  memory.fill(COUNTS, 0, 64);
  for (let y = y0; y < y0 + BLOCK; y++) {
    for (let x = x0; x < x0 + BLOCK; x++) {
      let p = picture + ((y * width + x) as usize);
      let dx = (load<u8>(p, 1) as i32) - (load<u8>(p - 1) as i32);
      let dy = (load<u8>(p + (width as usize)) as i32) - (load<u8>(p - (width as usize)) as i32);
      let floor: f32 = CONTRAST * 2 * (load<u8>(p) as f32);
      if (((dx * dx + dy * dy) as f32) <= floor * floor) continue;
      let c = COUNTS + ((direction(dx, dy) as usize) << 2);
      store<i32>(c, load<i32>(c) + 1);
    }
  }
  return entropy(COUNTS, DIRECTIONS, SAMPLES_PER_BIN);
}

/** Mean entropy over the blocks about hypothesis c's iris in the working picture, millibits 0..4000; -1 when none has gradients enough. */
export function gradientEntropy(c: usize): i32 {
  let w = l.pictureW();
  let h = l.pictureH();
  let r = load<f32>(c, l.IR) as i32;
  let left = max(1, (load<f32>(c, l.IX) as i32) - r);
  let top = max(1, (load<f32>(c, l.IY) as i32) - r);
  let right = min(w - 1, left + 2 * r) - BLOCK;
  let bottom = min(h - 1, top + 2 * r) - BLOCK;
  let sum = 0;
  let blocks = 0;
  for (let y = top; y <= bottom; y += BLOCK) {
    for (let x = left; x <= right; x += BLOCK) {
      let e = blockEntropy(l.picture(), w, x, y);
      if (e < 0) continue;
      sum += e;
      blocks++;
    }
  }
  return blocks ? (sum + (blocks >> 1)) / blocks : -1;
}

/** Adds the raw terms about hypothesis c's iris (liveness/evidence.ts). */
export function measureLiveness(c: usize, evidence: usize): void {
  const gradient = gradientEntropy(c);
  if (gradient >= 0) evidenceAdd(evidence, LIVENESS_GRADIENT, gradient);
}
