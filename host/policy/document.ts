// The policy document: its fields, their ranges and its encoding (docs/policy.md). The device parses the same document with its
// own code (assembly/session/policy.ts) and refuses what this schema refuses; a test holds the two together.
import { decode, encode, rfc8949EncodeOptions } from "cborg";
import { z } from "zod";
import { KanmonError } from "../errors.ts";
import { CLASSES_MAX, ClassName, TermName } from "../liveness/tables.ts";
import { QUALITY_MEASURES } from "../vocabulary.ts";

const int = (low: number, high: number) => z.int().min(low).max(high);

const Quality = z.strictObject(Object.fromEntries(QUALITY_MEASURES.map((name) => [name, int(0, 100).optional()])));

/** Lowest and highest floor, millibits. */
const FLOOR = 16_000;
/** Limits that exclude one another are taken: two policies always have a join, be it one that accepts nobody. */
const Limits = z.strictObject({ least: int(-32_768, 32_767).optional(), most: int(-32_768, 32_767).optional() });

/** What a policy asks of liveness (docs/liveness.md, section 4). */
const Liveness = z.strictObject({
  /** Id of the calibration under which evidence is weighed: SHA-256 of its tables. Floors mean nothing under another. */
  calibration: z.custom<Uint8Array>((id) => id instanceof Uint8Array && id.length === 32, {
    error: "must be an id of 32 bytes",
  }),
  /** Least evidence against each class of attacks, millibits. */
  classes: z.record(ClassName, int(-FLOOR, FLOOR)).refine((classes) => {
    const count = Object.keys(classes).length;
    return count >= 1 && count <= CLASSES_MAX;
  }, `must be 1 to ${CLASSES_MAX}`),
  /** Terms that must be measured, and the raw values, millibits, between which they must be. */
  terms: z.partialRecord(TermName, Limits),
  /** Least time from the first byte of a session's frames to the last. */
  least_ms: int(0, 60_000),
});
export type Liveness = z.infer<typeof Liveness>;

const Modality = z
  .strictObject({
    /** Least comparison score to accept a claim, 1..1,000,000. */
    threshold: int(1, 1_000_000),
    /** Least comparison score to accept when all references are searched; at least `threshold`. */
    identify_threshold: int(1, 1_000_000),
    /** Most samples that are joined in a reference at enrolment: the best of those captured. */
    samples: int(1, 4),
    quality: Quality,
    /** How liveness is judged; absent: it is recorded as not judged. */
    liveness: Liveness.optional(),
    /** Whether modules that match by themselves may be used (hal/on-module.ts); absent: they may not. The host enforces it. */
    on_module: z.boolean().optional(),
  })
  .refine((m) => m.identify_threshold >= m.threshold, {
    path: ["identify_threshold"],
    message: "must be at least threshold: a search makes more comparisons",
  });

const Policy = z
  .strictObject({
    v: z.literal(1),
    /** Printable ASCII, 1 to 64 characters: it is shown to people, on any terminal. */
    name: z.string().regex(/^[ -~]{1,64}$/, "must be 1 to 64 printable ASCII characters"),
    /** Values are for development: nothing measured with them is a certificate's figure. */
    development: z.boolean(),
    /** When it was issued, seconds since 1970; a device refuses one that is older than its own. */
    issued: int(0, 0xffff_ffff),
    /** Ed25519 public key of the authority that signs this document. */
    authority: z.custom<Uint8Array>((key) => key instanceof Uint8Array && key.length === 32, {
      error: "must be an Ed25519 public key of 32 bytes",
    }),
    /** Failed tries in a row after which a user is locked. */
    tries: int(1, 100),
    /** Delay after the first failed try, doubled for each further one. */
    delay_ms: int(0, 3_600_000),
    delay_max_ms: int(0, 86_400_000),
    /** Days after which a reference is deleted. */
    retention_days: int(1, 3_650),
    /** Days after which the key epoch is rotated. */
    rotation_days: int(1, 3_650),
    /** Modalities that may be used; one that is absent is not permitted. */
    modalities: z.strictObject({ palm: Modality.optional(), iris: Modality.optional(), face: Modality.optional() }),
  })
  .refine((p) => p.delay_max_ms >= p.delay_ms, { path: ["delay_max_ms"], message: "must be at least delay_ms" });

export type Policy = z.infer<typeof Policy>;

/** Checks a policy; throws KAN-POLICY-INVALID that lists each field in error by its path. */
export function checkPolicy(value: unknown): Policy {
  const result = Policy.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join(".") || "document"}: ${issue.message}`);
  throw new KanmonError(
    "KAN-POLICY-INVALID",
    `policy: ${problems.join("; ")}`,
    "Correct the fields named; docs/policy.md has their ranges.",
  );
}

/** The payload that is signed: deterministic CBOR (RFC 8949 section 4.2.1). Throws KAN-POLICY-INVALID. */
export function encodePolicy(policy: Policy): Uint8Array {
  return encode(withoutAbsent(checkPolicy(policy)), rfc8949EncodeOptions);
}

/** Reads a payload. Throws KAN-POLICY-INVALID where it is not CBOR, not deterministic, or not a policy. */
export function decodePolicy(payload: Uint8Array): Policy {
  let value: unknown;
  try {
    value = decode(payload, {
      strict: true,
      allowIndefinite: false,
      allowUndefined: false,
      rejectDuplicateMapKeys: true,
    });
  } catch (cause) {
    throw new KanmonError(
      "KAN-POLICY-INVALID",
      `policy: ${(cause as Error).message}`,
      "The payload is not CBOR; ask its authority for the document again.",
    );
  }
  const policy = checkPolicy(value);
  if (!Buffer.from(payload).equals(encodePolicy(policy)))
    throw new KanmonError(
      "KAN-POLICY-INVALID",
      "policy: not deterministic CBOR",
      "Sign it again with `kanmon policy`, which encodes it as RFC 8949 section 4.2.1 says.",
    );
  return policy;
}

/** Optional fields that were given as undefined are left out: CBOR has an undefined of its own. */
function withoutAbsent(value: unknown): unknown {
  if (value instanceof Uint8Array || value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, withoutAbsent(inner)]),
  );
}
