// What all calibrations have in common as signed documents: a deterministic map of exactly the fields known, that names its signer as its
// authority. Whatever is otherwise is refused before any of it is used.
import { same } from "../bytes";
import { cborBytes, cborIsMap, cborLength, cborUint } from "../link/cbor";
import { COSE_LENGTH, COSE_SIGNATURE, cosePayload, cosePayloadLength, coseVerify } from "../pec/cose";
import { isDeterministic } from "../pec/deterministic";
import { policyTrusted } from "./policy";

const VERSION: i32 = 1;

export const SIGNED_DONE: i32 = 0;
/** Empty, or longer than its kind may be; not a signed document of the expected form; the signature is not the trusted authority's. */
export const SIGNED_LENGTH: i32 = 1;
export const SIGNED_NOT_SIGNED: i32 = 2;
export const SIGNED_SIGNATURE: i32 = 3;
/** The payload is not a deterministic CBOR map of the fields known here, or one has another type or is out of range. */
export const SIGNED_MALFORMED: i32 = 4;
/** Names another authority than the one that signed it. */
export const SIGNED_AUTHORITY: i32 = 5;
/** Issued before the one in force that it would replace. */
export const SIGNED_STALE: i32 = 6;

/** When the document opened last was issued, seconds since 1970 by its authority's clock. */
export let signedIssued: u32 = 0;

/** Verifies the document of `kind` (pec/cose.ts), whose payload is to have `fields` pairs, "v", "issued" and "authority" among them. Its payload is then at cosePayload. Returns a SIGNED_ status. */
export function signedOpen(kind: i32, document: usize, len: i32, fields: u8): i32 {
  const signed = coseVerify(kind, document, len, policyTrusted());
  if (signed == COSE_LENGTH) return SIGNED_LENGTH;
  if (signed) return signed == COSE_SIGNATURE ? SIGNED_SIGNATURE : SIGNED_NOT_SIGNED;
  const map = cosePayload;
  const end = map + (cosePayloadLength as usize);
  // As many pairs as there are fields, each of which is found: no other field, none twice.
  if (!cborIsMap(map, end) || !isDeterministic(map, end) || (load<u8>(map) & 31) != fields) return SIGNED_MALFORMED;
  const authority = cborBytes(map, end, "authority");
  if (!authority || cborLength != 32) return SIGNED_MALFORMED;
  if (!same(authority, policyTrusted(), 32)) return SIGNED_AUTHORITY;
  const issued = cborUint(map, end, "issued", u32.MAX_VALUE as i64);
  if (issued < 0 || cborUint(map, end, "v", VERSION) != VERSION) return SIGNED_MALFORMED;
  signedIssued = issued as u32;
  return SIGNED_DONE;
}
