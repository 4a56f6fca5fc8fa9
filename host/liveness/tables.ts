// The tables of a liveness calibration: fields and ranges (docs/liveness.md, section 5). The image holds the same bytes to the same ranges with
// its own code (assembly/liveness/tables.ts); a test holds the two together.
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

export const Term = z
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
export const Table = z.strictObject({
  /** In n/256. */
  weight: int(0, WEIGHT_ONE),
  /** Millibits, a step each: one more than the term has edges. */
  evidence: z.array(lambda).refine(isMonotone, "must rise or fall throughout"),
});
export const Class = z.strictObject({
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
    else if (states > 0 && error * states > ERROR_ONE * (states - 1))
      refuse(["error"], "must be smaller: a wrong answer would speak for being alive");
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
export type Term = z.infer<typeof Term>;
export type Table = z.infer<typeof Table>;
export type Class = z.infer<typeof Class>;

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

/** An error of a liveness calibration. */
export function invalid(what: string): KanmonError {
  return new KanmonError(
    "KAN-LIVENESS-INVALID",
    `liveness calibration: ${what}`,
    "Correct the fields named; docs/liveness.md, section 5, has their ranges.",
  );
}
