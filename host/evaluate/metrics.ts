// Accuracy figures of a verification experiment, in the terms of ISO/IEC 19795-1:2021. Scores: integers 0..1,000,000, higher is more alike;
// NO_SCORE where extraction failed: such a comparison is a non-match at every threshold, and counts in every denominator.
import { upperBound } from "./binomial.ts";

/** The score of a comparison with a sample that gave no template. */
export const NO_SCORE = -1;

/** The false match rates that are reported: 10^-2 to 10^-5. */
export const FMR_TARGETS = [2, 3, 4, 5] as const;
export type FmrTarget = "1e-2" | "1e-3" | "1e-4" | "1e-5";

/** An operating point: what matches is at or above `threshold`. Rates as fractions 0..1. */
export interface OperatingPoint {
  readonly threshold: number;
  readonly fmr: number;
  readonly fnmr: number;
}

/** An operating point held to a stated false match rate, and its exact one-sided 95 % upper bounds. */
export interface HeldPoint extends OperatingPoint {
  readonly falseMatches: number;
  readonly fmrUpper: number;
  readonly fnmrUpper: number;
}

export interface Accuracy {
  readonly genuine: number;
  readonly impostor: number;
  /** Equal error rate, a fraction 0..1. */
  readonly eer: number;
  /** The FNMR of the lowest threshold whose FMR is at most the target; null where impostors are too few (fewer than 1 / target). */
  readonly at: Readonly<Record<FmrTarget, HeldPoint | null>>;
  /** d' = |mean genuine - mean impostor| / sqrt((variance genuine + variance impostor) / 2), over the comparisons that have scores. */
  readonly dprime: number | null;
  /** All operating points where a rate changes, threshold falling: first nothing matches, last everything that has a score. */
  readonly det: Det;
}

/** Operating points in columns (there may be a million). */
export interface Det {
  readonly threshold: Float64Array;
  readonly fmr: Float64Array;
  readonly fnmr: Float64Array;
}

/** Figures of the genuine and impostor scores, in any order; both lists have at least one. */
export function accuracy(genuineScores: Int32Array, impostorScores: Int32Array): Accuracy {
  const genuine = genuineScores.slice().sort();
  const impostor = impostorScores.slice().sort();
  const det = operatingPoints(genuine, impostor);
  const at = Object.fromEntries(FMR_TARGETS.map((power) => [`1e-${power}`, heldTo(power, genuine, impostor)]));
  return {
    genuine: genuine.length,
    impostor: impostor.length,
    eer: equalErrorRate(det),
    at: at as Accuracy["at"],
    dprime: dPrime(genuine, impostor),
    det,
  };
}

/** Operating points of ascending scores. */
function operatingPoints(genuine: Int32Array, impostor: Int32Array): Det {
  const threshold: number[] = [Number.POSITIVE_INFINITY];
  const fmr = [0];
  const fnmr = [1];
  let g = genuine.length;
  let i = impostor.length;
  for (;;) {
    const t = Math.max(g > 0 ? genuine[g - 1]! : NO_SCORE, i > 0 ? impostor[i - 1]! : NO_SCORE);
    if (t === NO_SCORE) break;
    while (g > 0 && genuine[g - 1] === t) g--;
    while (i > 0 && impostor[i - 1] === t) i--;
    threshold.push(t);
    fmr.push((impostor.length - i) / impostor.length);
    fnmr.push(g / genuine.length);
  }
  return { threshold: Float64Array.from(threshold), fmr: Float64Array.from(fmr), fnmr: Float64Array.from(fnmr) };
}

/**
 * Where FMR = FNMR on the line that joins neighbouring operating points (linear interpolation in both rates: it matters only where
 * scores tie). Where so many extractions failed that the line ends before that, the FNMR at its end.
 */
export function equalErrorRate({ fmr, fnmr }: Det): number {
  const after = fmr.findIndex((x, i) => x >= fnmr[i]!);
  if (after === -1) return fnmr[fnmr.length - 1]!;
  if (after === 0) return fnmr[0]!;
  const before = after - 1;
  const gapBefore = fnmr[before]! - fmr[before]!;
  const gapAfter = fmr[after]! - fnmr[after]!;
  return fmr[before]! + ((fmr[after]! - fmr[before]!) * gapBefore) / (gapBefore + gapAfter);
}

function heldTo(power: number, genuine: Int32Array, impostor: Int32Array): HeldPoint | null {
  const allowed = Math.floor(impostor.length / 10 ** power);
  if (allowed === 0) return null;
  // The best impostor score that must not match; everything above it does.
  const threshold = impostor[impostor.length - 1 - allowed]! + 1;
  const falseMatches = impostor.length - countBelow(impostor, threshold);
  const misses = countBelow(genuine, threshold);
  return {
    threshold,
    falseMatches,
    fmr: falseMatches / impostor.length,
    fnmr: misses / genuine.length,
    fmrUpper: upperBound(falseMatches, impostor.length),
    fnmrUpper: upperBound(misses, genuine.length),
  };
}

/** How many of the ascending `scores` are below `threshold`. */
function countBelow(scores: Int32Array, threshold: number): number {
  let low = 0;
  let high = scores.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (scores[middle]! < threshold) low = middle + 1;
    else high = middle;
  }
  return low;
}

function dPrime(genuine: Int32Array, impostor: Int32Array): number | null {
  const g = moments(genuine);
  const i = moments(impostor);
  const spread = Math.sqrt((g.variance + i.variance) / 2);
  return spread > 0 ? Math.abs(g.mean - i.mean) / spread : null;
}

/** Mean and variance of the ascending `scores`, those without a score left out. */
function moments(scores: Int32Array): { mean: number; variance: number } {
  const first = countBelow(scores, 0);
  const count = scores.length - first;
  let sum = 0;
  for (let k = first; k < scores.length; k++) sum += scores[k]!;
  const mean = sum / count;
  let squares = 0;
  for (let k = first; k < scores.length; k++) squares += (scores[k]! - mean) ** 2;
  return { mean, variance: squares / count };
}
