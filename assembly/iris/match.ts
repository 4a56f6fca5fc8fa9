// Compares two iris codes by the best closed path through a map of rotation x sector. Errors of the contours and the stretching of
// the iris warp the unwrapped picture, so that no single rotation fits all of it (cf. Thornton, Savvides & Vijaya Kumar 2007);
// here each sector of 11 degrees has its own rotation, neighbours differ by one column at most, each such step costs, and dynamic
// programming over two turns closes the path. Its masked fractional Hamming distance is corrected for how few bits were compared
// (after Daugman 2007). A coarse comparison (match-coarse.ts) says around which rotation the map is drawn, and whether at all.
import { CODE_PLANES, PLANE_BYTES } from "./encode";
import { coarseAgreement, coarseRotation, wipeCoarse } from "./match-coarse";
import { bestPath, SUMS_BYTES } from "./match-path";

/** Rotations that may be tried: +-32 columns, 45 degrees. */
const SHIFTS: i32 = 32;
/** Rotations in the map: +-8 columns around the coarse one. */
const SPAN: i32 = 12;
const ROTATIONS: i32 = 2 * SPAN + 1;
const SECTORS: i32 = 32;
/** Eight columns of sixteen bands: 16 bytes of each plane. */
const SECTOR_BYTES: i32 = PLANE_BYTES / SECTORS;
/** Cost of a step between sectors, in half of bits agreeing less bits differing: an eighth of a sector's bits. */
const STEP_COST: i32 = 32;
/** With less coarse agreement two codes are of different eyes, and the coarse distance is the answer. */
const AGREEMENT_MIN: f32 = 0.14;

const ROW: i32 = PLANE_BYTES + 4 * SHIFTS;
const MASK: i32 = CODE_PLANES;
const TURNED_BYTES: i32 = ROW * (CODE_PLANES + 1);
const CELLS: i32 = SECTORS * ROTATIONS;

const WORK_BYTES: i32 = TURNED_BYTES + 4 * CELLS + SUMS_BYTES;
const WORK: usize = memory.data(TURNED_BYTES + 4 * CELLS + SUMS_BYTES, 8);
/** The probe's planes, each continued around the circle by SHIFTS columns at both ends. */
const TURNED: usize = WORK;
const MAP: usize = TURNED + (TURNED_BYTES as usize);
/** The step (i8) by which the best path came to a cell, for both turns. */
const BACK: usize = MAP + ((2 * CELLS) as usize);
const SUMS: usize = BACK + ((2 * CELLS) as usize);

/** Zeroes what the last comparison left of a probe. Returns the bytes zeroed. */
export function wipeMatch(): i32 {
  memory.fill(WORK, 0, WORK_BYTES as usize);
  return WORK_BYTES + wipeCoarse();
}

/** Continues the probe's planes around the circle, so that a rotation is a byte offset. */
function turnProbe(probe: usize): void {
  for (let plane = 0; plane <= CODE_PLANES; plane++) {
    let row = TURNED + ((plane * ROW) as usize);
    let p = probe + ((plane * PLANE_BYTES) as usize);
    memory.copy(row, p + ((PLANE_BYTES - 2 * SHIFTS) as usize), 2 * SHIFTS);
    memory.copy(row + 2 * SHIFTS, p, PLANE_BYTES as usize);
    memory.copy(row + ((2 * SHIFTS + PLANE_BYTES) as usize), p, 2 * SHIFTS);
  }
}

/**
 * Fills the map: of each sector and rotation, half of bits agreeing less bits differing. Where a mask says no, the first two planes count as
 * differing and the others as agreeing: together nothing. Three words of bits become two, sums and carries, before they are counted.
 */
