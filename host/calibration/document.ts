// The calibration of a face sensor's unit: its fields, their ranges, its encoding and signature (docs/calibration.md). The device parses
// the same document with its own code (assembly/session/calibration.ts); a test holds the two together.
import { createHash, type KeyObject } from "node:crypto";
import { decode, encode, rfc8949EncodeOptions } from "cborg";
import { z } from "zod";
import { CALIBRATION_DOCUMENT, coseOpen, coseSign, coseVerify, rawKey } from "../cose.ts";
import { EXIT, KanmonError } from "../errors.ts";

const finite = z.number().refine(Number.isFinite, "must be a finite number");
const positive = finite.refine((value) => value > 0, "must be greater than 0");
/** As the device counts it (UNIT_MAX of assembly/session/calibration.ts). */
const UNIT_BYTES = 64;
const unit = z
  .string()
  .min(1)
  .refine((name) => Buffer.byteLength(name) <= UNIT_BYTES, `must be at most ${UNIT_BYTES} bytes`);
const row = z.tuple([finite, finite, finite, finite]);

/**
 * How a unit measures: the camera's pinhole (fx, fy, cx, cy in pixels, the centre of the first pixel is 0, 0), its radial distortion (k1,
 * k2: Brown 1966, of normalised coordinates), the projector as two rows of its matrix (absolute phase in radians = a·[X Y Z 1] / b·[X Y Z
 * 1], millimetres; all 0: the sensor gives depth itself), and the distances in millimetres between which it measures.
 */
export const Geometry = z.strictObject({
  fx: positive,
  fy: positive,
  cx: finite,
  cy: finite,
  k1: finite.default(0),
  k2: finite.default(0),
  a: row.default([0, 0, 0, 0]),
  b: row.default([0, 0, 0, 0]),
  nearest_mm: positive,
  farthest_mm: positive,
});
export type Geometry = z.infer<typeof Geometry>;

const Calibration = z.strictObject({
  /** The unit as its driver names it: the sensor's serial number. */
  unit,
  /** Pixels of the frames for which it holds. */
  width: z.int().min(1).max(65_535),
  height: z.int().min(1).max(65_535),
  geometry: Geometry,
});
export type Calibration = z.infer<typeof Calibration>;

/** A calibration that was read from a signed document. */
export interface SignedCalibration {
  readonly calibration: Calibration;
  /** Seconds since 1970 by the signer's clock. */
  readonly issued: number;
  /** SHA-256 of the payload: what the records of sessions under it name. */
  readonly digest: Uint8Array;
  readonly document: Uint8Array;
}

const Payload = z.strictObject({
  v: z.literal(1),
  unit: z.string(),
  width: z.int(),
  height: z.int(),
  issued: z.int(),
  authority: z.instanceof(Uint8Array),
  values: z.instanceof(Uint8Array).refine((values) => values.length === 64),
});

/** Checks a calibration; throws KAN-CALIBRATION-INVALID that lists each field in error by its path. */
export function checkCalibration(value: unknown): Calibration {
  const result = Calibration.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join(".") || "document"}: ${issue.message}`);
  throw new KanmonError(
    "KAN-CALIBRATION-INVALID",
    `calibration: ${problems.join("; ")}`,
    "Correct the fields named; docs/calibration.md has their ranges.",
    EXIT.input,
  );
}

/** The 64 bytes in which the image takes a geometry: 16 f32, little-endian (assembly/face/calibration.ts). */
export function geometryBytes({ fx, fy, cx, cy, k1, k2, a, b, nearest_mm, farthest_mm }: Geometry): Uint8Array {
  const values = [fx, fy, cx, cy, k1, k2, ...a, ...b, nearest_mm, farthest_mm];
  const bytes = new DataView(new ArrayBuffer(64));
  for (const [i, value] of values.entries()) bytes.setFloat32(4 * i, value, true);
  return new Uint8Array(bytes.buffer);
}

/** The geometry that 64 bytes say. */
export function geometryOf(bytes: Uint8Array): Geometry {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 64);
  const at = (i: number): number => view.getFloat32(4 * i, true);
  const four = (i: number): [number, number, number, number] => [at(i), at(i + 1), at(i + 2), at(i + 3)];
  const [fx, fy, cx, cy, k1, k2, nearest_mm, farthest_mm] = [0, 1, 2, 3, 4, 5, 14, 15].map(at) as number[] as [
    ...[number, number, number, number, number, number, number, number],
  ];
  return { fx, fy, cx, cy, k1, k2, a: four(6), b: four(10), nearest_mm, farthest_mm };
}

/** Signs a calibration with an authority's Ed25519 private key. `issued`: seconds since 1970. */
export function signCalibration(calibration: Calibration, key: KeyObject, issued: number): SignedCalibration {
  const { unit, width, height, geometry } = checkCalibration(calibration);
  const fields = { v: 1, unit, width, height, issued, authority: rawKey(key), values: geometryBytes(geometry) };
  const payload = encode(fields, rfc8949EncodeOptions);
  return {
    calibration: { unit, width, height, geometry },
    issued,
    digest: digestOf(payload),
    document: coseSign(CALIBRATION_DOCUMENT, payload, key),
  };
}

/**
 * Verifies a signed document, by the key that it names itself, and reads its calibration: it is whole; who issued it is for the device to
 * judge. Throws KAN-CALIBRATION-FORM, KAN-CALIBRATION-SIGNATURE, KAN-CALIBRATION-INVALID.
 */
export function readCalibration(document: Uint8Array): SignedCalibration {
  const { authority } = parse(coseOpen(CALIBRATION_DOCUMENT, document).payload);
  const payload = coseVerify(CALIBRATION_DOCUMENT, document, authority);
  const { unit, width, height, issued, values } = parse(payload);
  const calibration = checkCalibration({ unit, width, height, geometry: geometryOf(values) });
  return { calibration, issued, digest: digestOf(payload), document };
}

function digestOf(payload: Uint8Array): Uint8Array {
  return createHash("sha256").update(payload).digest();
}

function parse(payload: Uint8Array): z.infer<typeof Payload> {
  try {
    return Payload.parse(decode(payload, { strict: true, allowIndefinite: false, rejectDuplicateMapKeys: true }));
  } catch (cause) {
    throw new KanmonError(
      "KAN-CALIBRATION-INVALID",
      `calibration: the payload is not one (${(cause as Error).message.split("\n")[0]})`,
      "Sign it again; docs/calibration.md has its fields.",
      EXIT.input,
    );
  }
}
