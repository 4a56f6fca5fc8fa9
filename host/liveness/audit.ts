// Auditing a calibration on presentations that it was not fitted on (docs/liveness.md, section 7): whether its bits are honest, how good they
// are, and what becomes of a species that it never saw. Pure: evidence in, figures out.
import { lowerBound, upperBound } from "../evaluate/binomial.ts";
import { poolAdjacent } from "./isotonic.ts";
import { invalid } from "./tables.ts";

/** Evidence against one class, millibits, of held-out presentations. */
export interface Held {
  readonly bonaFide: readonly number[];
  readonly attacks: readonly number[];
}

/** One line of the 2^-b law. */
export interface Law {
  readonly bits: number;
  /** Attacks that reached so many bits, of how many. */
  readonly reached: number;
  readonly attacks: number;
  /** Clopper and Pearson's one-sided 95 % lower bound of their share. */
  readonly least: number;
  /** 2^-bits. */
  readonly limit: number;
  readonly holds: boolean;
}

export interface Audit {
  readonly law: readonly Law[];
  /** Whether it holds at every number of bits asked. */
  readonly honest: boolean;
  /** Cost of the log likelihood ratios, bits (Brümmer and du Preez 2006); 1: they say nothing. minCllr: after the best monotone recalibration. */
  readonly cllr: number;
  readonly minCllr: number;
  /** Liveness entropy of the device type for this class, bits: mean evidence of bona fide presentations. */
  readonly entropy: number;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Audits one class. `bits`: where the law is checked. Throws KAN-LIVENESS-INVALID where there is no trial of one kind. */
export function auditClass({ bonaFide, attacks }: Held, bits: readonly number[] = [1, 2, 3]): Audit {
  if (bonaFide.length === 0 || attacks.length === 0)
    throw invalid("nothing to audit: bona fide and attacks are needed");
  const law = bits.map((b): Law => {
    const reached = attacks.filter((evidence) => evidence >= 1000 * b).length;
    const least = lowerBound(reached, attacks.length);
    return { bits: b, reached, attacks: attacks.length, least, limit: 2 ** -b, holds: least <= 2 ** -b };
  });
  return {
    law,
    honest: law.every(({ holds }) => holds),
    cllr: cllr(bonaFide, attacks),
    minCllr: minCllr(bonaFide, attacks),
    entropy: mean(bonaFide) / 1000,
  };
}

/** log2(1 + 2^x), without overflow. */
const softplus = (x: number): number => Math.max(x, 0) + Math.log2(1 + 2 ** -Math.abs(x));

/** Cllr of evidence in millibits, bits. */
export function cllr(bonaFide: readonly number[], attacks: readonly number[]): number {
  const cost = mean(bonaFide.map((evidence) => softplus(-evidence / 1000)));
  return (cost + mean(attacks.map((evidence) => softplus(evidence / 1000)))) / 2;
}

/** Cllr after the monotone recalibration that is best for these presentations (PAV). */
export function minCllr(bonaFide: readonly number[], attacks: readonly number[]): number {
  const scores = [...new Set([...bonaFide, ...attacks])].sort((a, b) => a - b);
  const count = (values: readonly number[]) => {
    const counts = new Map<number, number>();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1 / values.length);
    return scores.map((score) => counts.get(score) ?? 0);
  };
  const [own, others] = [count(bonaFide), count(attacks)];
  const pooled = poolAdjacent(scores.map((_, i) => ({ positive: own[i] as number, negative: others[i] as number })));
  return pooled.reduce((sum, { positive, negative }, i) => {
    const [p, n] = [own[i] as number, others[i] as number];
    const whole = positive + negative;
    // A share that is 0 costs nothing, whatever its logarithm.
    return sum - (p > 0 ? p * Math.log2(positive / whole) : 0) / 2 - (n > 0 ? n * Math.log2(negative / whole) : 0) / 2;
  }, 0);
}

/** How many of a species' attacks a threshold on their score lets pass, and the exact 95 % upper bound of their share. */
export interface Apcer {
  readonly accepted: number;
  readonly attacks: number;
  readonly apcer: number;
  readonly most: number;
}

export function apcerAt(scores: readonly number[], threshold: number): Apcer {
  const accepted = scores.filter((score) => score >= threshold).length;
  const attacks = scores.length;
  return { accepted, attacks, apcer: accepted / attacks, most: upperBound(accepted, attacks) };
}

/**
 * APCER of each species under a calibration that never saw it. `fitWithout`: a calibration without the species named; `score`: the least evidence
 * over its classes of each presentation; `threshold`: what those of bona fide presentations must reach (given their scores under it).
 */
export function leaveOneOut<Calibration, Presentation>(
  species: { readonly [name: string]: readonly Presentation[] },
  bonaFide: readonly Presentation[],
  fitWithout: (species: string) => Calibration,
  score: (calibration: Calibration, presentation: Presentation) => number,
  threshold: (scores: readonly number[]) => number,
): { [name: string]: Apcer } {
  return Object.fromEntries(
    Object.entries(species).map(([name, attacks]) => {
      const calibration = fitWithout(name);
      const at = threshold(bonaFide.map((one) => score(calibration, one)));
      return [
        name,
        apcerAt(
          attacks.map((one) => score(calibration, one)),
          at,
        ),
      ];
    }),
  );
}
