// The tables of a liveness calibration: fields, ranges and deterministic encoding (docs/liveness.md, section 5). The SHA-256 of the encoding
// is the calibration's id: whoever signs it, and whenever, the same tables have the same id. The image reads the same bytes with its own
// code (assembly/liveness/tables.ts); a test holds the two together.
import { createHash } from "node:crypto";
import { decode, encode, rfc8949EncodeOptions } from "cborg";
import { z } from "zod";
import { KanmonError } from "../errors.ts";
import { LIVENESS_TERMS } from "../vocabulary.ts";

/** As the image has them (assembly/liveness/tables.ts). */
export const LAMBDA_MAX = 4000;
export const OFFSET_MAX = 16_000;
export const STEPS_MAX = 16;
export const CLASSES_MAX = 12;
/** A weight of 1, and a challenge error of 1. */
export const WEIGHT_ONE = 256;
export const ERROR_ONE = 65_536;

const int = (low: number, high: number) => z.int().min(low).max(high);
const raw = int(-32_768, 32_767);
const lambda = int(-LAMBDA_MAX, LAMBDA_MAX);

/** A class of attack presentations, as policies name it. */
export const ClassName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,15}$/, "must be a letter and at most 15 of a-z, 0-9 and _");
export const TermName = z.enum(LIVENESS_TERMS);

const Term = z
  .strictObject({
    /** The raw values, millibits, between which nearly all bona fide presentations are: outside, no evidence for one is taken. */
    low: raw,
    high: raw,
    /** Where a table's next step begins, millibits, ascending. */
    edges: z
      .array(raw)
      .min(1)
      .max(STEPS_MAX - 1),
  })
  .refine(({ low, high }) => low <= high, { path: ["high"], message: "must be at least low" })
  .refine(({ edges }) => edges.every((edge, i) => i === 0 || (edges[i - 1] as number) < edge), {
    path: ["edges"],
    message: "must ascend",
  });
const Table = z.strictObject({
  /** In n/256. */
  weight: int(0, WEIGHT_ONE),
  /** Millibits, a step each: one more than the term has edges. */
  evidence: z.array(lambda).refine(isMonotone, "must rise or fall throughout"),
});
const Class = z.strictObject({
  /** Attack presentations on which the class was calibrated: they cap what it may claim. */
  attacks: int(3, 0xffff_ffff),
  /** Millibits. */
  offset: int(-OFFSET_MAX, OFFSET_MAX),
  /** Whether answers to the light challenge count against this class: replay and injection, never what is lit by the live LEDs. */
  challenge: z.boolean(),
  tables: z.partialRecord(TermName, Table),
});

export const Tables = z
  .strictObject({
    modality: z.enum(["iris", "palm", "face"]),
    /** True: fitted on attacks that were staged by transforms of pictures, not on artefacts; certifies nothing. */
    staged: z.boolean(),
    /** States of a challenge slot, equally likely; 0: there is no challenge. */
    states: z.union([z.literal(0), int(2, 65_536)]),
    /** How often a bona fide presentation gives the wrong answer, in n/65,536. */
    error: int(0, ERROR_ONE - 1),
    terms: z.partialRecord(TermName, Term),
    classes: z.record(ClassName, Class),
  })
  .superRefine(({ terms, classes, states, error }, context) => {
    const refuse = (path: (string | number)[], message: string) =>
      context.addIssue({ code: "custom", path, message, input: undefined });
    const names = Object.keys(terms);
    if (names.length === 0) refuse(["terms"], "must have one at least");
    const count = Object.keys(classes).length;
    if (count < 1 || count > CLASSES_MAX) refuse(["classes"], `must be 1 to ${CLASSES_MAX}`);
    if (states > 0 !== error > 0) refuse(["error"], "must be 0 without a challenge, and greater than 0 with one");
    for (const [name, { tables }] of Object.entries(classes)) {
      for (const extra of Object.keys(tables).filter((term) => !(term in terms)))
        refuse(["classes", name, "tables", extra], "is not one of the terms");
      for (const [term, { edges }] of Object.entries(terms)) {
        const table = tables[term as keyof typeof tables];
        const path = ["classes", name, "tables", term];
        if (!table) refuse(path, "is missing");
        else if (table.evidence.length !== edges.length + 1)
          refuse([...path, "evidence"], `must have ${edges.length + 1} values`);
      }
    }
  });
export type Tables = z.infer<typeof Tables>;
export type TermName = z.infer<typeof TermName>;

function isMonotone(values: readonly number[]): boolean {
  const steps = values.slice(1).map((value, i) => Math.sign(value - (values[i] as number)));
  return !(steps.includes(1) && steps.includes(-1));
}

