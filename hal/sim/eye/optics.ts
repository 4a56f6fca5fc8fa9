// From the scene's light to the sensor's numbers: lens blur, movement during the exposure, shot and read noise, 8-bit conversion.
import { childSeed, mix32 } from "./random.ts";

/** What a lens and a moving subject do to a picture: blur and movement as shares of the frame's height. */
export interface Optics {
  readonly seed: number;
  readonly defocus: number;
  readonly motion: number;
  readonly motionAngle: number;
}

/** One pass of a running mean of 2r+1 samples along rows (stride 1) or columns, ends held. */
function boxPass(
  from: Float32Array,
  to: Float32Array,
  count: number,
  length: number,
  step: number,
  next: number,
  r: number,
): void {
  const scale = 1 / (2 * r + 1);
  for (let line = 0; line < count; line++) {
    const base = line * next;
    const last = base + (length - 1) * step;
    let sum = (r + 1) * from[base]!;
    for (let k = 1; k <= r; k++) sum += from[Math.min(base + k * step, last)]!;
    for (let i = 0; i < length; i++) {
      to[base + i * step] = sum * scale;
      const enter = base + Math.min(i + r + 1, length - 1) * step;
      const leave = base + Math.max(i - r, 0) * step;
      sum += from[enter]! - from[leave]!;
    }
  }
}

/** Small kernel along one axis for blurs below a pixel or two. */
function smallPass(
  from: Float32Array,
  to: Float32Array,
  count: number,
  length: number,
  step: number,
  next: number,
  sigma: number,
): void {
  const r = Math.ceil(2.5 * sigma);
  const kernel: number[] = [];
  let total = 0;
  for (let k = -r; k <= r; k++) total += Math.exp(-(k * k) / (2 * sigma * sigma));
  for (let k = -r; k <= r; k++) kernel.push(Math.exp(-(k * k) / (2 * sigma * sigma)) / total);
  for (let line = 0; line < count; line++) {
    const base = line * next;
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (let k = -r; k <= r; k++)
        sum += kernel[k + r]! * from[base + Math.min(Math.max(i + k, 0), length - 1) * step]!;
      to[base + i * step] = sum;
    }
  }
}

/** Blurs in place by about a Gaussian of `sigma` pixels; wide ones as three running means (Wells 1986). */
export function blur(picture: Float32Array, width: number, height: number, sigma: number): void {
  const other = new Float32Array(picture.length);
  if (sigma < 2) {
    smallPass(picture, other, height, width, 1, width, sigma);
    smallPass(other, picture, width, height, width, 1, sigma);
    return;
  }
  const r = Math.max(1, Math.round((Math.sqrt(4 * sigma * sigma + 1) - 1) / 2));
  for (let k = 0; k < 3; k++) {
    boxPass(picture, other, height, width, 1, width, r);
    boxPass(other, picture, width, height, width, 1, r);
  }
}

/** Mean along a straight path of `length` pixels: what moved during the exposure. */
function smear(picture: Float32Array, width: number, height: number, length: number, angle: number): Float32Array {
  const taps = Math.ceil(length) + 1;
  if (length < 0.6) return picture;
  const out = new Float32Array(picture.length);
  for (let t = 0; t < taps; t++) {
    const along = (t / (taps - 1) - 0.5) * length;
    const dx = Math.round(along * Math.cos(angle));
    const dy = Math.round(along * Math.sin(angle));
    for (let y = 0; y < height; y++) {
      const row = Math.min(Math.max(y + dy, 0), height - 1) * width;
      for (let x = 0; x < width; x++) out[y * width + x]! += picture[row + Math.min(Math.max(x + dx, 0), width - 1)]!;
    }
  }
  for (let i = 0; i < out.length; i++) out[i]! /= taps;
  return out;
}

/** Blurs, exposes and digitises a linear-light picture. `gain` is exposure against the intended one (1 = well exposed). */
export function expose(light: Float32Array, p: Optics, width: number, height: number, gain: number): Uint8Array {
  // No lens is sharper than about 0.7 pixel; focus errors add to that.
  const sigma = Math.hypot(0.7, p.defocus * height);
  const picture = smear(light, width, height, p.motion * height, p.motionAngle);
  blur(picture, width, height, sigma);
  const frame = new Uint8Array(width * height);
  let state = childSeed(p.seed, "sensor noise");
  for (let i = 0; i < frame.length; i++) {
    // Sum of four uniform bytes: normal enough for noise, and cheap. Deviation of the sum is 147.8.
    state = mix32((state + 0x9e3779b9) | 0);
    const n = ((state & 255) + ((state >>> 8) & 255) + ((state >>> 16) & 255) + (state >>> 24) - 510) / 147.8;
    const value = picture[i]! * gain;
    frame[i] = Math.min(255, Math.max(0, value + n * Math.sqrt(1.4 + 0.022 * Math.max(0, value)) + 0.5));
  }
  return frame;
}
