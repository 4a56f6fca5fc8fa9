// The calibration of the face sensor's unit: a signed document (docs/calibration.md), verified and checked whole before it is in force, kept in
// the journal. A session names its sensor's unit, so that no other unit's geometry is taken for its own.

import { same } from "../bytes";
import { A, B, CALIBRATION_BYTES, calibrationFault } from "../face/calibration";
import { CALIBRATED_FRINGES, FACE_CALIBRATION } from "../face/face";
import { cborBytes, cborLength, cborText, cborUint } from "../link/cbor";
import { COSE_CALIBRATION, cosePayload, cosePayloadLength } from "../pec/cose";
import { sha256 } from "../pec/sha256";
import { SIGNED_DONE, SIGNED_MALFORMED, SIGNED_STALE, signedIssued, signedOpen } from "./signed";

const FIELDS: u8 = 7;
const UNIT_MAX: i32 = 64;

/** No unit measures like this: values out of their range, or that contradict one another; `calibrationWrong` says which. Other statuses: SIGNED_ (signed.ts). */
export const CALIBRATION_IMPLAUSIBLE: i32 = 7;

const VALUES = memory.data(64, 8);
const PENDING = memory.data(64, 8); // aligned for f32, as the document's are not
const UNIT = memory.data(64, 8);
const DIGEST = memory.data(32, 8);
let unitLength: i32 = 0;
let calibratedWidth: i32 = 0;
let calibratedHeight: i32 = 0;
let issued: u32 = 0;
let fault: i32 = 0;

/**
 * Takes the calibration in force for the frames to come, if it is that of this unit, for frames of this size, and for `stacks` says where
 * the projector stands; whether it is.
 */
export function calibrationUse(unit: usize, length: i32, width: i32, height: i32, stacks: bool): bool {
  if (!length || length != unitLength || !same(UNIT, unit, length)) return false;
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

/** Verifies, checks and puts in force the signed document. Returns a SIGNED_ status or CALIBRATION_IMPLAUSIBLE; unless it is SIGNED_DONE, what was in force stays. */
export function calibrationLoad(document: usize, len: i32): i32 {
  const status = signedOpen(COSE_CALIBRATION, document, len, FIELDS);
  if (status) return status;
  const map = cosePayload;
  const end = map + (cosePayloadLength as usize);
  const width = cborUint(map, end, "width", 65_535);
  const height = cborUint(map, end, "height", 65_535);
  const values = cborBytes(map, end, "values");
  if (!values || cborLength != CALIBRATION_BYTES || width < 1 || height < 1) return SIGNED_MALFORMED;
  const unit = cborText(map, end, "unit");
  const length = cborLength;
  if (!unit || length < 1 || length > UNIT_MAX) return SIGNED_MALFORMED;
  const renewed = length == unitLength && same(UNIT, unit, length);
  if (renewed && signedIssued < issued) return SIGNED_STALE;
  memory.copy(PENDING, values, CALIBRATION_BYTES);
  fault = calibrationFault(PENDING, width as i32, height as i32, fringesOf(PENDING));
  if (fault) return CALIBRATION_IMPLAUSIBLE;
  memory.copy(VALUES, PENDING, CALIBRATION_BYTES);
  memory.copy(UNIT, unit, length);
  sha256(map, cosePayloadLength, DIGEST);
  unitLength = length;
  calibratedWidth = width as i32;
  calibratedHeight = height as i32;
  issued = signedIssued;
  return SIGNED_DONE;
}
