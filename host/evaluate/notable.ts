// The comparisons to look at first: every one of them has a cause that can be seen.
import type { Evaluation } from "./evaluate.ts";

/** A pair by the numbers of its samples. */
export interface Notable {
  readonly probe: number;
  readonly reference: readonly number[];
  readonly score: number;
}

/** The lowest genuine (`genuine` true) or highest impostor scores, `count` of them; comparisons without a score are left out. */
export function notable({ pairs, scores }: Evaluation, genuine: boolean, count: number): Notable[] {
  const sign = genuine ? 1 : -1;
  const [from, to] = genuine ? [0, pairs.genuine] : [pairs.genuine, scores.length];
  const order = (a: number, b: number): number => sign * (scores[a]! - scores[b]!) || a - b;
  let kept: number[] = [];
  for (let i = from; i < to; i++) {
    if (scores[i]! < 0 || (kept.length >= count && order(i, kept[count - 1]!) > 0)) continue;
    kept.push(i);
    if (kept.length === count || kept.length >= 4 * count) kept = kept.sort(order).slice(0, count);
  }
  return kept
    .sort(order)
    .slice(0, count)
    .map((i) => ({ probe: pairs.probe[i]!, reference: pairs.members[pairs.reference[i]!]!, score: scores[i]! }));
}
