// The audit's figures against values that are known.
import { describe, expect, it } from "vitest";
import { lowerBound } from "../evaluate/binomial.ts";
import { apcerAt, auditClass, cllr, leaveOneOut, minCllr } from "./audit.ts";

describe("the lower bound of Clopper and Pearson", () => {
  it("is that of tables", () => {
    expect(lowerBound(0, 10)).toBe(0);
    expect(lowerBound(10, 10)).toBeCloseTo(0.05 ** (1 / 10), 10);
    expect(lowerBound(5, 10)).toBeCloseTo(1 - 0.7776, 4);
    expect(lowerBound(1, 20)).toBeCloseTo(-Math.expm1(Math.log(0.95) / 20), 10);
  });
});

describe("Cllr", () => {
  it("is a bit where evidence says nothing, nothing where it says all, more where it misleads", () => {
    expect(cllr([0, 0], [0])).toBe(1);
    expect(cllr([60_000], [-60_000])).toBeCloseTo(0, 12);
    expect(cllr([-3000], [3000])).toBeCloseTo(Math.log2(9), 12);
    // log2 LR of 1 bit for all bona fide, -1 for all attacks: log2(1 + 1/2).
    expect(cllr([1000, 1000], [-1000])).toBeCloseTo(Math.log2(1.5), 12);
  });

  it("after the best recalibration is what PAV leaves", () => {
    expect(minCllr([-3000], [3000])).toBe(1);
    expect(minCllr([1, 2], [-1, 0])).toBe(0);
    expect(minCllr([5], [5])).toBe(1);
    // One of four attacks above one of four: shares 3/4 : 0, then pooled 1/4 : 1/4, then 0 : 3/4.
    expect(minCllr([1, 5, 6, 7], [2, -1, -2, -3])).toBeCloseTo(0.25, 12);
  });
});

describe("the 2^-b law", () => {
  it("is held against the lower bound: chance may not break it", () => {
    // 60 of 100 attacks at a bit: lower bound .5126 > 1/2. 55: .4630.
    const attacks = (above: number) => [...Array(above).fill(1000), ...Array(100 - above).fill(999)];
    const broken = auditClass({ bonaFide: [4000, 2000], attacks: attacks(60) });
    expect(broken.law.map(({ holds, reached }) => [holds, reached])).toEqual([
      [false, 60],
      [true, 0],
      [true, 0],
    ]);
    expect(broken.honest).toBe(false);
    expect(broken.entropy).toBe(3);
    expect(auditClass({ bonaFide: [0], attacks: attacks(55) }).honest).toBe(true);
    expect(broken.law[0]?.least).toBeCloseTo(0.5128, 3);
  });
});

describe("a species left out", () => {
  it("is judged by the classes that remain, at a threshold of bona fide under the same", () => {
    const species = { a: [1, 2], b: [-1, 7] };
    const found = leaveOneOut(
      species,
      [4, 5, 6],
      (without) => (without === "a" ? 1 : -1),
      (sign, x) => sign * x,
      (scores) => Math.min(...scores),
    );
    expect(found["a"]).toMatchObject({ accepted: 0, attacks: 2, apcer: 0 });
    expect(found["b"]).toMatchObject({ accepted: 1, attacks: 2, apcer: 0.5 });
    expect(apcerAt(Array(132).fill(-1), 0).most).toBeCloseTo(0.0224, 3);
  });
});
