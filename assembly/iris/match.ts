// Compares two iris codes by the best closed path through a map of rotation x sector. Errors of the contours and the stretching of
// the iris warp the unwrapped picture, so that no single rotation fits all of it (cf. Thornton, Savvides & Vijaya Kumar 2007);
// here each sector of 11 degrees has its own rotation, neighbours differ by one column at most, each such step costs, and dynamic
// programming over two turns closes the path. Its masked fractional Hamming distance is corrected for how few bits were compared
// (after Daugman 2007). The map costs no more than the usual search for the least distance over all rotations.
import { CODE_PLANES, PLANE_BYTES } from "./encode";

/** Rotations tried: +-32 columns, 45 degrees. */
const SHIFTS: i32 = 32;
const ROTATIONS: i32 = 2 * SHIFTS + 1;
const SECTORS: i32 = 32;
/** Eight columns of sixteen bands: 16 bytes of each plane. */
const SECTOR_BYTES: i32 = PLANE_BYTES / SECTORS;
/** Cost of a step between sectors, in bits agreeing less bits differing: an eighth of a sector's bits. */
const STEP_COST: i32 = 64;
const FORBIDDEN: i32 = -1 << 24;

const ROW: i32 = PLANE_BYTES + 4 * SHIFTS;
const MASK: i32 = CODE_PLANES;
const TURNED_BYTES: i32 = ROW * (CODE_PLANES + 1);
const CELLS: i32 = SECTORS * ROTATIONS;
const SUM_BYTES: i32 = (ROTATIONS + 2) * 4;

const WORK_BYTES: i32 = TURNED_BYTES + 5 * CELLS + 2 * SUM_BYTES;
const WORK: usize = memory.data(TURNED_BYTES + 5 * CELLS + 2 * SUM_BYTES, 8);
/** The probe's planes, each continued around the circle by SHIFTS columns at both ends. */
const TURNED: usize = WORK;
/** Best sums of paths that end at each rotation (i32), with a forbidden cell at both ends: this sector's and the next one's. */
const SUMS: usize = TURNED + (TURNED_BYTES as usize);
/** Bits agreeing less bits differing (i16), and places compared (u8): SECTORS x ROTATIONS. */
const AGREEMENT: usize = SUMS + ((2 * SUM_BYTES) as usize);
const COMMON: usize = AGREEMENT + ((2 * CELLS) as usize);
/** The step (i8) by which the best path came to a cell, for both turns. */
const BACK: usize = COMMON + (CELLS as usize);

/** Zeroes what the last comparison left of a probe. Returns the bytes zeroed. */
export function wipeMatch(): i32 {
  memory.fill(WORK, 0, WORK_BYTES as usize);
  return WORK_BYTES;
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

/** Bits that differ in a sector of two words where its masks allow, all planes summed. */
function differing(p: usize, q: usize, first: u64, second: u64): u64 {
  return (
    popcnt(first & (load<u64>(p) ^ load<u64>(q))) +
    popcnt(first & (load<u64>(p, ROW) ^ load<u64>(q, PLANE_BYTES))) +
    popcnt(first & (load<u64>(p, 2 * ROW) ^ load<u64>(q, 2 * PLANE_BYTES))) +
    popcnt(first & (load<u64>(p, 3 * ROW) ^ load<u64>(q, 3 * PLANE_BYTES))) +
    popcnt(second & (load<u64>(p, 8) ^ load<u64>(q, 8))) +
    popcnt(second & (load<u64>(p, ROW + 8) ^ load<u64>(q, PLANE_BYTES + 8))) +
    popcnt(second & (load<u64>(p, 2 * ROW + 8) ^ load<u64>(q, 2 * PLANE_BYTES + 8))) +
    popcnt(second & (load<u64>(p, 3 * ROW + 8) ^ load<u64>(q, 3 * PLANE_BYTES + 8)))
  );
}

/** Fills AGREEMENT and COMMON. */
function drawMap(reference: usize): void {
  let agreement = AGREEMENT;
  let common = COMMON;
  for (
    let q = reference, a = TURNED, end = reference + (PLANE_BYTES as usize);
    q < end;
    q += SECTOR_BYTES, a += SECTOR_BYTES
  ) {
    let mask = load<u64>(q, MASK * PLANE_BYTES);
    let mask2 = load<u64>(q, MASK * PLANE_BYTES + 8);
    for (let p = a, last = a + 4 * SHIFTS; p <= last; p += 2) {
      let m = mask & load<u64>(p, MASK * ROW);
      let m2 = mask2 & load<u64>(p, MASK * ROW + 8);
      let n = popcnt(m) + popcnt(m2);
      store<i16>(agreement, (CODE_PLANES * n - 2 * differing(p, q, m, m2)) as i16);
      store<u8>(common++, n as u8);
      agreement += 2;
    }
  }
}

/** One sector further: the best sum at each rotation, and the step that led there (to stay is preferred, then the lower rotation). */
function advance(now: usize, next: usize, agreement: usize, back: usize): void {
  for (let end = back + (ROTATIONS as usize); back < end; back++) {
    let best = load<i32>(now, 4);
    let lower = load<i32>(now) - STEP_COST;
    let higher = load<i32>(now, 8) - STEP_COST;
    let step: i32 = 0;
    if (lower > best) {
      best = lower;
      step = -1;
    }
    if (higher > best) {
      best = higher;
      step = 1;
    }
    store<i32>(next, best + (load<i16>(agreement) as i32), 4);
    store<i8>(back, step as i8);
    now += 4;
    next += 4;
    agreement += 2;
  }
}

/** Distance 0 (same) .. 1; 1 also when nothing could be compared. */
export function distance(probe: usize, reference: usize): f32 {
  turnProbe(probe);
  drawMap(reference);
  let now = SUMS;
  let next = SUMS + (SUM_BYTES as usize);
  memory.fill(now, 0, SUM_BYTES as usize); // the first turn may start anywhere
  store<i32>(now, FORBIDDEN);
  store<i32>(now, FORBIDDEN, SUM_BYTES - 4);
  store<i32>(next, FORBIDDEN);
  store<i32>(next, FORBIDDEN, SUM_BYTES - 4);
  for (let k = 0; k < 2 * SECTORS; k++) {
    advance(now, next, AGREEMENT + ((2 * ROTATIONS * (k & (SECTORS - 1))) as usize), BACK + ((ROTATIONS * k) as usize));
    let swap = now;
    now = next;
    next = swap;
  }
  let rotation = 0;
  for (let i = 1; i < ROTATIONS; i++) {
    if (load<i32>(now + ((i as usize) << 2), 4) > load<i32>(now + ((rotation as usize) << 2), 4)) rotation = i;
  }
  // Of the two turns the middle one counts: its ends meet.
  let agreed = 0;
  let common = 0;
  for (let k = 2 * SECTORS - 1; k >= SECTORS / 2; k--) {
    if (k < SECTORS + SECTORS / 2) {
      let cell = (ROTATIONS * (k & (SECTORS - 1)) + rotation) as usize;
      agreed += load<i16>(AGREEMENT + (cell << 1)) as i32;
      common += load<u8>(COMMON + cell) as i32;
    }
    rotation += load<i8>(BACK + ((ROTATIONS * k + rotation) as usize)) as i32;
  }
  if (!common) return 1;
  let share: f32 = (common as f32) * (1.0 / 4096.0);
  return 0.5 - 0.5 * ((agreed as f32) / ((CODE_PLANES * common) as f32)) * sqrt<f32>(sqrt<f32>(share));
}