/** Checks tables; throws KAN-LIVENESS-INVALID that lists each field in error by its path. */
export function checkTables(value: unknown): Tables {
  const result = Tables.safeParse(value);
  if (result.success) return result.data;
  throw invalid(result.error.issues.map(({ path, message }) => `${path.join(".") || "tables"}: ${message}`).join("; "));
}

/** Names in the order of their encoded keys: shorter first, then bytewise. */
function ordered<V>(map: { [name: string]: V | undefined }): [name: string, value: V][] {
  const present = Object.entries(map).filter((entry): entry is [string, V] => entry[1] !== undefined);
  return present.sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1));
}

/** The terms in the order in which the tables of a class stand. */
export function termOrder({ terms }: Tables): TermName[] {
  return ordered(terms).map(([name]) => name as TermName);
}

function shorts(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt16LE(value & 0xffff, 2 * i);
  return bytes;
}

/** The deterministic CBOR of tables. Throws KAN-LIVENESS-INVALID. */
export function encodeTables(value: Tables): Uint8Array {
  const tables = checkTables(value);
  const order = termOrder(tables);
  const terms = ordered(tables.terms).map(([name, { low, high, edges }]) => [name, shorts([low, high, ...edges])]);
  const classes = ordered(tables.classes).map(([name, one]) => {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(one.attacks, 0);
    head.writeInt16LE(one.offset, 4);
    head.writeUInt16LE(one.challenge ? 1 : 0, 6);
    const blocks = order.map((term) => {
      const { weight, evidence } = one.tables[term] as z.infer<typeof Table>;
      return shorts([weight, ...evidence]);
    });
    return [name, Buffer.concat([head, ...blocks])];
  });
  const { modality, staged, states, error } = tables;
  const map = {
    modality,
    staged,
    states,
    error,
    terms: Object.fromEntries(terms),
    classes: Object.fromEntries(classes),
  };
  return encode(map, rfc8949EncodeOptions);
}

const Encoded = z.strictObject({
  modality: z.string(),
  staged: z.boolean(),
  states: z.int(),
  error: z.int(),
  terms: z.record(z.string(), z.instanceof(Uint8Array)),
  classes: z.record(z.string(), z.instanceof(Uint8Array)),
});

/** Reads the tables of an encoding, whole and deterministic. Throws KAN-LIVENESS-INVALID. */
export function decodeTables(bytes: Uint8Array): Tables {
  const map = Encoded.safeParse(decodeStrictly(bytes));
  if (!map.success) throw invalid("not a map of tables");
  const terms = ordered(map.data.terms).map(([name, block]): [string, z.infer<typeof Term>] => {
    const [low = 0, high = 0, ...edges] = shortsOf(block);
    return [name, { low, high, edges }];
  });
  const classes = ordered(map.data.classes).map(([name, block]) => [name, classOf(block, terms)]);
  const { modality, staged, states, error } = map.data;
  const tables = checkTables({
    modality,
    staged,
    states,
    error,
    terms: Object.fromEntries(terms),
    classes: Object.fromEntries(classes),
  });
  if (!Buffer.from(bytes).equals(encodeTables(tables))) throw invalid("not the one encoding of its values");
  return tables;
}

function classOf(block: Uint8Array, terms: readonly [string, z.infer<typeof Term>][]): z.infer<typeof Class> {
  const bytes = Buffer.from(block.subarray(0, 8));
  if (bytes.length < 8) throw invalid("a class is cut short");
  const values = shortsOf(block.subarray(8));
  const tables = terms.map(([name, { edges }]) => {
    const [weight = 0, ...evidence] = values.splice(0, edges.length + 2);
    return [name, { weight, evidence }];
  });
  const flags = bytes.readUInt16LE(6);
  if (flags > 1) throw invalid("a class has flags that are not known");
  const [attacks, offset] = [bytes.readUInt32LE(0), bytes.readInt16LE(4)];
  return { attacks, offset, challenge: flags === 1, tables: Object.fromEntries(tables) };
}

function shortsOf(block: Uint8Array): number[] {
  const bytes = Buffer.from(block);
  return Array.from({ length: bytes.length >> 1 }, (_, i) => bytes.readInt16LE(2 * i));
}

/** Decodes CBOR without leniency; what is none gives undefined. */
export function decodeStrictly(bytes: Uint8Array): unknown {
  try {
    return decode(bytes, { strict: true, allowIndefinite: false, allowUndefined: false, rejectDuplicateMapKeys: true });
  } catch {
    return undefined;
  }
}

/** The calibration's id: SHA-256 of the encoded tables. */
export function tablesId(encoded: Uint8Array): Uint8Array {
  return createHash("sha256").update(encoded).digest();
}

/** An error of a liveness calibration. */
export function invalid(what: string): KanmonError {
  return new KanmonError(
    "KAN-LIVENESS-INVALID",
    `liveness calibration: ${what}`,
    "Correct the fields named; docs/liveness.md, section 5, has their ranges.",
  );
}
