// How much the evidence of each term counts: logistic regression of bona fide against one class of attacks, both equally likely, with weights
// between 0 and 1. Terms say the same thing in part; a weight of 1 each would count it twice (docs/liveness.md, section 6).

export interface Weights {
  /** Bits. */
  readonly offset: number;
  /** 0 to 1, a term each. */
  readonly weights: number[];
}

const SWEEPS = 300;
const SETTLED = 1e-9;

/** Fits offset and weights to evidence in bits, a row a presentation. Minimises the cross-entropy by Newton steps on one value at a time. */
export function fitWeights(bonaFide: readonly number[][], attacks: readonly number[][]): Weights {
  const rows = [...bonaFide, ...attacks];
  const terms = rows[0]?.length ?? 0;
  const part = (i: number) => 1 / (i < bonaFide.length ? bonaFide.length : attacks.length);
  const sign = (i: number) => (i < bonaFide.length ? 1 : -1);
  const weights = Array<number>(terms).fill(0);
  let offset = 0;
  const margins = rows.map(() => 0); // log odds in nats, times the sign
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let moved = 0;
    for (let t = -1; t < terms; t++) {
      const feature = (i: number) => Math.LN2 * (t < 0 ? 1 : ((rows[i] as number[])[t] as number));
      let slope = 0;
      let curvature = 1e-12;
      for (const [i, margin] of margins.entries()) {
        const wrong = 1 / (1 + Math.exp(margin));
        const x = feature(i);
        slope += part(i) * sign(i) * wrong * x;
        curvature += part(i) * wrong * (1 - wrong) * x * x;
      }
      const step = Math.min(Math.max(slope / curvature, -1), 1);
      const before = t < 0 ? offset : (weights[t] as number);
      const after = t < 0 ? before + step : Math.min(Math.max(before + step, 0), 1);
      if (t < 0) offset = after;
      else weights[t] = after;
      for (let i = 0; i < rows.length; i++)
        margins[i] = (margins[i] as number) + sign(i) * (after - before) * feature(i);
      moved = Math.max(moved, Math.abs(after - before));
    }
    if (moved < SETTLED) break;
  }
  return { offset, weights };
}