function drawMap(turned: usize, reference: usize): void {
  let cell = MAP;
  for (const end = reference + (PLANE_BYTES as usize); reference < end; reference += SECTOR_BYTES) {
    const q = reference;
    const a0 = load<u64>(q);
    const a1 = load<u64>(q, PLANE_BYTES);
    const a2 = load<u64>(q, 2 * PLANE_BYTES);
    const a3 = load<u64>(q, 3 * PLANE_BYTES);
    const am = load<u64>(q, MASK * PLANE_BYTES);
    const b0 = load<u64>(q, 8);
    const b1 = load<u64>(q, PLANE_BYTES + 8);
    const b2 = load<u64>(q, 2 * PLANE_BYTES + 8);
    const b3 = load<u64>(q, 3 * PLANE_BYTES + 8);
    const bm = load<u64>(q, MASK * PLANE_BYTES + 8);
    for (let p = turned, last = turned + 2 * ROTATIONS; p < last; p += 2, cell += 2) {
      let m = am & load<u64>(p, MASK * ROW);
      let no = ~m;
      let x = (a0 ^ load<u64>(p)) | no;
      let y = (a1 ^ load<u64>(p, ROW)) | no;
      let z = (a2 ^ load<u64>(p, 2 * ROW)) & m;
      let u = x ^ y;
      let twos = (x & y) | (u & z);
      let ones = u ^ z;
      let rest = (a3 ^ load<u64>(p, 3 * ROW)) & m;
      m = bm & load<u64>(p, MASK * ROW + 8);
      no = ~m;
      x = (b0 ^ load<u64>(p, 8)) | no;
      y = (b1 ^ load<u64>(p, ROW + 8)) | no;
      z = (b2 ^ load<u64>(p, 2 * ROW + 8)) & m;
      u = x ^ y;
      let twos2 = (x & y) | (u & z);
      x = u ^ z;
      y = (b3 ^ load<u64>(p, 3 * ROW + 8)) & m;
      u = x ^ y;
      const twos3 = (x & y) | (u & ones);
      ones = u ^ ones;
      u = twos ^ twos2;
      const fours = (twos & twos2) | (u & twos3);
      const differing = popcnt(ones) + popcnt(rest) + 2 * popcnt(u ^ twos3) + 4 * popcnt(fours);
      store<i16>(cell, (256 - (differing as i32)) as i16);
    }
    turned += SECTOR_BYTES;
  }
}

/** Distance 0 (same) .. 1; 1 also when nothing could be compared. */
export function distance(probe: usize, reference: usize): f32 {
  const coarse = coarseDistance(probe, reference);
  return coarse >= 0 ? coarse : fineDistance(probe, reference);
}

/** The distance where a coarse comparison says enough, -1 where `fineDistance` is to follow. Reads the reference from COARSE_FROM on. */
export function coarseDistance(probe: usize, reference: usize): f32 {
  const coarse = coarseAgreement(probe, reference);
  return coarse < AGREEMENT_MIN ? 0.5 - 0.5 * coarse : -1;
}

/** The distance, around the rotation that the coarse comparison of the same two templates has just found. */
export function fineDistance(probe: usize, reference: usize): f32 {
  turnProbe(probe);
  const turned = TURNED + 2 * (SHIFTS + min(max(coarseRotation, SPAN - SHIFTS), SHIFTS - SPAN) - SPAN);
  drawMap(turned, reference);
  let rotation = bestPath(MAP, SECTORS, 2 * SECTORS, ROTATIONS, STEP_COST, SUMS, BACK);
  // Of the two turns the middle one counts: its ends meet.
  let agreed = 0;
  let common = 0;
  for (let k = 2 * SECTORS - 1; k >= SECTORS / 2; k--) {
    if (k < SECTORS + SECTORS / 2) {
      const sector = k & (SECTORS - 1);
      agreed += load<i16>(MAP + ((2 * (ROTATIONS * sector + rotation)) as usize)) as i32;
      const q = reference + ((sector * SECTOR_BYTES) as usize);
      const p = turned + ((sector * SECTOR_BYTES + 2 * rotation) as usize);
      common += (popcnt(load<u64>(p, MASK * ROW) & load<u64>(q, MASK * PLANE_BYTES)) +
        popcnt(load<u64>(p, MASK * ROW + 8) & load<u64>(q, MASK * PLANE_BYTES + 8))) as i32;
    }
    rotation += load<i8>(BACK + ((ROTATIONS * k + rotation) as usize)) as i32;
  }
  if (!common) return 1;
  let share: f32 = (common as f32) * (1.0 / 4096.0);
  return 0.5 - 0.5 * ((2 * (agreed as f32)) / ((CODE_PLANES * common) as f32)) * sqrt<f32>(sqrt<f32>(share));
}
