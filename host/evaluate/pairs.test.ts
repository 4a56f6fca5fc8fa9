// Which pairs are compared: counted by hand, and held to their rules for any data set.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { qualityGate } from "./gate.ts";
import type { Sample } from "./manifest.ts";
import { type PairOptions, type Pairs, planPairs } from "./pairs.ts";

/** Samples from "subject-position-session" words. */
function samplesOf(...words: string[]): Sample[] {
  return words.map((word, i) => {
    const [subject = "", position = "", session = ""] = word.split("-");
    return { line: i + 2, path: `${i}.png`, files: [`/${i}.png`], subject, position, session };
  });
}

function list({ probe, reference, genuine, members }: Pairs) {
  const all = Array.from(probe, (p, i) => `${p}:${members[reference[i]!]!.join("+")}`);
  return { genuine: all.slice(0, genuine), impostor: all.slice(genuine) };
}

describe("by hand", () => {
  test("all against all, each pair once; the eyes of a person are two identities", () => {
    const pairs = planPairs(samplesOf("a-L", "a-L", "a-R", "b-L"));
    expect(list(pairs)).toEqual({ genuine: ["1:0"], impostor: ["2:0", "3:0", "2:1", "3:1", "3:2"] });
  });

  test("across sessions only, genuine and impostor alike", () => {
    const pairs = planPairs(samplesOf("a-L-1", "a-L-1", "a-L-2", "b-L-1", "b-L-2"));
    expect(list(pairs)).toEqual({ genuine: ["2:0", "2:1", "4:3"], impostor: ["4:0", "4:1", "3:2"] });
  });

  test("references of two samples: the first of the first session; those with too few only probe", () => {
    const pairs = planPairs(samplesOf("a-L", "a-L", "a-L", "b-L", "c-L", "c-L", "c-L"), { enroll: 2 });
    expect(list(pairs)).toEqual({ genuine: ["2:0+1", "6:4+5"], impostor: ["3:0+1", "6:0+1", "2:4+5", "3:4+5"] });
    expect(pairs.unenrolled).toBe(1);
    const sessions = planPairs(samplesOf("a-L-1", "a-L-2", "a-L-1", "a-L-1", "b-L-2", "b-L-2"), { enroll: 2 });
    // b's reference is of session 2, so only a's sample of session 1 that is in no reference probes it.
    expect(list(sessions)).toEqual({ genuine: ["1:0+2"], impostor: ["3:4+5"] });
  });

  test("identities are not confused by how their names are joined", () => {
    expect(planPairs(samplesOf("a-b", "ab-", "a-b")).genuine).toBe(1);
  });

  test("nothing to compare is an error", () => {
    for (const words of [["a-L"], ["a-L", "a-L"], ["a-L", "b-L"], ["a-L-1", "a-L-1", "b-L-1", "b-L-2"]]) {
      const none = words.length === 4 ? { enroll: 2 } : {};
      expect(() => planPairs(samplesOf(...words), none)).toThrow(
        expect.objectContaining({ code: "KAN-EVALUATE-PAIRS" }),
      );
    }
  });

  test("too many pairs name the way out", () => {
    const many = samplesOf(...Array.from({ length: 8100 }, (_, i) => `${i >> 1}-L`));
    expect(() => planPairs(many)).toThrow(
      expect.objectContaining({ help: expect.stringContaining("--max-impostors") }),
    );
    expect(planPairs(many, { maxImpostors: 1000 })).toMatchObject({ genuine: 4050, impostor: 1000 });
  });
});

