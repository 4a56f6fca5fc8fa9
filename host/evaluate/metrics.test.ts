// Figures worked out by hand, and what must hold for any scores.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { incompleteBeta, logGamma, upperBound } from "./binomial.ts";
import { accuracy, NO_SCORE } from "./metrics.ts";

const scores = (...values: number[]) => Int32Array.from(values);
const countTo = (n: number) => Int32Array.from({ length: n }, (_, i) => i + 1);

describe("operating points and EER", () => {
  test("ten impostors, four genuine: by hand", () => {
    const { det, eer, genuine, impostor } = accuracy(
      scores(300, 900, 800, 700),
      scores(5, 600, 10, 400, 20, 200, 30, 100, 40, 50),
    );
    expect([genuine, impostor]).toEqual([4, 10]);
    expect([...det.threshold.slice(0, 7)]).toEqual([Number.POSITIVE_INFINITY, 900, 800, 700, 600, 400, 300]);
    expect([...det.fmr.slice(0, 7)]).toEqual([0, 0, 0, 0, 0.1, 0.2, 0.2]);
    expect([...det.fnmr.slice(0, 7)]).toEqual([1, 0.75, 0.5, 0.25, 0.25, 0.25, 0]);
    expect(eer).toBeCloseTo(0.2, 12);
  });

  test("scores apart: zero; the wrong way round: one; tied: on the line between", () => {
    expect(accuracy(scores(8, 9), scores(1, 2)).eer).toBe(0);
    expect(accuracy(scores(1, 2), scores(8, 9)).eer).toBe(1);
    // From (0, 1) straight to (1/2, 0): the diagonal is met at 1/3.
    expect(accuracy(scores(500, 500), scores(500, 100)).eer).toBeCloseTo(1 / 3, 12);
  });

  test("a failed extraction is a non-match at every threshold", () => {
    const failed = accuracy(scores(NO_SCORE, 900, 800, 700), scores(NO_SCORE, 100, 0, 300));
    expect([failed.det.fmr.at(-1), failed.det.fnmr.at(-1), failed.det.threshold.at(-1)]).toEqual([0.75, 0.25, 0]);
    // FNMR stays at 1/4 until FMR passes it.
    expect(failed.eer).toBeCloseTo(0.25, 12);
    const all = accuracy(scores(NO_SCORE, NO_SCORE), scores(NO_SCORE, 5));
    expect(all).toMatchObject({ eer: 1, dprime: null });
    // The line ends at FMR 1/4: two in three genuine failed.
    expect(accuracy(scores(NO_SCORE, NO_SCORE, 9), scores(NO_SCORE, NO_SCORE, NO_SCORE, 5)).eer).toBeCloseTo(2 / 3, 12);
  });
});

test("FNMR at an FMR: the lowest threshold that keeps to it", () => {
  const { at } = accuracy(scores(198, 199, 500, NO_SCORE), countTo(200));
  expect(at["1e-2"]).toMatchObject({ threshold: 199, falseMatches: 2, fmr: 0.01, fnmr: 0.5 });
  expect(at["1e-3"]).toBeNull();
  // 99 impostors cannot show 1e-2, 100 can; exactly 10^5 can show 1e-5.
  expect(accuracy(scores(1), countTo(99)).at["1e-2"]).toBeNull();
  expect(accuracy(scores(1), countTo(100)).at["1e-2"]?.threshold).toBe(100);
  expect(accuracy(scores(1), countTo(100_000)).at["1e-5"]).toMatchObject({ threshold: 100_000, falseMatches: 1 });
  expect(accuracy(scores(1), countTo(99_999)).at["1e-5"]).toBeNull();
  // Ties at the threshold cannot be split: fewer match than would be allowed.
  const tied = accuracy(scores(7), new Int32Array(100).fill(7));
  expect(tied.at["1e-2"]).toMatchObject({ threshold: 8, falseMatches: 0, fnmr: 1 });
  // All impostors failed: even a score of 0 may match.
  expect(accuracy(scores(0), new Int32Array(100).fill(NO_SCORE)).at["1e-2"]).toMatchObject({ threshold: 0, fnmr: 0 });
});

test("d' by hand: means 10 and 2, variances 4 and 1", () => {
  expect(accuracy(scores(8, 12, NO_SCORE), scores(1, 3)).dprime).toBeCloseTo(8 / Math.sqrt(2.5), 12);
  expect(accuracy(scores(5, 5), scores(1, 1)).dprime).toBeNull();
});

