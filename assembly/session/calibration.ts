// The calibration of the face sensor's unit: a signed document (docs/calibration.md), verified and checked whole before it is in force, kept in
// the journal. A session names its sensor's unit, so that no other unit's geometry is taken for its own.

import { A, B, CALIBRATION_BYTES, calibrationFault } from "../face/calibration";
import { CALIBRATED_FRINGES, FACE_CALIBRATION } from "../face/face";
import { cborBytes, cborIsMap, cborLength, cborSame, cborText, cborUint } from "../link/cbor";
import { COSE_CALIBRATION, COSE_LENGTH, COSE_SIGNATURE, cosePayload, cosePayloadLength, coseVerify } from "../pec/cose";
import { isDeterministic } from "../pec/deterministic";
import { sha256 } from "../pec/sha256";
import { policyTrusted } from "./policy";

const VERSION: i32 = 1;
const FIELDS: u8 = 7;
const UNIT_MAX: i32 = 64;

export const CALIBRATION_DONE: i32 = 0;
/** Empty, or longer than COSE_BYTES; not a signed document of the expected form; the signature is not the trusted authority's. */
export const CALIBRATION_LENGTH: i32 = 1;
export const CALIBRATION_NOT_SIGNED: i32 = 2;
export const CALIBRATION_SIGNATURE: i32 = 3;
/** The payload is not a deterministic CBOR map of the fields known here, or one has another type or is out of range. */
export const CALIBRATION_MALFORMED: i32 = 4;
/** Names another authority than the one that signed it. */
export const CALIBRATION_AUTHORITY: i32 = 5;
/** Issued before the calibration in force of the same unit. */
export const CALIBRATION_STALE: i32 = 6;
/** No unit measures like this: values out of their range, or that contradict one another; `calibrationWrong` says which. */
export const CALIBRATION_IMPLAUSIBLE: i32 = 7;

const VALUES = memory.data(64, 8);
const PENDING = memory.data(64, 8); // aligned for f32, as the document's are not
const UNIT = memory.data(64, 8);
const DIGEST = memory.data(32, 8);
let unitLength: i32 = 0;
let calibratedWidth: i32 = 0;
let calibratedHeight: i32 = 0;
let issued: i64 = 0;
let fault: i32 = 0;

/**
 * Takes the calibration in force for the frames to come, if it is that of this unit, for frames of this size, and for `stacks` says where
 * the projector stands; whether it is.
 */
export function calibrationUse(unit: usize, length: i32, width: i32, height: i32, stacks: bool): bool {
  if (!length || length != unitLength || memory.compare(UNIT, unit, length) != 0) return false;
  if (width != calibratedWidth || height != calibratedHeight) return false;
  if (stacks && !fringesOf(VALUES)) return false;
  memory.copy(FACE_CALIBRATION, VALUES, CALIBRATION_BYTES as usize);
  return true;
}

/** Whether one is in force. */
export function calibrationInForce(): bool {
  return unitLength > 0;
}

/** Where the digest of the calibration in force is: SHA-256 of its payload, 32 bytes. */
export function calibrationDigest(): usize {
  return DIGEST;
}

/** What is wrong with the document that was refused as implausible: a FAULT of face/calibration.ts. */
export function calibrationWrong(): i32 {
  return fault;
}

/** Fringes of the projector whose phase the values say; 0: the sensor gives depth. */
function fringesOf(values: usize): i32 {
  for (let p = values + A; p < values + B + 16; p += 4) if (load<f32>(p) != 0) return CALIBRATED_FRINGES;
  return 0;
}

/** Forgets the calibration in force. */
export function calibrationNone(): void {
  unitLength = calibratedWidth = calibratedHeight = 0;
  issued = 0;
}

/** Verifies, checks and puts in force the signed document. Returns a CALIBRATION_ status; unless it is CALIBRATION_DONE, what was in force stays. */
export function calibrationLoad(document: usize, len: i32): i32 {
  const signed = coseVerify(COSE_CALIBRATION, document, len, policyTrusted());
  if (signed == COSE_LENGTH) return CALIBRATION_LENGTH;
  if (signed) return signed == COSE_SIGNATURE ? CALIBRATION_SIGNATURE : CALIBRATION_NOT_SIGNED;
  const map = cosePayload;
  const end = map + (cosePayloadLength as usize);
  // As many pairs as there are fields, each of which is found: no other field, none twice.
  if (!cborIsMap(map, end) || !isDeterministic(map, end) || (load<u8>(map) & 31) != FIELDS)
    return CALIBRATION_MALFORMED;
  const authority = cborBytes(map, end, "authority");
  if (!authority || cborLength != 32) return CALIBRATION_MALFORMED;
  if (memory.compare(authority, policyTrusted(), 32) != 0) return CALIBRATION_AUTHORITY;
  const version = cborUint(map, end, "v", VERSION);
  const since = cborUint(map, end, "issued", u32.MAX_VALUE as i64);
  const width = cborUint(map, end, "width", 65_535);
  const height = cborUint(map, end, "height", 65_535);
  const values = cborBytes(map, end, "values");
  if (!values || cborLength != CALIBRATION_BYTES || version != VERSION || since < 0 || width < 1 || height < 1)
    return CALIBRATION_MALFORMED;
  const unit = cborText(map, end, "unit");
  const length = cborLength;
  if (!unit || length < 1 || length > UNIT_MAX) return CALIBRATION_MALFORMED;
  const same = length == unitLength && memory.compare(UNIT, unit, length) == 0;
  if (same && since < issued) return CALIBRATION_STALE;
  memory.copy(PENDING, values, CALIBRATION_BYTES);
  fault = calibrationFault(PENDING, width as i32, height as i32, fringesOf(PENDING));
  if (fault) return CALIBRATION_IMPLAUSIBLE;
  memory.copy(VALUES, PENDING, CALIBRATION_BYTES);
  memory.copy(UNIT, unit, length);
  sha256(map, cosePayloadLength, DIGEST);
  unitLength = length;
  calibratedWidth = width as i32;
  calibratedHeight = height as i32;
  issued = since;
  return CALIBRATION_DONE;
}
