// Liveness arithmetic three times over: the image's, the host's and that of a program written from docs/liveness.md alone (liveness.py), on
// the vectors of the specification and on anything that is in range.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadImage } from "../../host/evaluate/image.ts";
import { auditClass } from "../../host/liveness/audit.ts";
import { decodeTables, encodeTables, tablesId } from "../../host/liveness/encoding.ts";
import { evidenceOfSteps } from "../../host/liveness/fit.ts";
import { LivenessLab, type Measured } from "../../host/liveness/lab.ts";
import type { Tables } from "../../host/liveness/tables.ts";
import type { Liveness } from "../../host/policy/document.ts";
import { compareLiveness, floorOf, trialsFor } from "../../host/policy/liveness.ts";
import { anyMeasured, anyTables } from "../liveness-tables.ts";
import { buildImage, startImage } from "./image.ts";

const VECTORS = join(import.meta.dirname, "../vectors/liveness.json");
const SCRIPT = join(import.meta.dirname, "liveness.py");
interface Document {
  tables: { [name: string]: Tables };
  vectors: { [kind: string]: { [field: string]: unknown; result: unknown }[] };
}
const document = JSON.parse(readFileSync(VECTORS, "utf8")) as Document;
const lab = new LivenessLab(loadImage().module);
const harness = startImage(await buildImage());
const call = (name: string, ...args: (number | bigint)[]) =>
  (harness.call[name] as (...a: (number | bigint)[]) => number)(...args);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const NEAREST = 1n << 43n;
const UP = (1n << 44n) - 1n;

/** Class names in the order in which evidence is given. */
const named = (tables: Tables, values: readonly number[]) => {
  const names = Object.keys(tables.classes).sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  return Object.fromEntries(names.map((name, k) => [name, values[k]]));
};
type InHex = Omit<Liveness, "calibration"> & { calibration: string };
const policy = (of: InHex): Liveness => ({ ...of, calibration: Buffer.from(of.calibration, "hex") });

/** How the image or the host works a kind out. */
const WORK: { [kind: string]: (vector: never) => unknown } = {
  log2: ({ numerator, denominator }: { numerator: number; denominator: number }) =>
    [0n, NEAREST, UP].map((way) => call("millibits", BigInt(numerator), BigInt(denominator), way)),
  entropy: ({ counts, least }: { counts: number[]; least: number }) => lab.entropy(counts, least),
  steps: ({ bona_fide, attacks }: { bona_fide: number[]; attacks: number[] }) => evidenceOfSteps(bona_fide, attacks),
  encoding: ({ tables }: { tables: Tables }) => hex(encodeTables(tables)),
  id: ({ tables }: { tables: Tables }) => hex(tablesId(encodeTables(tables))),
  evidence: ({ tables, measured }: { tables: Tables; measured: Measured }) =>
    named(tables, lab.evidence(encodeTables(tables), measured)),
  challenge: ({ states, error }: { states: number; error: number }) => {
    // A class of which nothing but the challenge counts.
    const table = { gradient: { weight: 0, evidence: [0, 0] } };
    const terms = { gradient: { low: 0, high: 0, edges: [0] } };
    const classes = { replay: { attacks: 0xffff_ffff, offset: 0, challenge: true, tables: table } };
    const tables = encodeTables({ modality: "iris", staged: true, states, error, terms, classes });
    return [{ right: 1 }, { wrong: 1 }].flatMap((answer) => lab.evidence(tables, { terms: {}, ...answer }));
  },
  sequential: (v: { evidence: number; floor: number; low: number; more: boolean }) =>
    ["accept", "reject", "continue"][call("verdict", v.evidence, v.floor, v.low, Number(v.more))],
  compare: ({ a, b }: { a: InHex; b: InHex }) => compareLiveness(policy(a), policy(b)),
  floor: ({ limit, tries }: { limit: string; tries: number }) => floorOf(Number(limit), tries),
  trials: ({ limit }: { limit: string }) => trialsFor(Number(limit)),
  audit: ({ bona_fide, attacks }: { bona_fide: number[]; attacks: number[] }) => {
    const { law, cllr, minCllr, entropy } = auditClass({ bonaFide: bona_fide, attacks });
    return { cllr, minCllr, entropy, law: law.map(({ reached, holds }) => ({ reached, holds })) };
  },
};
/** Kinds that only a whole session answers: tests/liveness.test.ts. */
const OF_SESSIONS = ["decision"];

