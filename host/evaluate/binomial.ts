// How sure a measured error rate is: the exact binomial bound of Clopper and Pearson (Biometrika 26, 1934), as ISO/IEC 19795-1 annex B uses it.
// For no error in n trials it is close to 3 / n, the "rule of 3". Both take trials as independent, which pairs that share samples are not:
// the true uncertainty is larger.

/**
 * The one-sided upper bound on a probability after `errors` in `trials`: the p at which so few errors have probability `1 - confidence`.
 * Within 1e-12 of the exact value, relatively.
 */
export function upperBound(errors: number, trials: number, confidence = 0.95): number {
  if (errors >= trials) return 1;
  let low = errors / trials;
  let high = 1;
  // P(X <= errors) falls as p grows.
  for (let step = 0; step < 200 && high - low > 1e-13 * high; step++) {
    const p = (low + high) / 2;
    if (1 - incompleteBeta(errors + 1, trials - errors, p) > 1 - confidence) low = p;
    else high = p;
  }
  return (low + high) / 2;
}

/** The one-sided lower bound on a probability after `events` in `trials`. */
export function lowerBound(events: number, trials: number, confidence = 0.95): number {
  return 1 - upperBound(trials - events, trials, confidence);
}

/** The regularised incomplete beta function I_x(a, b), by the continued fraction DLMF 8.17.22 (Lentz's method). */
export function incompleteBeta(a: number, b: number, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast on this side of the mean only.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(b, a, 1 - x);
  const factor = Math.exp(a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b)) / a;
  const tiny = 1e-300;
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1), tiny);
  let value = d;
  for (let m = 1; m < 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d, tiny);
    c = nonZero(1 + even / c, tiny);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d, tiny);
    c = nonZero(1 + odd / c, tiny);
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return factor * value;
}

const nonZero = (value: number, tiny: number): number => (Math.abs(value) < tiny ? tiny : value);

/** ln Γ(x) for x > 0: Stirling's series (DLMF 5.11.1) after raising x to at least 10. */
export function logGamma(x: number): number {
  let shift = 0;
  let y = x;
  while (y < 10) shift += Math.log(y++);
  const r = 1 / (y * y);
  const series = (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * (1 / 1680 - r / 1188)))) / y;
  return (y - 0.5) * Math.log(y) - y + Math.log(2 * Math.PI) / 2 + series - shift;
}
