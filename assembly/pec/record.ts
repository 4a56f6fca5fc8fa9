// The PEC record: what one session measured, decided and wiped, as deterministic CBOR (RFC 8949 section 4.2.1), the leaf of the
// log. docs/pec.md has its CDDL and says of every field why it is there. It holds no sample, template, score or name.
// The session fills the fields, then encodes once. A field never set is left out: not applicable. Liveness that was not
// judged is null: no floor, or a calibration or term is wanting.
import { putBytes, putEnd, putInt, putMap, putNull, putStart, putText, putUint } from "../link/cbor-write";
import { BANDS, DECISIONS, LIVENESS_TERMS, MODALITIES, PURPOSES, QUALITY_MEASURES, REASONS } from "./words";

/** Version of the record's form. */
export const RECORD_VERSION: i32 = 1;
/** No record is longer, with the measures of one modality. */
export const RECORD_BYTES: i32 = 640;

// Fields, numbered in the order of their encoded keys (shorter first, then bytewise).
export const FIELD_BAND: i32 = 0; // word
export const FIELD_EPOCH: i32 = 1; // number: key epoch
export const FIELD_IMAGE: i32 = 2; // bytes: digest of the image
export const FIELD_INDEX: i32 = 3; // number: leaf index
export const FIELD_NONCE: i32 = 4; // bytes: the host's session nonce
export const FIELD_TRIES: i32 = 5; // number: failed tries in a row, this one included
export const FIELD_OPENED: i32 = 6; // number: the host's clock, seconds since 1970; asserted, not measured
export const FIELD_POLICY: i32 = 7; // bytes: digest of the policy
export const FIELD_REASON: i32 = 8; // word
export const FIELD_PURPOSE: i32 = 9; // word
export const FIELD_QUALITY: i32 = 10; // recordQuality
export const FIELD_SAMPLES: i32 = 11; // number: samples (frames) captured
export const FIELD_SUBJECT: i32 = 12; // bytes: keyed pseudonym
export const FIELD_BYTES_IN: i32 = 13; // number: biometric bytes taken in
export const FIELD_DECISION: i32 = 14; // word
export const FIELD_LIVENESS: i32 = 15; // recordLiveness, recordTerm
export const FIELD_MODALITY: i32 = 16; // word
export const FIELD_BYTES_OUT: i32 = 17; // number: sealed biometric bytes given out
export const FIELD_UPTIME_US: i32 = 18; // number: the device's clock at opening, since its start
export const FIELD_BYTES_WIPED: i32 = 19; // number
export const FIELD_CALIBRATION: i32 = 20; // bytes: digest of the calibration of the sensor's unit
export const FIELD_DURATION_US: i32 = 21; // number: from opening to decision
const FIELDS: i32 = 22;

const KEYS: StaticArray<string> = [
  "band",
  "epoch",
  "image",
  "index",
  "nonce",
  "tries",
  "opened",
  "policy",
  "reason",
  "purpose",
  "quality",
  "samples",
  "subject",
  "bytes_in",
  "decision",
  "liveness",
  "modality",
  "bytes_out",
  "uptime_us",
  "bytes_wiped",
  "calibration",
  "duration_us",
];

function bit(field: i32): u32 {
  return (1 as u32) << field;
}
const MANDATORY: u32 =
  (1 << FIELD_EPOCH) |
  (1 << FIELD_IMAGE) |
  (1 << FIELD_INDEX) |
  (1 << FIELD_POLICY) |
  (1 << FIELD_REASON) |
  (1 << FIELD_PURPOSE) |
  (1 << FIELD_DECISION) |
  (1 << FIELD_BYTES_WIPED);

const BYTE_FIELDS: u32 =
  (1 << FIELD_IMAGE) | (1 << FIELD_POLICY) | (1 << FIELD_NONCE) | (1 << FIELD_SUBJECT) | (1 << FIELD_CALIBRATION);

// Measures in the order of their encoded names; LIVENESS_TERMS are in that order already.
const QUALITY_ORDER = memory.data<u8>([8, 0, 6, 2, 11, 10, 12, 3, 14, 7, 4, 5, 1, 13, 9]);

const NUMBERS = memory.data(22 * 8, 8); // numbers, word indexes, and lengths of byte fields
const BYTES = memory.data(5 * 32, 8); // image, policy, nonce, subject, calibration
const QUALITY = memory.data(16);
const TERMS = memory.data(4 * 8, 8);
let present: u32 = 0;
let termsPresent: u32 = 0;
let floor: i32 = 0;
let score: i32 = 0;
let judged: bool = false;