describe("the vectors of the specification", () => {
  it("are of kinds that are worked out here or in a session", () => {
    expect(Object.keys(document.vectors).sort()).toEqual([...Object.keys(WORK), ...OF_SESSIONS].sort());
  });

  const cases = Object.entries(document.vectors).flatMap(([kind, group]) =>
    kind in WORK ? group.map((vector, i) => [kind, i, vector] as const) : [],
  );
  it.each(cases)("%s %i", (kind, _, vector) => {
    const given = "tables" in vector ? { ...vector, tables: document.tables[vector["tables"] as string] } : vector;
    const found = WORK[kind]?.(given as never);
    if (kind !== "audit") expect(found).toEqual(vector.result);
    else {
      const { law, ...figures } = vector.result as { law: unknown; [figure: string]: unknown };
      expect(found).toMatchObject({ law });
      for (const [name, value] of Object.entries(figures))
        expect((found as { [name: string]: number })[name], name).toBeCloseTo(value as number, 9);
    }
  });
});

describe("evidence from the image", () => {
  it("is never above any class's cap, is the same without what was not measured, and no class's score is above another's by being named", () => {
    fc.assert(
      fc.property(anyTables, anyMeasured, (tables, measured) => {
        const encoded = encodeTables(tables);
        const values = named(tables, lab.evidence(encoded, measured));
        const score = Math.min(...(Object.values(values) as number[]));
        for (const [name, value] of Object.entries(values)) {
          expect(score).toBeLessThanOrEqual(value as number);
          const { attacks, offset, challenge } = tables.classes[name] as Tables["classes"][string];
          const cap = Math.floor(1000 * Math.log2(attacks / 3) + 1e-9);
          expect(value).toBeLessThanOrEqual(cap);
          const nothing = named(tables, lab.evidence(encoded, { terms: {} }))[name] as number;
          expect(nothing).toBe(Math.min(offset, cap));
          if (!challenge) expect(named(tables, lab.evidence(encoded, { terms: measured.terms }))[name]).toBe(value);
        }
      }),
    );
  });

  it("of one term goes one way as the term does, within the guard", () => {
    fc.assert(
      fc.property(
        anyTables,
        fc.array(fc.integer({ min: -32_768, max: 32_767 }), { minLength: 2, maxLength: 9 }),
        (tables, raw) => {
          const [term] = Object.keys(tables.terms) as [keyof Tables["terms"]];
          const { low, high } = tables.terms[term] as { low: number; high: number };
          const encoded = encodeTables(tables);
          const inside = raw.filter((x) => x >= low && x <= high).sort((a, b) => a - b);
          const rows = inside.map((x) => lab.evidence(encoded, { terms: { [term]: x } }));
          for (const [k] of Object.keys(tables.classes).entries()) {
            const signs = rows.slice(1).map((row, i) => Math.sign((row[k] as number) - (rows[i]?.[k] as number)));
            expect(signs.includes(1) && signs.includes(-1)).toBe(false);
          }
        },
      ),
    );
  });
});

const python = spawnSync("python3", ["-V"], { stdio: "ignore" }).status === 0;
describe.skipIf(!python)("liveness.py (skipped where python3 is missing)", () => {
  it("works out every vector", () => {
    const { stdout, stderr } = spawnSync("python3", [SCRIPT, "vectors", VECTORS], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual({
      verified: true,
      checked: Object.values(document.vectors).flat().length,
      wrong: [],
    });
  });

  it("gives what the image gives, of any histogram, tables, presentation and counts", () => {
    const counts = fc
      .integer({ min: 1, max: 64 })
      .chain((bins) => fc.array(fc.oneof(fc.nat(20), fc.nat(120)), { minLength: bins, maxLength: bins }));
    const pairs = fc.integer({ min: 2, max: 16 }).chain((n) => {
      const side = fc.array(fc.nat(300), { minLength: n, maxLength: n });
      return fc.tuple(side, side);
    });
    const questions = [
      ...fc.sample(counts, { numRuns: 400, seed: 1 }).map((c, i) => {
        const least = i % 3 === 0 ? 16 : 0;
        return { ask: { counts: c, least }, expected: lab.entropy(c, least) as unknown };
      }),
      ...fc.sample(fc.tuple(anyTables, anyMeasured), { numRuns: 300, seed: 2 }).map(([tables, measured]) => {
        const encoded = encodeTables(tables);
        expect(decodeTables(encoded)).toEqual(tables);
        return { ask: { tables: hex(encoded), measured }, expected: lab.evidence(encoded, measured) };
      }),
      ...fc.sample(pairs, { numRuns: 200, seed: 3 }).map(([bona_fide, attacks]) => {
        return { ask: { bona_fide, attacks }, expected: evidenceOfSteps(bona_fide, attacks) };
      }),
    ];
    const input = questions.map(({ ask }) => JSON.stringify(ask)).join("\n");
    const { stdout, stderr } = spawnSync("python3", [SCRIPT, "answer"], {
      encoding: "utf8",
      input,
      maxBuffer: 1 << 26,
    });
    expect(stderr).toBe("");
    const answers = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    expect(answers).toHaveLength(questions.length);
    for (const [i, { ask, expected }] of questions.entries()) expect(answers[i], JSON.stringify(ask)).toEqual(expected);
  });
});
