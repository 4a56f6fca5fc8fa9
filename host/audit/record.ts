// PEC records as the host reads them: decoded, checked field by field, and put in readable form. The words are those of the image
// (assembly/pec/words.ts); docs/pec.md explains each field.
import { decode, encode, rfc8949EncodeOptions } from "cborg";
import { z } from "zod";
import { KanmonError } from "../errors.ts";
import { BANDS, DECISIONS, MODALITIES, PURPOSES, REASONS } from "../vocabulary.ts";

const count = z.int().min(0);
const bytes = (length: number, least = length) =>
  z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length >= least && value.length <= length, {
    error: least === length ? `must be ${length} bytes` : `must be ${least} to ${length} bytes`,
  });

const Record = z.strictObject({
  v: z.literal(1),
  index: count,
  image: bytes(32),
  policy: bytes(32),
  purpose: z.enum(PURPOSES),
  decision: z.enum(DECISIONS),
  reason: z.enum(REASONS),
  epoch: count,
  bytes_wiped: count,
  modality: z.enum(MODALITIES).optional(),
  band: z.enum(BANDS).optional(),
  subject: bytes(16).optional(),
  samples: count.optional(),
  quality: z.record(z.string(), z.int().min(0).max(100)).optional(),
  liveness: z
    .strictObject({ score: z.int().nullable(), floor: z.int().nullable(), terms: z.record(z.string(), z.int()) })
    .optional(),
  tries: count.optional(),
  bytes_in: count.optional(),
  bytes_out: count.optional(),
  nonce: bytes(32, 8).optional(),
  calibration: bytes(32).optional(),
  opened: count.optional(),
  uptime_us: count.optional(),
  duration_us: count.optional(),
});

/** One session's record. Optional fields are absent where they do not apply. */
export type PecRecord = z.infer<typeof Record>;

/** Longest record of a device (RECORD_BYTES of the image). */
export const RECORD_BYTES = 640;

/**
 * Decodes and checks a record. Throws KAN-LOG-RECORD where it is not CBOR, not deterministic, or a field is missing, unknown or out
 * of range, naming each field. `index`: the place in the log that it was found at, which the record itself must name.
 */
export function decodeRecord(entry: Uint8Array, index?: number): PecRecord {
  let value: unknown;
  try {
    value = decode(entry, {
      strict: true,
      allowIndefinite: false,
      allowUndefined: false,
      rejectDuplicateMapKeys: true,
    });
  } catch (cause) {
    throw recordError((cause as Error).message);
  }
  const result = Record.safeParse(value);
  if (!result.success)
    throw recordError(
      result.error.issues.map((issue) => `${issue.path.join(".") || "record"}: ${issue.message}`).join("; "),
    );
  if (!Buffer.from(encode(value, rfc8949EncodeOptions)).equals(entry)) throw recordError("not deterministic CBOR");
  if (index !== undefined && result.data.index !== index)
    throw recordError(`index: it says ${result.data.index}, and stands at ${index}`);
  return result.data;
}

/** A record for people and JSON: bytes in hexadecimal, the time of opening (the host's, asserted) as a date. */
export function readableRecord(record: PecRecord): { [field: string]: unknown } {
  const readable = Object.entries(record).map(([key, value]) => [
    key,
    value instanceof Uint8Array
      ? Buffer.from(value).toString("hex")
      : key === "opened"
        ? dateOf(value as number)
        : value,
  ]);
  return Object.fromEntries(readable);
}

/** Seconds since 1970 as ISO 8601; as a number where no calendar reaches. */
function dateOf(seconds: number): string | number {
  return seconds <= 8.64e12 ? new Date(seconds * 1000).toISOString() : seconds;
}

function recordError(what: string): KanmonError {
  return new KanmonError(
    "KAN-LOG-RECORD",
    `log: not a PEC record: ${what}`,
    "The entry was changed, or comes from an image of another version; compare its image digest and docs/pec.md.",
  );
}
