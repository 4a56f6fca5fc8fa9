// Tables and documents of liveness calibrations: there and back, errors that name fields, ids that do not depend on who signs.
import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyTables, TABLES } from "../../tests/liveness-tables.ts";
import { coseSign, LIVENESS_DOCUMENT, rawKey } from "../cose.ts";
import { DEVELOPMENT_AUTHORITY, DEVELOPMENT_KEY, developmentPolicy } from "../policy/development.ts";
import { readLiveness, signLiveness } from "./document.ts";
import { decodeTables, encodeTables, tablesId } from "./encoding.ts";
import { checkTables, type Tables } from "./tables.ts";

const ISSUED = 1_790_000_000;
const changed = (change: object): Tables => ({ ...TABLES, ...change }) as Tables;
const ofPrint = (change: object): Tables =>
  changed({ classes: { ...TABLES.classes, print: { ...TABLES.classes["print"], ...change } } });

describe("tables in error", () => {
  const table = { weight: 1, evidence: [-1, 0, 0, 1] };
  it.each<[field: string, tables: unknown]>([
    ["tables", 5],
    ["modality", changed({ modality: "voice" })],
    ["staged", changed({ staged: 1 })],
    ["states", changed({ states: 1 })],
    ["error", changed({ states: 0 })],
    ["error", changed({ error: 0 })],
    ["terms", changed({ terms: {} })],
    ["terms", changed({ terms: { ...TABLES.terms, beauty: TABLES.terms.gradient } })],
    ["terms.gradient.high", changed({ terms: { gradient: { low: 5, high: 4, edges: [1] } } })],
    ["terms.gradient.edges", changed({ terms: { gradient: { low: 1, high: 4, edges: [2, 2] } } })],
    ["classes", changed({ classes: {} })],
    ["classes.Print", changed({ classes: { Print: TABLES.classes["print"] } })],
    ["classes.print.attacks", ofPrint({ attacks: 2 })],
    ["classes.print.offset", ofPrint({ offset: 16_001 })],
    ["classes.print.tables.gradient", ofPrint({ tables: {} })],
    ["classes.print.tables.gradient.weight", ofPrint({ tables: { gradient: { ...table, weight: 257 } } })],
    ["classes.print.tables.gradient.evidence", ofPrint({ tables: { gradient: { ...table, evidence: [1, 2, 3] } } })],
    ["classes.print.tables.gradient.evidence", ofPrint({ tables: { gradient: { ...table, evidence: [0, 1, 0, 1] } } })],
    [
      "classes.print.tables.gradient.evidence.3",
      ofPrint({ tables: { gradient: { ...table, evidence: [0, 0, 0, 4001] } } }),
    ],
  ])("are told by their field: %s", (field, tables) => {
    expect(() => checkTables(tables)).toThrow(
      expect.objectContaining({ code: "KAN-LIVENESS-INVALID", message: expect.stringContaining(`${field}: `) }),
    );
  });
});

describe("encoded tables", () => {
  it("come back as they were, and nothing else does", () => {
    fc.assert(
      fc.property(anyTables, fc.nat(), fc.nat(7), (tables, at, bit) => {
        const encoded = encodeTables(tables);
        expect(decodeTables(encoded)).toEqual(tables);
        const other = Uint8Array.from(encoded);
        other[at % other.length]! ^= 1 << bit;
        let read: Tables | undefined;
        try {
          read = decodeTables(other);
        } catch (error) {
          expect(error).toMatchObject({ code: "KAN-LIVENESS-INVALID" });
        }
        // Whatever is taken has this one encoding.
        if (read) expect(Buffer.from(encodeTables(read)).equals(other)).toBe(true);
      }),
    );
  });
});

describe("a signed calibration", () => {
  const { privateKey } = generateKeyPairSync("ed25519");
  const ours = signLiveness({ name: "eyes of type A", tables: TABLES }, DEVELOPMENT_KEY, ISSUED);

  it("comes back as it was; its id is its tables', whoever signs it and when", () => {
    expect(readLiveness(ours.document, DEVELOPMENT_AUTHORITY)).toEqual(ours);
    expect(readLiveness(ours.document)).toEqual(ours);
    const theirs = signLiveness({ name: "the same", tables: TABLES }, privateKey, ISSUED + 9);
    expect(theirs.id).toEqual(ours.id);
    expect(ours.id).toEqual(tablesId(encodeTables(TABLES)));
    expect(signLiveness({ name: "x", tables: changed({ staged: false }) }, privateKey, ISSUED).id).not.toEqual(ours.id);
  });

  it("is refused under another authority, changed, as another kind of document, or too long", () => {
    const { document } = ours;
    expect(() => readLiveness(document, rawKey(privateKey))).toThrow(/signature is not the authority's/);
    expect(() => readLiveness(document.subarray(1))).toThrow(expect.objectContaining({ code: "KAN-LIVENESS-FORM" }));
    expect(() => readLiveness(developmentPolicy().document)).toThrow(
      expect.objectContaining({ code: "KAN-LIVENESS-FORM" }),
    );
    const nothing = coseSign(LIVENESS_DOCUMENT, Uint8Array.of(0xa0), DEVELOPMENT_KEY);
    expect(() => readLiveness(nothing, DEVELOPMENT_AUTHORITY)).toThrow(
      expect.objectContaining({ code: "KAN-LIVENESS-INVALID" }),
    );
    const classes = Object.fromEntries(
      Array.from({ length: 12 }, (_, i) => {
        const long = { weight: 1, evidence: Array(16).fill(1) };
        return [
          `c${i}`,
          { ...TABLES.classes["print"], tables: { frame: long, gradient: long, spectrum: long, temporal: long } },
        ];
      }),
    );
    const term = { low: 0, high: 1, edges: Array.from({ length: 15 }, (_, i) => i) };
    const terms = { frame: term, gradient: term, spectrum: term, temporal: term };
    // All that the vocabulary of today allows fits.
    expect(
      signLiveness({ name: "large", tables: changed({ terms, classes }) }, privateKey, 0).document.length,
    ).toBeLessThan(3840);
  });
});
