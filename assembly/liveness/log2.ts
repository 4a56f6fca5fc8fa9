// Base-2 logarithms of whole numbers in fixed point, exact to the last bit that counts and so the same on every engine: digit by digit,
// by squaring the mantissa (Knuth, TAOCP vol. 1, section 1.2.2, exercise 25). No table, no floating point. docs/liveness.md, section 2.

/** Bits behind the point of `log2Fixed`. */
export const LOG2_BITS: i32 = 44;

/** How `millibits` rounds: down, to the nearest (a half up), up. */
export const DOWN: i64 = 0;
export const NEAREST: i64 = 1 << (44 - 1);
export const UP: i64 = (1 << 44) - 1;

/** The upper 64 bits of the square of `a`. */
function squareHigh(a: u64): u64 {
  const low = a & 0xffffffff;
  const high = a >> 32;
  const cross = high * low;
  const middle = ((low * low) >> 32) + ((cross & 0xffffffff) << 1);
  return high * high + ((cross >> 32) << 1) + (middle >> 32);
}

/** log2 of `x` >= 1 in units of 2^-44, rounded down. */
export function log2Fixed(x: u64): u64 {
  const zeros = clz(x);
  let mantissa = x << zeros;
  let log = 63 - zeros;
  for (let i = 0; i < LOG2_BITS; i++) {
    mantissa = squareHigh(mantissa);
    const bit = mantissa >> 63;
    log = (log << 1) | bit;
    mantissa <<= 1 - bit;
  }
  return log;
}

/** 1000 log2(numerator / denominator), millibits; both from 1 to 2^53. `rounding`: DOWN, NEAREST or UP. */
export function millibits(numerator: u64, denominator: u64, rounding: i64): i32 {
  const ratio = (log2Fixed(numerator) - log2Fixed(denominator)) as i64;
  return ((ratio * 1000 + rounding) >> LOG2_BITS) as i32;
}
