// A first look at two iris codes: every fourth column of the longer wavelength at every second rotation, an eleventh of the bits.
// It finds about how far one eye is turned against the other, and tells most pairs of different eyes apart at once (a two-stage
// comparison, cf. Gentile, Ratha & Connell 2009).
import { CODE_PLANES, PLANE_BYTES } from "./encode";
import { bestPath, pathSum, SUMS_BYTES } from "./match-path";

/** The first byte of a template that is looked at. */
export const COARSE_FROM: i32 = 2 * PLANE_BYTES;
/** Rotations tried: -16..16 times two columns. */
const ROTATIONS: i32 = 33;
/** Sectors of 45 degrees, eight thinned columns: 32 bytes. */
const SECTORS: i32 = 8;
const SECTOR_BYTES: usize = 32;
/** Cost of a step between sectors, in half of bits agreeing less bits differing. */
const STEP_COST: i32 = 16;

// A thinned column: u32, plane 2 below plane 3; its mask twice. Of the probe one row for even rotations and one for odd, each
// continued around the circle by eight columns at both ends: 80 columns and their masks.
const ROW: usize = 320;
const WORK_BYTES: i32 = 3 * 640 + 3 * 8 * 33 + SUMS_BYTES;
const WORK: usize = memory.data(3 * 640 + 3 * 8 * 33 + SUMS_BYTES, 8);
const EVEN: usize = WORK;
const ODD: usize = EVEN + 2 * ROW;
const REFERENCE: usize = ODD + 2 * ROW;
const MAP: usize = REFERENCE + 2 * ROW;
const BACK: usize = MAP + ((2 * SECTORS * ROTATIONS) as usize);
const SUMS: usize = BACK + ((SECTORS * ROTATIONS) as usize);

/** Where a bit is masked, plane 2 counts as differing and plane 3 as agreeing: together nothing. */
const NEUTRAL: u64 = 0x0000ffff0000ffff;

/** The rotation, columns, in the middle of those of the best path. */
export let coarseRotation: i32 = 0;

/** Zeroes what the last comparison left. Returns the bytes zeroed. */
export function wipeCoarse(): i32 {
  memory.fill(WORK, 0, WORK_BYTES as usize);
  return WORK_BYTES;
}

/** Every fourth column, from the one at `p` on, to `out`. */
function thin(p: usize, out: usize): void {
  for (const end = p + PLANE_BYTES; p < end; p += 8, out += 4) {
    const mask = load<u16>(p, CODE_PLANES * PLANE_BYTES) as u32;
    store<u32>(out, (load<u16>(p, 2 * PLANE_BYTES) as u32) | ((load<u16>(p, 3 * PLANE_BYTES) as u32) << 16));
    store<u32>(out, mask | (mask << 16), ROW);
  }
}

/** The same of a probe, continued around the circle on both sides. */
function thinAround(p: usize, row: usize): void {
  thin(p, row + 32);
  for (let i: usize = 0; i < 2; i++, row += ROW) {
    memory.copy(row, row + 256, 32);
    memory.copy(row + 288, row + 32, 32);
  }
}

/** Agreement of a sector of the reference with the probe from `p` on, one column further for each second cell. */
function compare(p: usize, q: usize, cell: usize, cells: i32): void {
  const q0 = load<u64>(q) ^ NEUTRAL;
  const q1 = load<u64>(q, 8) ^ NEUTRAL;
  const q2 = load<u64>(q, 16) ^ NEUTRAL;
  const q3 = load<u64>(q, 24) ^ NEUTRAL;
  const m0 = load<u64>(q, ROW);
  const m1 = load<u64>(q, ROW + 8);
  const m2 = load<u64>(q, ROW + 16);
  const m3 = load<u64>(q, ROW + 24);
  for (const end = p + ((cells << 2) as usize); p < end; p += 4, cell += 4) {
    const differing =
      popcnt(((load<u64>(p) ^ q0) & load<u64>(p, ROW) & m0) ^ NEUTRAL) +
      popcnt(((load<u64>(p, 8) ^ q1) & load<u64>(p, ROW + 8) & m1) ^ NEUTRAL) +
      popcnt(((load<u64>(p, 16) ^ q2) & load<u64>(p, ROW + 16) & m2) ^ NEUTRAL) +
      popcnt(((load<u64>(p, 24) ^ q3) & load<u64>(p, ROW + 24) & m3) ^ NEUTRAL);
    store<i16>(cell, (128 - (differing as i32)) as i16);
  }
}

/** Bits that both masks allow in a sector, of 256. */
function common(p: usize, q: usize): i32 {
  let n: u64 = 0;
  for (const end = p + SECTOR_BYTES; p < end; p += 8, q += 8) n += popcnt(load<u64>(p, ROW) & load<u64>(q, ROW));
  return n as i32;
}

/**
 * Compares two templates coarsely. Returns the agreement along the best path, -1..1, corrected for how few bits were compared as in
 * match.ts, and sets `coarseRotation`.
 */
export function coarseAgreement(probe: usize, reference: usize): f32 {
  thinAround(probe, EVEN);
  thinAround(probe + 4, ODD);
  thin(reference, REFERENCE);
  for (let s: usize = 0; s < (SECTORS as usize); s++) {
    const at = s * SECTOR_BYTES;
    const row = MAP + s * 2 * ROTATIONS;
    compare(EVEN + at, REFERENCE + at, row, 17);
    compare(ODD + at, REFERENCE + at, row + 2, 16);
  }
  let rotation = bestPath(MAP, SECTORS, SECTORS, ROTATIONS, STEP_COST, SUMS, BACK);
  let bits = 0;
  let lowest = rotation;
  let highest = rotation;
  for (let s = SECTORS - 1; s >= 0; s--) {
    lowest = min(lowest, rotation);
    highest = max(highest, rotation);
    const at = (s as usize) * SECTOR_BYTES;
    bits += common((rotation & 1 ? ODD : EVEN) + at + (((rotation >> 1) << 2) as usize), REFERENCE + at);
    rotation += load<i8>(BACK + ((ROTATIONS * s + rotation) as usize)) as i32;
  }
  coarseRotation = lowest + highest - (ROTATIONS - 1);
  if (!bits) return -1;
  return ((2 * (pathSum as f32)) / (bits as f32)) * sqrt<f32>(sqrt<f32>((bits as f32) * (1.0 / 2048.0)));
}