describe("for any data set", () => {
  const words = fc.array(
    fc.tuple(fc.constantFrom("a", "b", "c", "d"), fc.constantFrom("L", "R"), fc.constantFrom("1", "2", "3")),
    { minLength: 2, maxLength: 40 },
  );
  const plan = (set: string[][], named: boolean, options: PairOptions) => {
    const samples = samplesOf(...set.map(([a, b, c]) => `${a}-${b}-${named ? c : ""}`));
    try {
      return { samples, pairs: planPairs(samples, options) };
    } catch (error) {
      expect(error).toMatchObject({ code: "KAN-EVALUATE-PAIRS" });
      return undefined;
    }
  };

  test("rules of identity and session hold, and no pair is there twice", () => {
    fc.assert(
      fc.property(
        words,
        fc.boolean(),
        fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
        (set, named, enroll) => {
          const planned = plan(set, named, enroll === undefined ? {} : { enroll });
          if (planned === undefined) return;
          const { samples, pairs } = planned;
          const identity = (i: number) => `${samples[i]!.subject}/${samples[i]!.position}`;
          const { genuine, impostor } = list(pairs);
          expect(new Set([...genuine, ...impostor]).size).toBe(pairs.genuine + pairs.impostor);
          pairs.probe.forEach((p, i) => {
            for (const m of pairs.members[pairs.reference[i]!]!) {
              expect(m).not.toBe(p);
              expect(identity(m) === identity(p)).toBe(i < pairs.genuine);
              if (named) expect(samples[m]!.session).not.toBe(samples[p]!.session);
            }
          });
        },
      ),
    );
  });

  test("a sample of the impostors: as many as asked, of the true ones, the same for the same seed", () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 200 }), fc.nat(), (set, maxImpostors, seed) => {
        const all = plan(set, false, {});
        if (all === undefined) return;
        const some = planPairs(all.samples, { maxImpostors, seed });
        expect(some.impostor).toBe(Math.min(maxImpostors, all.pairs.impostor));
        expect(some.impostorAll).toBe(all.pairs.impostor);
        expect(list(some).genuine).toEqual(list(all.pairs).genuine);
        const known = new Set(list(all.pairs).impostor);
        const drawn = list(some).impostor;
        expect(new Set(drawn).size).toBe(some.impostor);
        for (const pair of drawn) expect(known.has(pair)).toBe(true);
        expect(list(planPairs(all.samples, { maxImpostors, seed }))).toEqual(list(some));
      }),
    );
  });

  test("seeds differ, and every impostor is drawn about as often", () => {
    const samples = samplesOf(...Array.from({ length: 20 }, (_, i) => `${i >> 1}-L`));
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 2000; seed++) {
      for (const pair of list(planPairs(samples, { maxImpostors: 18, seed })).impostor)
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
    // 18 of 180 each time: 200 expected, standard deviation 13.4.
    expect(counts.size).toBe(180);
    expect(Math.min(...counts.values())).toBeGreaterThan(140);
    expect(Math.max(...counts.values())).toBeLessThan(265);
  });
});

describe("quality gate", () => {
  const words = Array.from({ length: 200 }, (_, i) => `${i >> 1}-L`);
  const pairs = planPairs(samplesOf(...words), { maxImpostors: 10 });

  test("refuses the worst 1 % and catches the comparisons they are in", () => {
    // Samples 0 and 7 are the worst; of 100 genuine comparisons the two lowest are those of samples 6 and 7, and 8 and 9.
    const overall = words.map((_, i) => (i === 0 ? 10 : i === 7 ? 20 : 50));
    const scores = Int32Array.from(pairs.probe, (p, i) =>
      i >= pairs.genuine ? 0 : p === 7 ? 100 : p === 9 ? 200 : 900,
    );
    expect(qualityGate(overall, pairs, scores)).toEqual({ limit: 50, refusedShare: 0.01, worstGenuineCaught: 0.5 });
  });

  test("a refused sample counts as probe and as reference", () => {
    const scores = Int32Array.from(pairs.probe, (p, i) => (i < pairs.genuine && (p === 7 || p === 9) ? 0 : 900));
    for (const sample of [6, 7]) {
      const overall = words.map((_, i) => (i === sample ? 20 : 50));
      expect(qualityGate(overall, pairs, scores).worstGenuineCaught).toBe(0.5);
    }
  });

  test("equal quality passes together, and failures count as refused", () => {
    const scores = new Int32Array(pairs.probe.length);
    expect(
      qualityGate(
        words.map((_, i) => (i < 3 ? 10 : 50)),
        pairs,
        scores,
      ),
    ).toMatchObject({ limit: 10, refusedShare: 0 });
    expect(
      qualityGate(
        words.map((_, i) => (i < 8 ? -1 : 50)),
        pairs,
        scores,
      ),
    ).toEqual({ limit: 0, refusedShare: 0.04, worstGenuineCaught: 1 });
  });
});
