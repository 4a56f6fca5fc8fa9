// What a fringe module projects, as numbers: a stack of pictures, in this order. Phase shifting: for each period from the coarsest on, `steps`
// pictures. With a Gray code: `steps` pictures of the finest period, then a picture for each bit, the coarsest first.
//
// Picture s of n steps, p fringes over the projector's width, u from 0 to 1 across it: A - B cos(2 pi (p u + s / n)). The phase 2 pi p u is
// then zero at the projector's edge. Gray code: bits of the number of the half fringe, floor(2 p u), white where the bit is set
// (complementary half-period code: Zhang et al. 2012, doi 10.1016/j.optlaseng.2011.06.010).

/** A pattern: 16 u16, namely steps (3 to 12; with a Gray code 4), bits of Gray code (0: none; 2 to 6), number of periods, the periods. */
export const PATTERN_BYTES: i32 = 32;
export const PERIODS_MAX: i32 = 8;
export const STEPS_MAX: i32 = 12;

/** Four steps of 1, 4, 16 and 64 fringes: 16 pictures. */
export const PATTERN_SHIFT: usize = memory.data<u16>([4, 0, 4, 1, 4, 16, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
/** Four steps of 32 fringes and six bits: 10 pictures. */
export const PATTERN_GRAY: usize = memory.data<u16>([4, 6, 1, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

export function patternSteps(pattern: usize): i32 {
  return load<u16>(pattern);
}

export function patternBits(pattern: usize): i32 {
  return load<u16>(pattern, 2);
}

/** Periods that are shifted; one where a Gray code counts them. */
export function patternPeriods(pattern: usize): i32 {
  return load<u16>(pattern, 4);
}

/** Fringes over the projector's width in period `index`. */
export function patternPeriod(pattern: usize, index: i32): i32 {
  return load<u16>(pattern + ((index as usize) << 1), 6);
}

/** Pictures of a stack. */
export function patternPictures(pattern: usize): i32 {
  return patternSteps(pattern) * patternPeriods(pattern) + patternBits(pattern);
}

/** Whether the decoder takes it: periods grow from 1, by a factor of 8 at most; a Gray code counts half fringes. */
export function patternValid(pattern: usize): bool {
  const steps = patternSteps(pattern);
  const bits = patternBits(pattern);
  const periods = patternPeriods(pattern);
  if (steps < 3 || steps > STEPS_MAX || periods < 1 || periods > PERIODS_MAX) return false;
  if (bits) return steps == 4 && periods == 1 && bits >= 2 && bits <= 6 && patternPeriod(pattern, 0) == 1 << (bits - 1);
  if (patternPeriod(pattern, 0) != 1) return false;
  for (let i = 1; i < periods; i++) {
    const before = patternPeriod(pattern, i - 1);
    const period = patternPeriod(pattern, i);
    if (period <= before || period > 8 * before) return false;
  }
  return true;
}