describe("exact binomial bounds", () => {
  test("no error: 1 - 0.05^(1/n), near the rule of 3; all but one: 0.95^(1/n); all: 1", () => {
    for (const n of [1, 10, 1000, 1_028_263]) {
      expect(upperBound(0, n)).toBeCloseTo(-Math.expm1(Math.log(0.05) / n), 12);
      if (n > 1) expect(upperBound(n - 1, n)).toBeCloseTo(0.95 ** (1 / n), 9);
      expect(upperBound(n, n)).toBe(1);
    }
    expect(upperBound(0, 1000) / (3 / 1000)).toBeCloseTo(1, 2);
  });

  test("published: Clopper-Pearson one-sided 95 % upper limits", () => {
    expect(upperBound(1, 10)).toBeCloseTo(0.3942, 4);
    expect(upperBound(5, 10)).toBeCloseTo(0.7776, 4);
    expect(upperBound(1, 100)).toBeCloseTo(0.04656, 5);
    // Two-sided 95 %, 4 of 20: 0.4366 (Newcombe 1998's method 5, at 97.5 % one-sided).
    expect(upperBound(4, 20, 0.975)).toBeCloseTo(0.4366, 4);
  });

  test("at the bound, so few errors have probability 5 %: the sum itself", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.nat(), (trials, pick) => {
        const errors = pick % trials;
        const p = upperBound(errors, trials);
        let sum = 0;
        let term = (1 - p) ** trials;
        for (let k = 0; k <= errors; k++) {
          sum += term;
          term *= ((trials - k) / (k + 1)) * (p / (1 - p));
        }
        // (1 - p)^n underflows where p is near 1.
        if ((1 - p) ** trials > 1e-290) expect(sum).toBeCloseTo(0.05, 8);
      }),
    );
  });

  test("gamma and beta functions: factorials and symmetry", () => {
    for (let n = 1, factorial = 1; n < 20; factorial *= n++) expect(logGamma(n)).toBeCloseTo(Math.log(factorial), 11);
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 12);
    expect(incompleteBeta(3, 3, 0.5)).toBeCloseTo(0.5, 12);
    expect([incompleteBeta(2, 3, 0), incompleteBeta(2, 3, 1)]).toEqual([0, 1]);
  });
});

describe("for any scores", () => {
  const list = fc.array(fc.integer({ min: -1, max: 40 }), { minLength: 1, maxLength: 120 });

  test("the order does not matter; rates stay in 0..1 and are monotonic", () => {
    fc.assert(
      fc.property(list, list, fc.nat(), (g, i, turn) => {
        const one = accuracy(Int32Array.from(g), Int32Array.from(i));
        const rotate = (a: number[]) => [...a.slice(turn % a.length), ...a.slice(0, turn % a.length)].reverse();
        expect(accuracy(Int32Array.from(rotate(g)), Int32Array.from(rotate(i)))).toEqual(one);
        expect(one.eer).toBeGreaterThanOrEqual(0);
        expect(one.eer).toBeLessThanOrEqual(1);
        for (let k = 1; k < one.det.fmr.length; k++) {
          expect(one.det.fmr[k]!).toBeGreaterThanOrEqual(one.det.fmr[k - 1]!);
          expect(one.det.fnmr[k]!).toBeLessThanOrEqual(one.det.fnmr[k - 1]!);
        }
      }),
    );
  });

  test("some threshold errs on both sides by no more than the EER says, give or take a tie", () => {
    fc.assert(
      fc.property(list, list, (g, i) => {
        const { det, eer } = accuracy(Int32Array.from(g), Int32Array.from(i));
        const worse = [...det.fmr].map((fmr, k) => Math.max(fmr, det.fnmr[k]!));
        const better = [...det.fmr].map((fmr, k) => Math.min(fmr, det.fnmr[k]!));
        expect(Math.min(...worse)).toBeGreaterThanOrEqual(eer - 1e-12);
        expect(Math.max(...better)).toBeLessThanOrEqual(eer + 1e-12);
      }),
    );
  });

  test("each rate held to is what counting gives, and one lower threshold would break it", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1, max: 300 }), { minLength: 100, maxLength: 300 }), list, (i, g) => {
        const point = accuracy(Int32Array.from(g), Int32Array.from(i)).at["1e-2"]!;
        const fmrAt = (t: number) => i.filter((s) => s >= 0 && s >= t).length / i.length;
        expect(fmrAt(point.threshold)).toBe(point.fmr);
        expect(point.fmr).toBeLessThanOrEqual(0.01);
        if (point.threshold > 0) expect(fmrAt(point.threshold - 1)).toBeGreaterThan(0.01);
        expect(point.fnmr).toBe(g.filter((s) => s < point.threshold || s < 0).length / g.length);
        expect(point.fnmrUpper).toBeGreaterThanOrEqual(point.fnmr);
      }),
    );
  });
});
