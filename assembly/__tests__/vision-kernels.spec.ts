// The kernels that all modalities share, on data whose answer is known: order statistics, bilinear reading, scaling, filling of
// bright spots, the closed path and the Fourier contour.
import { fitSeries, SERIES, seriesAt } from "../vision/fourier";
import { levelSpread, measureLevels, stretched, stretchLevels } from "../vision/levels";
import { closedPath, GAIN_BYTES, GAIN_UNIT, PATH_BYTES, ROWS } from "../vision/path";
import { fillBright, fillBytes } from "../vision/reconstruct";
import { bilinear, enlarge, readRay, reduce } from "../vision/sample";
import { clearHistogram, count, counted, entropy, medianDeviation, percentile } from "../vision/statistics";
import { cosine, prepareTrig, RAYS, sine } from "../vision/trig";

const A = memory.data(64 * 64, 8);
const B = memory.data(128 * 128, 8);
const C = memory.data(64 * 64, 8);
const GAIN = memory.data(GAIN_BYTES, 8);
const WORK = memory.data(PATH_BYTES, 8);
const RADII = memory.data(RAYS * 4, 4);
const WEIGHTS = memory.data(RAYS * 4, 4);

/** Reconstruction pass by pass, as the paper has it. */
function plainFill(source: usize, w: i32, h: i32, filled: usize, pairs: i32): void {
  for (let i = 0; i < w * h; i++) {
    const border = i < w || i >= w * (h - 1) || i % w == 0 || i % w == w - 1;
    store<u8>(filled + i, border ? load<u8>(source + i) : 0);
  }
  for (let pass = 0; pass < 2 * pairs; pass++) {
    const step = pass & 1 ? -1 : 1;
    for (let n = w + 1; n < w * (h - 1) - 1; n++) {
      const i = step > 0 ? n : w * h - 1 - n;
      if (i % w == 0 || i % w == w - 1) continue;
      const p = filled + i;
      let v = max(load<u8>(p), load<u8>(p - step));
      for (let d = -1; d < 2; d++) v = max(v, load<u8>(p - step * w + d));
      store<u8>(p, min(v, load<u8>(source + i)));
    }
  }
}

function near(a: f32, b: f32, tolerance: f32): bool {
  return abs(a - b) <= tolerance;
}

describe("trigonometric table", () => {
  it("holds cosine and sine of 128 angles, and wraps", () => {
    prepareTrig();
    for (let i = -128; i < 256; i++) {
      const t = (i as f64) * 0.04908738521234052;
      expect(near(cosine(i), NativeMath.cos(t) as f32, 1e-6)).toBe(true);
      expect(near(sine(i), NativeMath.sin(t) as f32, 1e-6)).toBe(true);
    }
  });
});

describe("order statistics", () => {
  it("gives exact percentiles, median deviation and entropy", () => {
    clearHistogram();
    expect(percentile(500)).toBe(255);
    expect(entropy()).toBe(0);
    for (let v = 1; v <= 100; v++) count(v);
    expect(counted()).toBe(100);
    expect(percentile(0)).toBe(1);
    expect(percentile(500)).toBe(51);
    expect(percentile(990)).toBe(100);
    expect(medianDeviation(51)).toBe(25);
    clearHistogram();
    for (let v = 0; v < 256; v++) count(v);
    expect(near(entropy(), 8, 1e-4)).toBe(true);
  });
});

describe("stretching of levels", () => {
  it("brings the darkest and the brightest hundredth to 16 and 240, and blows up a blank picture no more than sevenfold", () => {
    for (let i = 0; i < 4096; i++) store<u8>(A + i, 100 + ((i * 51) >> 12));
    measureLevels(A, 4096);
    expect(levelSpread()).toBe(50);
    expect(near(stretched(100), 16, 0.01)).toBe(true);
    expect(near(stretched(150), 240, 0.01)).toBe(true);
    expect(stretched(255)).toBe(255);
    stretchLevels(A, 4096);
    expect(load<u8>(A)).toBe(16);
    expect(load<u8>(A + 4095)).toBe(240);
    memory.fill(A, 77, 4096);
    measureLevels(A, 4096);
    expect(levelSpread()).toBe(0);
    expect(near(stretched(78), 23, 0.01)).toBe(true);
  });
});

describe("reading and scaling", () => {
  it("reads along a ray what single points read, and continues with the last value beyond the picture", () => {
    for (let i = 0; i < 32 * 32; i++) store<u8>(A + i, (i * 37 + (i >> 3) * 11) & 255);
    const inside = readRay(A, 32, 32, 12.3, 9.7, 0.8, 0.6, 40, WORK);
    expect(inside).toBe(24);
    for (let k = 0; k < 40; k++) {
      const j = min(k, inside - 1) as f32;
      const value = (load<i32>(WORK + k * 4, 4) - load<i32>(WORK + k * 4)) as f32;
      expect(near(value / 256, bilinear(A, 32, 32, 12.3 + j * 0.8, 9.7 + j * 0.6), 2)).toBe(true);
    }
    expect(readRay(A, 32, 32, -1, 5, 1, 0, 3, WORK)).toBe(0);
    expect(load<i32>(WORK + 12)).toBe(0);
  });

  it("interpolates a plane exactly and clamps outside", () => {
    for (let y = 0; y < 16; y++) for (let x = 0; x < 16; x++) store<u8>(A + y * 16 + x, 3 * x + 5 * y);
    expect(near(bilinear(A, 16, 16, 4.25, 7.5), 3 * 4.25 + 5 * 7.5, 1e-3)).toBe(true);
    expect(near(bilinear(A, 16, 16, -9, -9), 0, 1e-3)).toBe(true);
    expect(near(bilinear(A, 16, 16, 99, 99), 120, 0.1)).toBe(true);
    reduce(A, 16, 16, 4, B);
    expect(load<u8>(B)).toBe(12); // 3 * 1.5 + 5 * 1.5
    expect(load<u8>(B + 15)).toBe(108);
    enlarge(A, 16, 16, B);
    expect(near(load<u8>(B + 9 * 32 + 11) as f32, 3 * 5.25 + 5 * 4.25, 0.51)).toBe(true);
  });
});

