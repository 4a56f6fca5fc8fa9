// Liveness tables for tests: a small calibration worked out by hand (the vectors of docs/liveness.md), and any that are in range.
import fc from "fast-check";
import type { Tables } from "../host/liveness/tables.ts";
import type { Liveness } from "../host/policy/document.ts";
import { LIVENESS_TERMS } from "../host/vocabulary.ts";

/** One term of four steps; bona fide (1, 1, 2, 12) and attacks (12, 2, 1, 1) counted in them. */
export const TABLES: Tables = {
  modality: "iris",
  staged: true,
  states: 8,
  error: 1024,
  terms: { gradient: { low: 3000, high: 4000, edges: [3200, 3400, 3600] } },
  classes: {
    print: {
      attacks: 16,
      offset: 0,
      challenge: false,
      tables: { gradient: { weight: 128, evidence: [-3059, -737, 737, 3059] } },
    },
    replay: {
      attacks: 96,
      offset: -100,
      challenge: true,
      tables: { gradient: { weight: 256, evidence: [-500, -500, 250, 600] } },
    },
  },
};

const raw = fc.integer({ min: -32_768, max: 32_767 });

/** Any tables that are in range. */
export const anyTables: fc.Arbitrary<Tables> = fc
  .record({
    terms: fc.uniqueArray(fc.constantFrom(...LIVENESS_TERMS), { minLength: 1, maxLength: 4 }),
    steps: fc.array(fc.integer({ min: 2, max: 16 }), { minLength: 4, maxLength: 4 }),
    names: fc.uniqueArray(fc.stringMatching(/^[a-z][a-z0-9_]{0,15}$/), { minLength: 1, maxLength: 12 }),
    states: fc.oneof(fc.constant(0), fc.integer({ min: 2, max: 65_536 })),
    error: fc.integer({ min: 1, max: 65_535 }),
    modality: fc.constantFrom("iris" as const, "palm" as const, "face" as const),
    staged: fc.boolean(),
  })
  .chain(({ terms, steps, names, states, error, modality, staged }) => {
    const ofTerm = (i: number) =>
      fc
        .record({
          ends: fc.tuple(raw, raw),
          edges: fc.uniqueArray(raw, { minLength: (steps[i] as number) - 1, maxLength: (steps[i] as number) - 1 }),
        })
        .map(({ ends, edges }) => ({
          low: Math.min(...ends),
          high: Math.max(...ends),
          edges: edges.sort((a, b) => a - b),
        }));
    const ofTable = (i: number) =>
      fc
        .record({
          weight: fc.integer({ min: 0, max: 256 }),
          evidence: fc.array(fc.integer({ min: -4000, max: 4000 }), {
            minLength: steps[i] as number,
            maxLength: steps[i] as number,
          }),
          falls: fc.boolean(),
        })
        .map(({ weight, evidence, falls }) => ({ weight, evidence: evidence.sort((a, b) => (falls ? b - a : a - b)) }));
    const each = <T>(of: (i: number) => fc.Arbitrary<T>) =>
      fc.record(Object.fromEntries(terms.map((term, i) => [term, of(i)])));
    const ofClass = fc.record({
      attacks: fc.oneof(fc.integer({ min: 3, max: 500 }), fc.integer({ min: 3, max: 0xffff_ffff })),
      offset: fc.integer({ min: -16_000, max: 16_000 }),
      challenge: fc.boolean(),
      tables: each(ofTable),
    });
    return fc.record({
      modality: fc.constant(modality),
      staged: fc.constant(staged),
      states: fc.constant(states),
      error: fc.constant(states === 0 ? 0 : Math.min(error, Math.floor((65_536 * (states - 1)) / states))),
      terms: each(ofTerm),
      classes: fc.record(Object.fromEntries(names.map((name) => [name, ofClass]))),
    });
  }) as fc.Arbitrary<Tables>;

const limits = fc.record({ least: raw, most: raw }, { requiredKeys: [] });

/** Anything that a policy may ask of liveness, of one calibration; class names repeat among them. */
export const anyLiveness: fc.Arbitrary<Liveness> = fc.record({
  calibration: fc.constant(new Uint8Array(32).fill(7)),
  classes: fc
    .dictionary(
      fc.constantFrom("print", "screen", "mask", "replay", "lens"),
      fc.integer({ min: -16_000, max: 16_000 }),
      {
        minKeys: 1,
        maxKeys: 5,
      },
    )
    .map((classes) => ({ ...classes })),
  terms: fc.record(Object.fromEntries(LIVENESS_TERMS.map((term) => [term, limits])), { requiredKeys: [] }),
  least_ms: fc.integer({ min: 0, max: 60_000 }),
});

/** Anything that may have been measured, terms missing too. */
export const anyMeasured = fc.record({
  terms: fc.record(Object.fromEntries(LIVENESS_TERMS.map((term) => [term, raw])), { requiredKeys: [] }),
  right: fc.nat(20),
  wrong: fc.nat(20),
});
