// Fitting on trials whose answer is known, judged by the image's own code.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadImage } from "../evaluate/image.ts";
import { auditClass } from "./audit.ts";
import { encodeTables, termOrder } from "./encoding.ts";
import { evidenceOfSteps, fitTables, type Presentation, type Trials } from "./fit.ts";
import { poolAdjacent } from "./isotonic.ts";
import { LivenessLab } from "./lab.ts";
import { fitWeights } from "./weights.ts";

const lab = new LivenessLab(loadImage().module);

/** Normal numbers that repeat (Box and Muller over mulberry32). */
function normals(seed: number): () => number {
  let state = seed;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Presentations whose terms are normal about means, millibits; `copy`: the second term is the first again. */
function present(count: number, seed: number, gradient: number, spectrum: number, copy = false): Presentation[] {
  const normal = normals(seed);
  return Array.from({ length: count }, (_, i) => {
    const one = Math.round(gradient + 100 * normal());
    return {
      subject: `s${i >> 1}`,
      terms: { gradient: one, spectrum: copy ? one : Math.round(spectrum + 100 * normal()) },
    };
  });
}

const trials = (copy = false): Trials => ({
  modality: "iris",
  staged: true,
  bonaFide: present(400, 1, 3000, 2000, copy),
  attacks: { print: present(400, 2, 2850, 2100, copy), screen: present(400, 3, 3100, 2000, copy) },
});

describe("the evidence of steps", () => {
  it("is that of the specification's vector", () => {
    expect(evidenceOfSteps([1, 1, 2, 12], [12, 2, 1, 1])).toEqual([-3059, -737, 737, 2415]);
    expect(evidenceOfSteps([12, 2, 1, 1], [1, 1, 2, 12])).toEqual([2415, 737, -737, -3059]);
  });

  it("is monotone, clipped and capped whatever is counted, and pools what is not", () => {
    const counts = fc.integer({ min: 2, max: 16 }).chain((n) => {
      const steps = fc.array(fc.nat(1000), { minLength: n, maxLength: n });
      return fc.tuple(steps, steps);
    });
    fc.assert(
      fc.property(counts, ([bonaFide, attacks]) => {
        const values = evidenceOfSteps(bonaFide, attacks);
        const signs = values.slice(1).map((value, i) => Math.sign(value - (values[i] as number)));
        expect(signs.includes(1) && signs.includes(-1)).toBe(false);
        const total = Math.max(
          3,
          attacks.reduce((sum, n) => sum + n, 0),
        );
        const most = Math.min(4000, Math.floor(1000 * Math.log2(total / 3)));
        for (const value of values) expect(value >= -4000 && value <= most).toBe(true);
      }),
    );
    const pool = (positive: number) => ({ positive, negative: 10 - positive });
    expect(poolAdjacent([1, 3, 2].map(pool)).map(({ positive, negative }) => positive / (positive + negative))).toEqual(
      [0.1, 0.25, 0.25],
    );
  });
});

describe("weights", () => {
  it("of a term given twice share what it is worth, and never leave 0 to 1", () => {
    const rows = (mean: number, seed: number) => {
      const normal = normals(seed);
      return Array.from({ length: 2000 }, () => [mean + normal()]);
    };
    // Normal evidence with means +-m and variance 1: the log odds are 2 m x nats, that is weight 2 m / ln 2.
    const [one, other] = [rows(0.2, 5), rows(-0.2, 6)];
    const single = fitWeights(one, other);
    expect(single.weights[0]).toBeCloseTo(0.4 / Math.LN2, 1);
    expect(single.offset).toBeCloseTo(0, 1);
    const double = fitWeights(
      one.map(([x]) => [x as number, x as number]),
      other.map(([x]) => [x as number, x as number]),
    );
    expect((double.weights[0] as number) + (double.weights[1] as number)).toBeCloseTo(single.weights[0] as number, 4);
    const wrong = fitWeights(other, one);
    expect(wrong.weights[0]).toBe(0);
    expect(fitWeights(rows(3, 7), rows(-3, 8)).weights[0]).toBe(1);
  });
});

describe("a calibration fitted on trials", () => {
  it("is honest on trials it has not seen, with every class's evidence from the image", () => {
    const tables = fitTables(trials());
    const encoded = encodeTables(tables);
    expect(termOrder(tables)).toEqual(["gradient", "spectrum"]);
    const score = (presentations: readonly Presentation[], k: number) =>
      presentations.map((one) => lab.evidence(encoded, one)[k] as number);
    const bonaFide = present(1000, 11, 3000, 2000);
    const print = auditClass({ bonaFide: score(bonaFide, 0), attacks: score(present(1000, 12, 2850, 2100), 0) });
    expect(print.honest).toBe(true);
    // Two independent normal terms at 1.5 and 1 deviations: D = (1.5^2 + 1) / 2 nats = 2.34 bits, of which steps keep most.
    expect(print.entropy).toBeGreaterThan(1.9);
    expect(print.entropy).toBeLessThan(2.4);
    expect(print.minCllr).toBeLessThanOrEqual(print.cllr);
    expect(print.cllr).toBeLessThan(print.minCllr + 0.05);
    const screen = auditClass({ bonaFide: score(bonaFide, 1), attacks: score(present(1000, 13, 3100, 2000), 1) });
    expect(screen.honest).toBe(true);
    expect(screen.entropy).toBeGreaterThan(0.45);
    expect(screen.entropy).toBeLessThan(0.8);
  });

  it("does not count a term twice that says the same", () => {
    const { gradient, spectrum } = fitTables(trials(true)).classes["print"]?.tables ?? {};
    const sum = (gradient?.weight as number) + (spectrum?.weight as number);
    expect(sum).toBeGreaterThan(200);
    expect(sum).toBeLessThan(300);
  });

  it("is refused without presentations, and counts the challenge in the classes it is told", () => {
    expect(() => fitTables({ ...trials(), attacks: {} })).toThrow(/no presentations/);
    const tables = fitTables({ ...trials(), challenge: { classes: ["screen"], states: 8, error: 1024 } });
    const encoded = encodeTables(tables);
    const [one] = present(1, 1, 3000, 2000) as [Presentation];
    const [print, screen] = lab.evidence(encoded, one);
    const [printWrong, screenWrong] = lab.evidence(encoded, { ...one, wrong: 1 });
    expect(printWrong).toBe(print);
    expect(screenWrong).toBe((screen as number) - 5807);
  });
});
