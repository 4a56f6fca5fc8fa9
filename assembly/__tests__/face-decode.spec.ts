// Fringes drawn here, of known phase, and distances of a known plane: the decoder must give them back, or say what is wrong.
import { A, B, CX, CY, calibrationFault, FARTHEST, FX, FY, K1, NEAREST } from "../face/calibration";
import { decodeBegin, decodeBytes, decodeEnd, decodeModulation, decodePhase, decodeRow } from "../face/decode";
import { depthFromPhase } from "../face/depth";
import { PATTERN_GRAY, PATTERN_SHIFT, patternBits, patternPeriod, patternPeriods, patternSteps } from "../face/pattern";
import { REASON_MOVED, REASON_NONE, REASON_PICTURE_MISSING, REASON_TOO_BRIGHT, REASON_TOO_DARK } from "../pec/words";
import { direction } from "../vision/arctan";

const WIDTH: i32 = 128;
const HEIGHT: i32 = 32;
const WORK = memory.data(80000, 16);
const ROW = memory.data(128, 8);
const CALIBRATION = memory.data(64, 8);
/** Three steps of {1, 4, 16}; of two, which is none. */
const THREE = memory.data<u16>([3, 0, 3, 1, 4, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const TWO = memory.data<u16>([2, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const LEAP = memory.data<u16>([4, 0, 2, 1, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
const PI: f32 = 3.14159265;

/** Place across the projector's picture, 0..1, of a pixel of a tilted plane. */
function placeOf(x: i32, y: i32): f32 {
  return 0.05 + 0.9 * ((x as f32) / 127) + 0.0006 * (y as f32);
}

/** Picture `picture` as the pattern says, at a place; amplitude 60 about 100, second harmonic of `bend` of it. */
function greyOf(pattern: usize, picture: i32, u: f32, bend: f32): f32 {
  const steps = patternSteps(pattern);
  const shifted = steps * patternPeriods(pattern);
  if (picture >= shifted) {
    const half = (u * (patternPeriod(pattern, 0) as f32) * 2) as i32;
    return ((half ^ (half >> 1)) >> (patternBits(pattern) - 1 - (picture - shifted))) & 1 ? 160 : 40;
  }
  const fringes = patternPeriod(pattern, picture / steps) as f32;
  const angle: f32 = 2 * PI * (fringes * u + ((picture % steps) as f32) / (steps as f32));
  return 100 - 60 * (NativeMathf.cos(angle) + bend * NativeMathf.cos(2 * angle));
}

/** Decodes a stack of which picture `from` is shown in the place of `to` (-1: none), brighter by `gain`, and place moved by `drift` a picture. */
function decode(pattern: usize, to: i32, from: i32, gain: f32, drift: f32, bend: f32): i32 {
  decodeBegin(WORK, WIDTH, HEIGHT, pattern);
  const pictures = patternSteps(pattern) * patternPeriods(pattern) + patternBits(pattern);
  for (let picture = 0; picture < pictures; picture++)
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++) {
        const u: f32 = placeOf(x, y) + drift * (picture as f32);
        const grey = gain * greyOf(pattern, picture == to ? from : picture, u, bend);
        store<u8>(ROW + x, max<f32>(0, min<f32>(255, grey + 0.5)) as u8);
      }
      decodeRow(picture, y, ROW);
    }
  return decodeEnd();
}

/** Decodes a stack that hardly anything lights, so that noise is most of it: of amplitude `lit` about `lit`, noise of so many grey levels. */
function decodeNoise(pattern: usize, lit: f32, noise: f32): i32 {
  decodeBegin(WORK, WIDTH, HEIGHT, pattern);
  const pictures = patternSteps(pattern) * patternPeriods(pattern) + patternBits(pattern);
  let state: u32 = 1;
  for (let picture = 0; picture < pictures; picture++)
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++) {
        // Four uniform values are nearly a normal one, of standard deviation 1/sqrt(3) here.
        let sum: f32 = -2;
        for (let k = 0; k < 4; k++) {
          state = state * 1664525 + 1013904223;
          sum += ((state >>> 8) as f32) / 16777216;
        }
        const grey = (lit / 60) * (greyOf(pattern, picture, placeOf(x, y), 0) - 40) + 1.732 * noise * sum;
        store<u8>(ROW + x, max<f32>(0, min<f32>(255, grey + 0.5)) as u8);
      }
      decodeRow(picture, y, ROW);
    }
  return decodeEnd();
}

/** Root mean square of the phase's error, radians; a pixel without a phase counts as 100. */
function error(pattern: usize): f32 {
  const fringes = patternPeriod(pattern, patternPeriods(pattern) - 1) as f32;
  let sum: f32 = 0;
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++) {
      const found = load<f32>(decodePhase() + ((y * WIDTH + x) << 2));
      const off: f32 = found == found ? found - 2 * PI * fringes * placeOf(x, y) : 100;
      sum += off * off;
    }
  return sqrt<f32>(sum / ((WIDTH * HEIGHT) as f32));
}

function calibrate(): void {
  memory.fill(CALIBRATION, 0, 64);
  store<f32>(CALIBRATION, 150, FX);
  store<f32>(CALIBRATION, 150, FY);
  store<f32>(CALIBRATION, 63.5, CX);
  store<f32>(CALIBRATION, 15.5, CY);
  store<f32>(CALIBRATION, 0.1, K1);
  // phase = (300 x + 210) - 24000 / Z
  store<f32>(CALIBRATION + A, 300);
  store<f32>(CALIBRATION + A, 210, 8);
  store<f32>(CALIBRATION + A, -24000, 12);
  store<f32>(CALIBRATION + B, 1, 8);
  store<f32>(CALIBRATION, 250, NEAREST);
  store<f32>(CALIBRATION, 600, FARTHEST);
}

describe("direction", () => {
  test("is the arc tangent in turns, all round", () => {
    let most: f32 = 0;
    for (let i = -180; i <= 180; i++) {
      const angle = (i as f32) / 361;
      const found = direction(7 * NativeMathf.sin(2 * PI * angle), 7 * NativeMathf.cos(2 * PI * angle));
      most = max<f32>(most, abs(found - angle));
    }
    expect(most).toBeLessThan(1e-6);
    expect(direction(0, 0)).toBe(0);
  });
});

describe("phase", () => {
  test("four steps of four periods: rounding to grey levels is all that is off", () => {
    expect(decode(PATTERN_SHIFT, -1, 0, 1, 0, 0)).toBe(REASON_NONE);
    expect(error(PATTERN_SHIFT)).toBeLessThan(0.006);
    expect(load<u8>(decodeModulation() + 2000)).toBeGreaterThan(58);
    expect(load<u8>(decodeModulation() + 2000)).toBeLessThan(62);
  });
  test("four steps and a Gray code", () => {
    expect(decode(PATTERN_GRAY, -1, 0, 1, 0, 0)).toBe(REASON_NONE);
    expect(error(PATTERN_GRAY)).toBeLessThan(0.006);
  });
  test("four steps do not see a second harmonic; three learn it", () => {
    expect(decode(PATTERN_SHIFT, -1, 0, 1, 0, 0.16)).toBe(REASON_NONE);
    expect(error(PATTERN_SHIFT)).toBeLessThan(0.008);
    expect(decode(THREE, -1, 0, 1, 0, 0)).toBe(REASON_NONE);
    expect(error(THREE)).toBeLessThan(0.01);
    // Left alone it would be 0.16 / sqrt(2), 0.11 rad.
    expect(decode(THREE, -1, 0, 1, 0, 0.16)).toBe(REASON_NONE);
    expect(error(THREE)).toBeLessThan(0.03);
  });
  test("patterns that are none are not decoded", () => {
    expect(decodeBytes(64, 64, TWO)).toBe(0);
    expect(decodeBytes(64, 64, LEAP)).toBe(0);
    expect(decodeBytes(4, 64, PATTERN_GRAY)).toBe(0);
    expect(decodeBytes(320, 240, PATTERN_SHIFT)).toBeLessThan(900000);
    expect(decodeBytes(320, 240, PATTERN_GRAY)).toBeLessThan(900000);
  });
});

describe("refusal", () => {
  test("a picture in the place of another, of the same period or of the one before", () => {
    expect(decode(PATTERN_SHIFT, 14, 13, 1, 0, 0)).toBe(REASON_PICTURE_MISSING);
    expect(decode(PATTERN_SHIFT, 6, 5, 1, 0, 0)).toBe(REASON_PICTURE_MISSING);
    expect(decode(PATTERN_GRAY, 1, 0, 1, 0, 0)).toBe(REASON_PICTURE_MISSING);
    expect(decode(PATTERN_GRAY, 9, 8, 1, 0, 0)).toBe(REASON_PICTURE_MISSING);
    expect(decode(THREE, 7, 6, 1, 0, 0)).toBe(REASON_PICTURE_MISSING);
  });
  test("light that is too little for its noise is no motion, and none is missing", () => {
    expect(decodeNoise(PATTERN_SHIFT, 4, 8)).toBe(REASON_TOO_DARK);
    expect(decodeNoise(PATTERN_GRAY, 4, 8)).toBe(REASON_TOO_DARK);
    expect(decodeNoise(PATTERN_SHIFT, 12, 4)).toBe(REASON_TOO_DARK);
    expect(decodeNoise(PATTERN_GRAY, 12, 4)).toBe(REASON_TOO_DARK);
    // Enough of it, as noisy: then something is wrong with the pictures.
    expect(decodeNoise(PATTERN_SHIFT, 40, 16)).toBe(REASON_MOVED);
    expect(decodeNoise(PATTERN_SHIFT, 12, 1)).toBe(REASON_NONE);
  });
  test("light, and motion", () => {
    expect(decode(PATTERN_GRAY, -1, 0, 2, 0, 0)).toBe(REASON_TOO_BRIGHT);
    expect(decode(PATTERN_SHIFT, -1, 0, 3, 0, 0)).toBe(REASON_TOO_BRIGHT);
    expect(decode(PATTERN_SHIFT, -1, 0, 0.1, 0, 0)).toBe(REASON_TOO_DARK);
    expect(decode(PATTERN_SHIFT, -1, 0, 1, 0.0015, 0)).toBe(REASON_MOVED);
    expect(decode(PATTERN_GRAY, -1, 0, 1, 0.003, 0)).toBe(REASON_MOVED);
  });
});

describe("depth", () => {
  test("a plane comes back through the lens's distortion, and what has a flag does not", () => {
    calibrate();
    const phase = WORK;
    const flags = WORK + WIDTH * HEIGHT * 4;
    memory.fill(flags, 0, WIDTH * HEIGHT);
    store<u8>(flags, 4, 5);
    for (let y = 0; y < HEIGHT; y++)
      for (let x = 0; x < WIDTH; x++) {
        // Where the ray of an undistorted direction meets the picture is asked the other way round: five rounds of its own.
        const u = ((x as f32) - 63.5) / 150;
        const v = ((y as f32) - 15.5) / 150;
        let r: f32 = 1;
        for (let k = 0; k < 12; k++) r = 1 / (1 + 0.1 * r * r * (u * u + v * v));
        const z: f32 = 400 + 100 * u * r;
        store<f32>(phase + ((y * WIDTH + x) << 2), 300 * u * r + 210 - 24000 / z);
      }
    expect(depthFromPhase(phase, flags, WIDTH, HEIGHT, 0, 0, CALIBRATION)).toBe(WIDTH * HEIGHT - 1);
    let most: f32 = 0;
    for (let x = 6; x < WIDTH * HEIGHT; x++) {
      const u = (((x % WIDTH) as f32) - 63.5) / 150;
      const v = (((x / WIDTH) as f32) - 15.5) / 150;
      let r: f32 = 1;
      for (let k = 0; k < 12; k++) r = 1 / (1 + 0.1 * r * r * (u * u + v * v));
      most = max<f32>(most, abs(load<f32>(phase + (x << 2)) - (400 + 100 * u * r)));
    }
    expect(most).toBeLessThan(0.02);
    expect(load<f32>(phase, 20)).toBe(0);
  });
  test("a calibration that cannot be is named", () => {
    calibrate();
    expect(calibrationFault(CALIBRATION, 128, 32, 64)).toBe(0);
    store<f32>(CALIBRATION, NaN, CX);
    expect(calibrationFault(CALIBRATION, 128, 32, 64)).toBe(1);
    calibrate();
    store<f32>(CALIBRATION, 900, NEAREST);
    expect(calibrationFault(CALIBRATION, 128, 32, 64)).toBe(5);
    calibrate();
    store<f32>(CALIBRATION + A, 0, 12);
    expect(calibrationFault(CALIBRATION, 128, 32, 64)).toBe(6);
    expect(calibrationFault(CALIBRATION, 128, 32, 0)).toBe(0);
  });
});
