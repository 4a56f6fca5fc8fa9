// Quality of drawn regions: dark lines on an even surface are good, and each fault that is drawn into them lowers the measure that is meant
// for it, and the overall quality; beyond its limit it is refused by its name.

import { measureQuality, wipeQuality } from "../palm/quality";
import {
  QUALITY_COVERAGE,
  QUALITY_EVENNESS,
  QUALITY_FLATNESS,
  QUALITY_VEIN_CONTRAST,
  REASON_LOW_CONTRAST,
  REASON_NONE,
  REASON_NOT_FOUND,
  REASON_PARTLY_OUTSIDE,
  REASON_TILTED,
  REASON_TOO_BRIGHT,
  REASON_TOO_FAR,
} from "../pec/words";
import { NOT_MEASURED } from "../vision/quality";

const SIDE = 64;
const REGIONS = memory.data(2 * SIDE * SIDE, 8);
const QUALITY = memory.data(16, 8);
let state: u32 = 1;

/** Draws a band: `depth` of the veins, `grain` of the noise (both shares of 256), `slope` of the light across, all on `grey`. */
function draw(band: i32, grey: f32, depth: f32, grain: f32, slope: f32): void {
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      state = state * 1664525 + 1013904223;
      const random = ((state >>> 24) as f32) / 128 - 1;
      const along = (x + 2 * y) % 22;
      const vein: f32 = along < 5 ? 1 - (abs(along - 2) as f32) / 3 : 0;
      const light: f32 = 1 + slope * (((x as f32) - 31.5) / 63);
      const v = grey * light * (1 - depth * vein + grain * random);
      store<u8>(REGIONS + band * SIDE * SIDE + y * SIDE + x, max<f32>(0, min<f32>(255, v)) as u8);
    }
  }
}

/** Darkens columns from x0 to before x1 of the first band to the background's grey. */
function hide(x0: i32, x1: i32): void {
  for (let y = 0; y < SIDE; y++) for (let x = x0; x < x1; x++) store<u8>(REGIONS + y * SIDE + x, 4);
}

function measure(bands: i32 = 1): i32 {
  memory.fill(QUALITY, NOT_MEASURED, 16);
  return measureQuality(REGIONS, bands, QUALITY);
}

function at(i: i32): i32 {
  return load<u8>(QUALITY + i) as i32;
}

function good(): void {
  draw(0, 140, 0.25, 0.02, 0.1);
}

describe("quality of a palm", () => {
  it("is high for clear veins on an even surface, and touches no measure of iris", () => {
    good();
    expect(measure()).toBe(REASON_NONE);
    expect(at(0)).toBeGreaterThan(90);
    expect(at(QUALITY_COVERAGE)).toBe(100);
    for (let i = 1; i < 9; i++) expect(at(i)).toBe(NOT_MEASURED as i32);
  });
  it("does not depend on the exposure", () => {
    good();
    measure();
    const bright = at(0);
    draw(0, 70, 0.25, 0.02, 0.1);
    expect(measure()).toBe(REASON_NONE);
    expect(abs(at(0) - bright)).toBeLessThan(6);
  });
  it("falls with fainter veins, down to refusal", () => {
    good();
    measure();
    const overall = at(0);
    const veins = at(QUALITY_VEIN_CONTRAST);
    draw(0, 140, 0.18, 0.01, 0.1);
    expect(measure()).toBe(REASON_NONE);
    expect(at(0)).toBeLessThan(overall);
    expect(at(QUALITY_VEIN_CONTRAST)).toBeLessThan(veins);
    draw(0, 140, 0, 0.02, 0.1);
    expect(measure()).toBe(REASON_LOW_CONTRAST);
  });
  it("cloth, whose texture is fine, is no palm", () => {
    draw(0, 140, 0, 0.2, 0);
    expect(measure()).toBe(REASON_LOW_CONTRAST);
  });
  it("falls with light from one side, down to refusal", () => {
    good();
    measure();
    const overall = at(0);
    const flat = at(QUALITY_FLATNESS);
    const even = at(QUALITY_EVENNESS);
    draw(0, 120, 0.25, 0.02, 0.9);
    expect(measure()).toBe(REASON_NONE);
    expect(at(0)).toBeLessThan(overall);
    expect(at(QUALITY_FLATNESS)).toBeLessThan(flat);
    expect(at(QUALITY_EVENNESS)).toBeLessThan(even);
    draw(0, 110, 0.25, 0.02, 1.5);
    expect(measure()).toBe(REASON_TILTED);
  });
  it("background on one side, on both, between two", () => {
    good();
    hide(0, 20);
    expect(measure()).toBe(REASON_PARTLY_OUTSIDE);
    good();
    hide(0, 12);
    hide(52, 64);
    expect(measure()).toBe(REASON_TOO_FAR);
    good();
    hide(22, 42);
    expect(measure()).toBe(REASON_NOT_FOUND);
  });
  it("saturated", () => {
    draw(0, 400, 0.25, 0.02, 0.1);
    expect(measure()).toBe(REASON_TOO_BRIGHT);
  });
  it("of two bands the worse one counts, whichever it is", () => {
    good();
    measure();
    const one = at(0);
    draw(1, 140, 0.18, 0.01, 0.1);
    expect(measure(2)).toBe(REASON_NONE);
    const both = at(0);
    expect(both).toBeLessThan(one);
    memory.copy(REGIONS, REGIONS + SIDE * SIDE, SIDE * SIDE);
    draw(1, 140, 0.25, 0.02, 0.1);
    expect(measure(2)).toBe(REASON_NONE);
    expect(at(0)).toBe(both);
    draw(1, 400, 0.25, 0.02, 0.1);
    expect(measure(2)).toBe(REASON_TOO_BRIGHT);
  });
  it("wipes what it left", () => {
    good();
    measure();
    expect(wipeQuality()).toBe(1088);
  });
});
