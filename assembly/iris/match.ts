// Compares two iris codes: masked fractional Hamming distance, least over the rotations of +-45 degrees, with a correction for how
// few bits were compared (after Daugman 2007).
import { CODE_PLANES, PLANE_BYTES } from "./encode";

const SHIFTS: i32 = 32;
const ROW: i32 = PLANE_BYTES + 4 * SHIFTS;
/** The probe's planes, each continued around the circle by SHIFTS columns at both ends. */
const TURNED: usize = memory.data(ROW * (CODE_PLANES + 1), 8);

/** Zeroes what the last comparison left here; returns the bytes zeroed. */
export function wipeMatch(): i32 {
  memory.fill(TURNED, 0, (ROW * (CODE_PLANES + 1)) as usize);
  return ROW * (CODE_PLANES + 1);
}

/** Distance 0 (same) .. 1; 1 also when nothing could be compared. */
export function distance(probe: usize, reference: usize): f32 {
  for (let plane = 0; plane <= CODE_PLANES; plane++) {
    let row = TURNED + ((plane * ROW) as usize);
    let p = probe + ((plane * PLANE_BYTES) as usize);
    memory.copy(row, p + ((PLANE_BYTES - 2 * SHIFTS) as usize), 2 * SHIFTS);
    memory.copy(row + 2 * SHIFTS, p, PLANE_BYTES as usize);
    memory.copy(row + ((2 * SHIFTS + PLANE_BYTES) as usize), p, 2 * SHIFTS);
  }
  let best: f32 = 1;
  for (let shift: usize = 0; shift <= 2 * SHIFTS; shift++) {
    let a = TURNED + 2 * shift;
    let common: u64 = 0;
    let differ: u64 = 0;
    for (let o: usize = 0; o < <usize>PLANE_BYTES; o += 8) {
      let p = a + o;
      let q = reference + o;
      let m = load<u64>(p, 6 * ROW) & load<u64>(q, 6 * PLANE_BYTES);
      common += popcnt(m);
      differ +=
        popcnt(m & (load<u64>(p) ^ load<u64>(q))) +
        popcnt(m & (load<u64>(p, ROW) ^ load<u64>(q, PLANE_BYTES))) +
        popcnt(m & (load<u64>(p, 2 * ROW) ^ load<u64>(q, 2 * PLANE_BYTES))) +
        popcnt(m & (load<u64>(p, 3 * ROW) ^ load<u64>(q, 3 * PLANE_BYTES))) +
        popcnt(m & (load<u64>(p, 4 * ROW) ^ load<u64>(q, 4 * PLANE_BYTES))) +
        popcnt(m & (load<u64>(p, 5 * ROW) ^ load<u64>(q, 5 * PLANE_BYTES)));
    }
    if (!common) continue;
    let h = (differ as f32) / ((common * 6) as f32);
    let share = (common as f32) * (1.0 / 4096.0);
    let d: f32 = 0.5 - (0.5 - h) * min<f32>(1.5, sqrt<f32>(sqrt<f32>(share * (1.0 / 0.6))));
    if (d < best) best = d;
  }
  return best;
}