describe("filling bright spots", () => {
  it("levels a spot to its surroundings and leaves what touches the edge", () => {
    memory.fill(A, 40, 64 * 64);
    for (let y = 20; y < 26; y++) memory.fill(A + y * 64 + 30, 250, 5);
    for (let y = 0; y < 10; y++) memory.fill(A + y * 64 + 50, 200, 6);
    store<u8>(A + 50 * 64 + 50, 5);
    fillBright(A, 64, 64, B, GAIN, 6);
    expect(load<u8>(B + 22 * 64 + 32)).toBe(40);
    expect(load<u8>(B + 9 * 64 + 52)).toBe(200);
    expect(load<u8>(B + 50 * 64 + 50)).toBe(5);
    expect(load<u8>(B + 40 * 64 + 10)).toBe(40);
  });

  it("gives what plain passes over every pixel give, whatever the picture's width", () => {
    let state: u32 = 7;
    for (let w = 33; w < 43; w++) {
      const h = 40;
      for (let i = 0; i < w * h; i++) {
        state = state * 1664525 + 1013904223;
        store<u8>(A + i, i % 7 ? 60 + (state >>> 26) : 30);
      }
      expect(fillBytes(w, h) <= GAIN_BYTES).toBe(true);
      fillBright(A, w, h, B, GAIN, 16);
      plainFill(A, w, h, C, 16);
      let wrong = 0;
      for (let i = 0; i < w * h; i++) if (load<u8>(B + i) != load<u8>(C + i)) wrong++;
      expect(wrong).toBe(0);
    }
  });

  it("stops as soon as nothing changes", () => {
    memory.fill(A, 40, 64 * 64);
    expect(fillBright(A, 64, 64, B, GAIN, 6)).toBe(2);
  });
});

describe("closed path", () => {
  it("follows a shifted circle, bridges a gap, and its ends meet", () => {
    memory.fill(GAIN, 0, GAIN_BYTES);
    for (let i = 0; i < RAYS; i++) {
      const k = (cosine(i) * 6 + 20.5) as i32;
      // Ten rays show nothing, and 25 a stronger edge that is too far out to be reached.
      if (i < 40 || i > 50) store<i32>(GAIN + (i * ROWS + k) * 4, 10 * GAIN_UNIT);
      if (i > 90 && i < 116) store<i32>(GAIN + (i * ROWS + 60) * 4, 15 * GAIN_UNIT);
    }
    closedPath(GAIN, ROWS, GAIN_UNIT, WORK, RADII);
    for (let i = 0; i < RAYS; i++) {
      const r = load<i32>(RADII + i * 4);
      expect(near(r as f32, 20 + 6 * cosine(i), 2.4)).toBe(true);
      expect(abs(r - load<i32>(RADII + ((i + 1) & 127) * 4)) <= 1).toBe(true);
    }
  });

  it("prefers to stay where nothing is to be gained", () => {
    memory.fill(GAIN, 0, GAIN_BYTES);
    closedPath(GAIN, 30, GAIN_UNIT, WORK, RADII);
    for (let i = 0; i < RAYS; i++) expect(load<i32>(RADII + i * 4)).toBe(0);
  });
});

describe("Fourier contour", () => {
  it("recovers an ellipse though a quarter of the rays is wrong", () => {
    for (let i = 0; i < RAYS; i++) {
      let r: f32 = cosine(i) * 3 - sine(i) * 2 + cosine(2 * i) * 1.5 + 50;
      if (i >= 80 && i < 112) r += 12;
      store<f32>(RADII + i * 4, r);
      store<f32>(WEIGHTS + i * 4, i >= 80 && i < 112 ? 0.3 : 1);
    }
    fitSeries(RADII, WEIGHTS, 2, 2, 8);
    expect(near(load<f32>(SERIES), 50, 1)).toBe(true);
    expect(near(seriesAt(0), 54.5, 1)).toBe(true);
    expect(near(seriesAt(32), 46.5, 1.5)).toBe(true);
  });

  it("gives a circle's centre by its first harmonic", () => {
    for (let i = 0; i < RAYS; i++) {
      store<f32>(RADII + i * 4, 40 + 2 * cosine(i));
      store<f32>(WEIGHTS + i * 4, 1);
    }
    expect(fitSeries(RADII, WEIGHTS, 1, 2.5, 4) < 0.1).toBe(true);
    expect(near(load<f32>(SERIES, 4), 2, 0.05)).toBe(true);
    expect(near(load<f32>(SERIES, 8), 0, 0.05)).toBe(true);
  });
});
