// Floors of liveness compared: a lattice under one calibration, nothing under two; limits as error rates.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyLiveness } from "../../tests/liveness-tables.ts";
import type { Liveness } from "./document.ts";
import { compareLiveness, floorOf, joinLiveness, trialsFor } from "./liveness.ts";

const BASE: Liveness = {
  calibration: new Uint8Array(32).fill(7),
  classes: { print: 2737, screen: 2737 },
  terms: { gradient: { least: 3000 } },
  least_ms: 0,
};
const join = (a: Liveness, b: Liveness) => joinLiveness(a, b) as Liveness;
const below = (a: Liveness, b: Liveness) => ["same", "stricter"].includes(compareLiveness(a, b));

describe("two policies' liveness", () => {
  it.each<[word: string, change: Partial<Liveness>]>([
    ["same", {}],
    ["stricter", { classes: { print: 3837, screen: 2737 } }],
    ["stricter", { classes: { ...BASE.classes, mask: -100 } }],
    ["stricter", { terms: { gradient: { least: 3000, most: 4000 } } }],
    ["stricter", { terms: { ...BASE.terms, temporal: {} } }],
    ["stricter", { least_ms: 3000 }],
    ["looser", { classes: { print: 2737 } }],
    ["looser", { terms: { gradient: {} } }],
    ["incomparable", { classes: { print: 3837 } }],
    ["incomparable", { classes: { print: 3837, screen: 0 } }],
    ["incomparable", { least_ms: 1, terms: {} }],
    ["incomparable", { calibration: new Uint8Array(32) }],
  ])("are %s where the second has %o", (word, change) => {
    expect(compareLiveness(BASE, { ...BASE, ...change })).toBe(word);
  });

  it("have no join under two calibrations", () => {
    expect(joinLiveness(BASE, { ...BASE, calibration: new Uint8Array(32) })).toBeUndefined();
  });

  it("have a least upper bound under one", () => {
    fc.assert(
      fc.property(anyLiveness, anyLiveness, anyLiveness, (a, b, c) => {
        const both = join(a, b);
        expect(below(a, both) && below(b, both)).toBe(true);
        expect(both).toEqual(join(b, a));
        expect(compareLiveness(a, join(a, a))).toBe("same");
        expect(join(join(a, b), c)).toEqual(join(a, join(b, c)));
        // Whatever is as strict as both is as strict as the join: c made so, and c itself where it is.
        const bound = join(c, both);
        expect(below(both, bound)).toBe(true);
        if (below(a, c) && below(b, c)) expect(below(both, c)).toBe(true);
        // The order is one: what goes both ways is the same.
        if (below(a, b) && below(b, a)) expect(compareLiveness(a, b)).toBe("same");
      }),
    );
  });
});

describe("a limit on the error rate", () => {
  it("is a floor, rounded up, more for more tries; and asks for trials", () => {
    const limits = [0.3, 0.2, 0.15, 0.07, 0.05, 0.01];
    expect(limits.map((limit) => floorOf(limit))).toEqual([1737, 2322, 2737, 3837, 4322, 6644]);
    expect(limits.map(trialsFor)).toEqual([10, 15, 20, 43, 60, 300]);
    expect(floorOf(0.07, 3)).toBe(5422);
  });
});
