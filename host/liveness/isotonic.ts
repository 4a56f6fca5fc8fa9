// Isotonic regression by pooling adjacent violators (PAV: Ayer et al. 1955), the fit that is best for every proper scoring rule at once
// (Brümmer and du Preez 2013): for the tables of a calibration, and for minCllr.

/** A value with the weight of evidence on either side. */
export interface Pool {
  readonly positive: number;
  readonly negative: number;
}

/** Pools neighbours until the share of positives never falls. Returns the pooled weights at each place; those of a pool are the same object. */
export function poolAdjacent(weights: readonly Pool[]): Pool[] {
  const pools: { pool: Pool; length: number }[] = [];
  for (const weight of weights) {
    let next = { pool: weight, length: 1 };
    for (let last = pools.at(-1); last && share(last.pool) >= share(next.pool); last = pools.at(-1)) {
      pools.pop();
      const { pool, length } = next;
      next = {
        pool: { positive: last.pool.positive + pool.positive, negative: last.pool.negative + pool.negative },
        length: last.length + length,
      };
    }
    pools.push(next);
  }
  return pools.flatMap(({ pool, length }) => Array<Pool>(length).fill(pool));
}

/** Share of positives; of nothing, nothing. */
function share({ positive, negative }: Pool): number {
  return positive === 0 ? 0 : positive / (positive + negative);
}
