// How good a palm's region is, and whether it can be used. Everything is measured on the normalised region, relative to its own grey values.
//
// A limit that refuses lies beyond all of what real sensors gave of live hands (docs/palm.md names the sets and the figures): what such hands
// show too, as deep shadow or faint veins, lowers the quality and refuses nobody. So of a cropped region not everything can be told: a folded
// hand looks like a shaded one.
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
import { fault, grade, putQuality } from "../vision/quality";
import { reduce } from "../vision/sample";
import { clearHistogram, count, percentile } from "../vision/statistics";

const SIDE: i32 = 64;
const HALF: i32 = SIDE / 2;
const BLOCKS: i32 = 8;
const PIXELS: f32 = 4096;
/** The region at half its scale, and in 8 x 8 blocks. */
const HALVED: usize = memory.data(HALF * HALF);
const BLOCK_MEANS: usize = memory.data(BLOCKS * BLOCKS);
const OWN_BYTES: i32 = HALF * HALF + BLOCKS * BLOCKS;
/** Grey values from here on are taken as saturated. */
const SATURATED: i32 = 250;

/** Zeroes what the last region left in static buffers; returns the bytes zeroed. */
export function wipeQuality(): i32 {
  memory.fill(HALVED, 0, (HALF * HALF) as usize);
  memory.fill(BLOCK_MEANS, 0, (BLOCKS * BLOCKS) as usize);
  return OWN_BYTES;
}

/** Mean of |second difference| over `step` pixels along both axes, as a share of the grey value there. */
function texture(picture: usize, side: i32, step: i32): f32 {
  const down = (side * step) as usize;
  let sum = 0;
  for (let y = step; y < side - step; y++) {
    let p = picture + ((y * side + step) as usize);
    for (let x = step; x < side - step; x++, p++) {
      const twice = 2 * (load<u8>(p) as i32);
      const across = (load<u8>(p - step) as i32) + (load<u8>(p + step) as i32) - twice;
      const along = (load<u8>(p - down) as i32) + (load<u8>(p + down) as i32) - twice;
      sum += (((abs(across) + abs(along)) << 10) / (twice + 16)) | 0;
    }
  }
  const inner = side - 2 * step;
  return (sum as f32) / ((inner * inner * 1024) as f32);
}

/** Measures one band's region; writes the record when its overall quality is under `least`. Returns 0 or a reason. */
function measureBand(region: usize, least: f32, record: usize): i32 {
  clearHistogram();
  for (let p = region, end = region + SIDE * SIDE; p < end; p++) count(load<u8>(p));
  // What is much darker than the palm is no palm, and what is saturated shows none.
  const dark = (percentile(900) * 90) >> 8;
  let covered = 0;
  let saturated = 0;
  for (let p = region, end = region + SIDE * SIDE; p < end; p++) {
    const v = load<u8>(p) as i32;
    if (v >= SATURATED) saturated++;
    else if (v >= dark) covered++;
  }
  const coverage: f32 = (covered as f32) / PIXELS;

  reduce(region, SIDE, SIDE, SIDE / BLOCKS, BLOCK_MEANS);
  clearHistogram();
  let sum = 0;
  let slopeX = 0;
  let slopeY = 0;
  let middle = 0;
  for (let y = 0; y < BLOCKS; y++) {
    for (let x = 0; x < BLOCKS; x++) {
      const v = load<u8>(BLOCK_MEANS + ((y * BLOCKS + x) as usize)) as i32;
      count(v);
      sum += v;
      slopeX += v * (2 * x - 7);
      slopeY += v * (2 * y - 7);
      if (x >= 3 && x < 5) middle += v;
    }
  }
  const evenness: f32 = (percentile(50) as f32) / (max(1, percentile(950)) as f32);
  // How much brighter one side is than the other, as a share of the mean: a plane through the blocks.
  const gx = slopeX as f32;
  const gy = slopeY as f32;
  const slope: f32 = (sqrt<f32>(gx * gx + gy * gy) * (2.0 / 3.0)) / (max(1, sum) as f32);

  reduce(region, SIDE, SIDE, 2, HALVED);
  const fine = texture(region, SIDE, 1);
  const coarse = texture(HALVED, HALF, 2);
  // Noise shows half as strongly at half the scale.
  const veins: f32 = coarse - 0.5 * fine;

  const badness =
    fault(veins, 0.01, 0.09) + fault(evenness, 0.1, 0.6) + fault(coverage, 0.7, 1) + fault(slope, 1.2, 0.2);
  const overall: f32 = 100 * grade(16 / (badness * badness), 0.1, 0.95);
  if (overall < least) {
    putQuality(record, 0, overall);
    putQuality(record, QUALITY_VEIN_CONTRAST, 100 * grade(veins, 0, 0.12));
    putQuality(record, QUALITY_EVENNESS, 100 * grade(evenness, 0.1, 0.8));
    putQuality(record, QUALITY_COVERAGE, 100 * coverage);
    putQuality(record, QUALITY_FLATNESS, 100 * grade(slope, 1.25, 0));
  }
  if (saturated > (SIDE * SIDE) / 4) return REASON_TOO_BRIGHT;
  if (evenness < 0.12 || coverage < 0.65) {
    // The background is in the region: on one side, on both, or between two.
    if (slope > 0.8) return REASON_PARTLY_OUTSIDE;
    return 4 * middle > sum ? REASON_TOO_FAR : REASON_NOT_FOUND;
  }
  if (slope > 1.25) return REASON_TILTED;
  // Cloth: fine texture nearly as strong as what is as broad as a vein, on a surface more even than most palms.
  const cloth = coarse < 0.08 && coarse < 1.9 * fine && evenness > 0.7;
  return veins < 0.015 || cloth ? REASON_LOW_CONTRAST : REASON_NONE;
}

/**
 * Measures the normalised regions, 64 x 64 8-bit, one after the other a band. The record (QUALITY_BYTES) gets the measures of the band whose
 * overall quality is lowest. Returns 0, or a REASON of pec/words.ts.
 */
export function measureQuality(normalised: usize, bands: i32, quality: usize): i32 {
  let reason = REASON_NONE;
  let least: f32 = 1000;
  for (let band = bands - 1; band >= 0; band--) {
    const found = measureBand(normalised + ((band * SIDE * SIDE) as usize), least, quality);
    least = load<u8>(quality) as f32;
    if (found) reason = found;
  }
  return reason;
}