/** Starts an empty record. */
export function recordReset(): void {
  present = 0;
  termsPresent = 0;
  judged = false;
}

/** Sets a number, or a word by its index in words.ts. */
export function recordNumber(field: i32, value: u64): void {
  store<u64>(NUMBERS + (field << 3), value);
  present |= bit(field);
}

/** Where the bytes of a byte field are kept. */
function slot(field: i32): usize {
  if (field == FIELD_IMAGE) return BYTES;
  if (field == FIELD_POLICY) return BYTES + 32;
  if (field == FIELD_CALIBRATION) return BYTES + 128;
  return field == FIELD_NONCE ? BYTES + 64 : BYTES + 96;
}

/** Sets a byte field; of more than 32 bytes the first 32 are kept. */
export function recordBytes(field: i32, ptr: usize, len: i32): void {
  const kept = max(0, min(len, 32));
  memory.copy(slot(field), ptr, kept);
  recordNumber(field, kept as u64);
}

/** Sets the quality record (QUALITY_BYTES) of the sample that decided. */
export function recordQuality(quality: usize): void {
  memory.copy(QUALITY, quality, 16);
  present |= bit(FIELD_QUALITY);
}

/** Liveness against a floor, both in millibits. */
export function recordLiveness(scoreMillibits: i32, floorMillibits: i32): void {
  score = scoreMillibits;
  floor = floorMillibits;
  judged = true;
  present |= bit(FIELD_LIVENESS);
}

/** Liveness was not judged: the policy has no floor for this modality, or what it asks for is wanting. */
export function recordNotJudged(): void {
  judged = false;
  present |= bit(FIELD_LIVENESS);
}

/** Adds a raw term, by its index in LIVENESS_TERMS, in millibits; to be kept, liveness must be set as well. */
export function recordTerm(term: i32, millibits: i32): void {
  if (term < 0 || term >= LIVENESS_TERMS.length) return;
  store<i32>(TERMS + (term << 2), millibits);
  termsPresent |= bit(term);
}

function words(field: i32): StaticArray<string> | null {
  switch (field) {
    case FIELD_BAND:
      return BANDS;
    case FIELD_REASON:
      return REASONS;
    case FIELD_PURPOSE:
      return PURPOSES;
    case FIELD_DECISION:
      return DECISIONS;
    case FIELD_MODALITY:
      return MODALITIES;
    default:
      return null;
  }
}

function putQuality(): void {
  let count = 0;
  for (let i = 0; i < QUALITY_MEASURES.length; i++) count += i32(load<u8>(QUALITY + i) != 255);
  putMap(count);
  for (let at = 0; at < QUALITY_MEASURES.length; at++) {
    const i = i32(load<u8>(QUALITY_ORDER + at));
    const value = load<u8>(QUALITY + i);
    if (value == 255) continue;
    putText(unchecked(QUALITY_MEASURES[i]));
    putUint(value);
  }
}

function putLiveness(): void {
  putMap(3);
  putText("floor");
  if (judged) putInt(floor);
  else putNull();
  putText("score");
  if (judged) putInt(score);
  else putNull();
  putText("terms");
  putMap(popcnt(termsPresent));
  for (let i = 0; i < LIVENESS_TERMS.length; i++) {
    if (!(termsPresent & bit(i))) continue;
    putText(unchecked(LIVENESS_TERMS[i]));
    putInt(load<i32>(TERMS + (i << 2)));
  }
}

/**
 * Encodes the record into `capacity` bytes at `out`. Returns its length; 0: a mandatory field was not set or a word does not
 * exist; -1: too small. Uses the CBOR writer, so no other document may be open.
 */
export function recordEncode(out: usize, capacity: i32): i32 {
  if ((present & MANDATORY) != MANDATORY) return 0;
  putStart(out, capacity);
  putMap(1 + popcnt(present));
  putText("v");
  putUint(RECORD_VERSION);
  for (let field = 0; field < FIELDS; field++) {
    if (!(present & bit(field))) continue;
    putText(unchecked(KEYS[field]));
    const value = load<u64>(NUMBERS + (field << 3));
    const table = words(field);
    if (table) {
      if (value >= (table.length as u64)) return 0;
      putText(unchecked(table[i32(value)]));
    } else if (field == FIELD_QUALITY) putQuality();
    else if (field == FIELD_LIVENESS) putLiveness();
    else if (BYTE_FIELDS & bit(field)) putBytes(slot(field), i32(value));
    else putUint(value);
  }
  return putEnd();
}
