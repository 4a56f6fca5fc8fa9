// What refusing samples by their overall quality would have bought: silent errors are the ones that a gate should catch.
import type { Pairs } from "./pairs.ts";

/** A gate may refuse this share of the samples; of the genuine comparisons, this share is the worst. */
const REFUSED = 0.01;
const WORST = 0.02;

export interface Gate {
  /** Samples whose overall quality is below this are refused, besides those without a template. */
  readonly limit: number;
  /** Share of the samples refused, those without a template included. */
  readonly refusedShare: number;
  /** Share of the worst 2 % of the genuine comparisons in which a sample is refused. */
  readonly worstGenuineCaught: number;
}

/**
 * The highest limit on overall quality that refuses at most 1 % of the samples, and what it would have caught.
 * `overall` is each sample's overall quality 0..100, -1 where there is no template.
 */
export function qualityGate(overall: readonly number[], pairs: Pairs, scores: Int32Array): Gate {
  const ascending = [...overall].sort((a, b) => a - b);
  const allowed = Math.floor(overall.length * REFUSED);
  // The first that must pass: with it, all of equal quality pass.
  const limit = Math.max(0, ascending[allowed]!);
  const refused = overall.map((value) => value < limit);
  const order = Array.from({ length: pairs.genuine }, (_, i) => i).sort((a, b) => scores[a]! - scores[b]! || a - b);
  const worst = order.slice(0, Math.ceil(pairs.genuine * WORST));
  const caught = worst.filter(
    (i) => refused[pairs.probe[i]!] || pairs.members[pairs.reference[i]!]!.some((r) => refused[r]),
  );
  return {
    limit,
    refusedShare: refused.filter(Boolean).length / overall.length,
    worstGenuineCaught: caught.length / worst.length,
  };
}
