// Best paths through a map of agreement, sector by rotation: dynamic programming in which neighbouring sectors differ by one rotation
// at most and each such step costs. A map is rows of i16, one row a sector: half of what remains of the agreeing bits less the
// differing ones; costs are halves too.

const FORBIDDEN: i32 = -1 << 24;

/** Most rotations in a map. */
export const ROTATIONS_MAX: i32 = 33;
/** Bytes of the two rows of sums that `bestPath` works in. */
export const SUMS_BYTES: i32 = 2 * (ROTATIONS_MAX + 2) * 4;

/** The sum of the path that `bestPath` found: agreement less the costs of its steps. */
export let pathSum: i32 = 0;

/** One sector further: the best sum at each rotation, and the step that led there (to stay is preferred, then the lower rotation). */
function advance(now: usize, next: usize, agreement: usize, back: usize, rotations: i32, cost: i32): void {
  let low = load<i32>(now);
  let own = load<i32>(now, 4);
  for (const end = back + (rotations as usize); back < end; back++) {
    const high = load<i32>(now, 8);
    let best = own;
    let step = 0;
    if (low - cost > best) {
      best = low - cost;
      step = -1;
    }
    if (high - cost > best) {
      best = high - cost;
      step = 1;
    }
    store<i32>(next, best + (load<i16>(agreement) as i32), 4);
    store<i8>(back, step as i8);
    low = own;
    own = high;
    now += 4;
    next += 4;
    agreement += 2;
  }
}

/**
 * Goes through `map` (rows of `rotations` i16) from row 0, around after `rows` of them, `sectors` in all. Writes to `back` the step
 * (i8) by which the best path comes to each cell, row after row, and returns the rotation at which the best path of all ends.
 */
export function bestPath(
  map: usize,
  rows: i32,
  sectors: i32,
  rotations: i32,
  cost: i32,
  sums: usize,
  back: usize,
): i32 {
  const last = (rotations << 2) as usize;
  let now = sums;
  let next = sums + last + 8;
  memory.fill(now, 0, last + 8); // it may start anywhere
  store<i32>(now, FORBIDDEN);
  store<i32>(now + last, FORBIDDEN, 4);
  store<i32>(next, FORBIDDEN);
  store<i32>(next + last, FORBIDDEN, 4);
  for (let k = 0; k < sectors; k++) {
    advance(now, next, map + ((2 * rotations * (k % rows)) as usize), back, rotations, cost);
    back += rotations as usize;
    const swap = now;
    now = next;
    next = swap;
  }
  let rotation = 0;
  pathSum = load<i32>(now, 4);
  for (let i = 1; i < rotations; i++) {
    const sum = load<i32>(now + ((i as usize) << 2), 4);
    if (sum > pathSum) {
      pathSum = sum;
      rotation = i;
    }
  }
  return rotation;
}
