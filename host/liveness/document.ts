// A liveness calibration as a signed document: what its authority adds to the tables (docs/liveness.md, section 5). Signed as policies are.
import type { KeyObject } from "node:crypto";
import { encode, rfc8949EncodeOptions } from "cborg";
import { z } from "zod";
import { coseOpen, coseSign, coseVerify, LIVENESS_DOCUMENT, rawKey } from "../cose.ts";
import { decodeStrictly, decodeTables, encodeTables, tablesId } from "./encoding.ts";
import { checkTables, invalid, type Tables } from "./tables.ts";

/** No signed calibration is longer: the device's buffer (COSE_BYTES_MAX of the image). */
export const LIVENESS_BYTES = 3840;

const Name = z.string().regex(/^[ -~]{1,64}$/, "must be 1 to 64 printable ASCII characters");
const Issued = z.int().min(0).max(0xffff_ffff);

export interface LivenessCalibration {
  /** Printable ASCII: the type of device and the trials, for people. */
  readonly name: string;
  readonly tables: Tables;
}

export interface SignedLiveness extends LivenessCalibration {
  /** SHA-256 of the encoded tables: what policies name. */
  readonly id: Uint8Array;
  /** Seconds since 1970 by the signer's clock. */
  readonly issued: number;
  readonly authority: Uint8Array;
  readonly document: Uint8Array;
}

const Payload = z.strictObject({
  v: z.literal(1),
  name: Name,
  issued: Issued,
  tables: z.record(z.string(), z.unknown()),
  authority: z.custom<Uint8Array>((key) => key instanceof Uint8Array && key.length === 32, "must be 32 bytes"),
});

/** Signs a calibration with an authority's Ed25519 private key. `issued`: seconds since 1970. Throws KAN-LIVENESS-INVALID. */
export function signLiveness({ name, tables }: LivenessCalibration, key: KeyObject, issued: number): SignedLiveness {
  const authority = rawKey(key);
  const payload = { v: 1, name, issued, tables: checkTables(tables), authority };
  check(payload);
  // The tables are encoded once: what is inserted are the bytes that the id is taken of.
  const encoded = encodeTables(tables);
  const bytes = encode({ ...payload, tables: decodeStrictly(encoded) }, rfc8949EncodeOptions);
  const document = coseSign(LIVENESS_DOCUMENT, bytes, key);
  if (document.length > LIVENESS_BYTES)
    throw invalid(`the document has ${document.length} bytes, the device takes ${LIVENESS_BYTES}: use fewer steps`);
  return { name, tables, id: tablesId(encoded), issued, authority, document };
}

/**
 * Verifies a signed document and reads it. `authority`: the raw key that must have signed it; without one, the key that it names, which
 * shows that it is whole, not who issued it. Throws KAN-LIVENESS-FORM, KAN-LIVENESS-SIGNATURE, KAN-LIVENESS-INVALID.
 */
export function readLiveness(document: Uint8Array, authority?: Uint8Array): SignedLiveness {
  const claimed = authority ?? check(decodeStrictly(coseOpen(LIVENESS_DOCUMENT, document).payload)).authority;
  const bytes = coseVerify(LIVENESS_DOCUMENT, document, claimed);
  const payload = check(decodeStrictly(bytes));
  if (!Buffer.from(payload.authority).equals(claimed)) throw invalid("authority: is not the key that signs");
  const encoded = encode(payload.tables, rfc8949EncodeOptions);
  const tables = decodeTables(encoded);
  if (!Buffer.from(encode(payload, rfc8949EncodeOptions)).equals(bytes)) throw invalid("not deterministic CBOR");
  const { name, issued } = payload;
  return { name, tables, id: tablesId(encoded), issued, authority: claimed, document };
}

function check(value: unknown): z.infer<typeof Payload> {
  const result = Payload.safeParse(value);
  if (result.success) return result.data;
  throw invalid(
    result.error.issues.map(({ path, message }) => `${path.join(".") || "document"}: ${message}`).join("; "),
  );
}
