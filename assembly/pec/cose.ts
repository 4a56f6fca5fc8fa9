// COSE_Sign1 (RFC 9052 section 4.2) with EdDSA, in the one form Kanmon signs: tagged, deterministic, protected header
// {alg: EdDSA, typ: "application/kanmon-policy+cbor", "…-calibration+cbor" or "…-liveness+cbor"} (typ: RFC 9596), empty unprotected header, 64-byte
// Ed25519 signature. The type is signed, so that no document passes for one of another kind.
// Whatever is encoded otherwise is refused before any of it is parsed.

import { verify } from "../board";
import { same } from "../bytes";
import { UNANSWERED } from "../link/buffers";

/** No policy, and no calibration of a sensor's unit, is longer. */
export const COSE_BYTES: i32 = 2048;
/** No signed document is longer: a calibration of liveness, whose tables are its bulk. */
export const COSE_BYTES_MAX: i32 = 3840;

export const COSE_DONE: i32 = 0;
/** Longer than its kind may be, or too short to be one. */
export const COSE_LENGTH: i32 = 1;
/** Not a COSE_Sign1 of this form. */
export const COSE_FORM: i32 = 2;
/** The signature is not the key's. */
export const COSE_SIGNATURE: i32 = 3;

// 18([h'a2 01 27 10 781e…', {}, …: tag, array of four, protected header as a byte string, empty map.
const POLICY_HEAD = memory.data<u8>([
  0xd2, 0x84, 0x58, 0x24, 0xa2, 0x01, 0x27, 0x10, 0x78, 0x1e, 0x61, 0x70, 0x70, 0x6c, 0x69, 0x63, 0x61, 0x74, 0x69,
  0x6f, 0x6e, 0x2f, 0x6b, 0x61, 0x6e, 0x6d, 0x6f, 0x6e, 0x2d, 0x70, 0x6f, 0x6c, 0x69, 0x63, 0x79, 0x2b, 0x63, 0x62,
  0x6f, 0x72, 0xa0,
]);
const CALIBRATION_HEAD = memory.data<u8>([
  0xd2, 0x84, 0x58, 0x29, 0xa2, 0x01, 0x27, 0x10, 0x78, 0x23, 0x61, 0x70, 0x70, 0x6c, 0x69, 0x63, 0x61, 0x74, 0x69,
  0x6f, 0x6e, 0x2f, 0x6b, 0x61, 0x6e, 0x6d, 0x6f, 0x6e, 0x2d, 0x63, 0x61, 0x6c, 0x69, 0x62, 0x72, 0x61, 0x74, 0x69,
  0x6f, 0x6e, 0x2b, 0x63, 0x62, 0x6f, 0x72, 0xa0,
]);
const LIVENESS_HEAD = memory.data<u8>([
  0xd2, 0x84, 0x58, 0x26, 0xa2, 0x01, 0x27, 0x10, 0x78, 0x20, 0x61, 0x70, 0x70, 0x6c, 0x69, 0x63, 0x61, 0x74, 0x69,
  0x6f, 0x6e, 0x2f, 0x6b, 0x61, 0x6e, 0x6d, 0x6f, 0x6e, 0x2d, 0x6c, 0x69, 0x76, 0x65, 0x6e, 0x65, 0x73, 0x73, 0x2b,
  0x63, 0x62, 0x6f, 0x72, 0xa0,
]);
const POLICY_HEAD_BYTES: i32 = 41;
const CALIBRATION_HEAD_BYTES: i32 = 46;
const LIVENESS_HEAD_BYTES: i32 = 43;
/** Kinds of signed documents. */
export const COSE_POLICY: i32 = 0;
export const COSE_CALIBRATION: i32 = 1;
export const COSE_LIVENESS: i32 = 2;
const SIGNATURE_BYTES: i32 = 66; // with its head, 0x5840
// Sig_structure: ["Signature1", protected, external_aad = h'', payload]; its array head and context text.
const CONTEXT = memory.data<u8>([0x84, 0x6a, 0x53, 0x69, 0x67, 0x6e, 0x61, 0x74, 0x75, 0x72, 0x65, 0x31]);
const CONTEXT_BYTES: i32 = 12;
const SIGNED = UNANSWERED; // CONTEXT_BYTES + COSE_BYTES_MAX at most

/** Where the payload of the document verified last starts, and how many bytes it has. */
export let cosePayload: usize = 0;
export let cosePayloadLength: i32 = 0;

/** Checks the signed document of `kind` at `document` under the 32-byte `key` and finds its payload. Returns a COSE_ status. */
export function coseVerify(kind: i32, document: usize, len: i32, key: usize): i32 {
  let head = POLICY_HEAD;
  let headBytes = POLICY_HEAD_BYTES;
  if (kind == COSE_CALIBRATION) {
    head = CALIBRATION_HEAD;
    headBytes = CALIBRATION_HEAD_BYTES;
  } else if (kind == COSE_LIVENESS) {
    head = LIVENESS_HEAD;
    headBytes = LIVENESS_HEAD_BYTES;
  }
  cosePayload = 0;
  cosePayloadLength = 0;
  const longest = kind == COSE_LIVENESS ? COSE_BYTES_MAX : COSE_BYTES;
  if (len > longest || len < headBytes + 1 + SIGNATURE_BYTES) return COSE_LENGTH;
  if (!same(document, head, headBytes)) return COSE_FORM;
  const end = document + len - SIGNATURE_BYTES;
  if (load<u8>(end) != 0x58 || load<u8>(end, 1) != 64) return COSE_FORM;
  // The payload: a byte string whose head is the shortest for its length and which ends where the signature begins.
  const string = document + headBytes;
  const first = load<u8>(string);
  let length: i32 = first & 31;
  let start = string + 1;
  if (first == 0x58) {
    length = load<u8>(string, 1);
    start = string + 2;
    if (length < 24) return COSE_FORM;
  } else if (first == 0x59) {
    length = ((load<u8>(string, 1) as i32) << 8) | (load<u8>(string, 2) as i32);
    start = string + 3;
    if (length < 256) return COSE_FORM;
  } else if (first < 0x40 || first > 0x57) return COSE_FORM;
  if (start + length != end) return COSE_FORM;
  // Sig_structure shares the bytes from the protected header on, but for the empty map, which is the empty external_aad there.
  const shared = len - 2 - SIGNATURE_BYTES;
  memory.copy(SIGNED, CONTEXT, CONTEXT_BYTES);
  memory.copy(SIGNED + CONTEXT_BYTES, document + 2, shared);
  store<u8>(SIGNED + CONTEXT_BYTES + headBytes - 3, 0x40);
  if (verify(key, SIGNED, CONTEXT_BYTES + shared, end + 2) != 1) return COSE_SIGNATURE;
  cosePayload = start;
  cosePayloadLength = length;
  return COSE_DONE;
}
