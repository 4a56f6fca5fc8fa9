// The policy document as the device reads it: its fields, ranges and where they are kept (docs/policy.md). Any input ends in a
// status: every value is found through the bounded CBOR reader, and a field unknown here, missing, of another type, given twice or
// out of range refuses the whole document.
import {
  CBOR_MAP,
  cborBool,
  cborBytes,
  cborFind,
  cborIntAt,
  cborIsMap,
  cborLength,
  cborText,
  cborType,
  cborUint,
} from "../link/cbor";
import { isDeterministic } from "../pec/deterministic";
import { MODALITIES, QUALITY_MEASURES } from "../pec/words";

const VERSION: i32 = 1;

export const POLICY_DONE: i32 = 0;
/** Empty, or longer than POLICY_BYTES. */
export const POLICY_LENGTH: i32 = 1;
/** Not a signed document of the expected form. */
export const POLICY_NOT_SIGNED: i32 = 2;
/** The signature is not the trusted authority's. */
export const POLICY_SIGNATURE: i32 = 3;
/** The payload is not a deterministic CBOR map, or a field is missing or of the wrong type. */
export const POLICY_MALFORMED: i32 = 4;
/** A version of the document that this image does not know. */
export const POLICY_VERSION: i32 = 5;
/** A field that this image does not know, and so could not enforce. */
export const POLICY_UNKNOWN_FIELD: i32 = 6;
/** A value out of its range. */
export const POLICY_RANGE: i32 = 7;
/** Names another authority than the one that signed it. */
export const POLICY_AUTHORITY: i32 = 8;
/** Issued before the policy in force. */
export const POLICY_STALE: i32 = 9;

// A bank of limits.
export const DIGEST: i32 = 0; // 32
export const ISSUED: i32 = 32; // u64
export const TRIES: i32 = 40;
export const DELAY: i32 = 44;
export const DELAY_MAX: i32 = 48;
export const RETENTION: i32 = 52;
export const ROTATION: i32 = 56;
export const DEVELOPMENT: i32 = 60;
export const FIRST_MODALITY: i32 = 64;
// A modality within it.
export const PERMITTED: i32 = 0;
export const THRESHOLD: i32 = 4;
export const IDENTIFY: i32 = 8;
export const SAMPLES: i32 = 12;
export const HAS_FLOOR: i32 = 16;
export const FLOOR: i32 = 20;
export const MINIMA: i32 = 24; // 16 bytes, in the order of QUALITY_MEASURES
export const MODALITY_STRIDE: i32 = 40;
export const BANK_BYTES: i32 = 64 + 4 * 40;

/** Where `parsePolicy` leaves its limits. */
export const PENDING = memory.data(224, 8);

/** Where a modality's limits are in a bank. */
export function bank(base: usize, modality: i32): usize {
  return base + FIRST_MODALITY + (modality as usize) * MODALITY_STRIDE;
}

let status: i32 = 0; // the first thing wrong with the document being parsed
let known: i32 = 0; // fields found in the map being parsed

function fail(reason: i32): void {
  if (!status) status = reason;
}

/** Counts a field of the map as known; absent is an error unless it may be left out. Returns where its value is, or 0. */
function field(map: usize, end: usize, key: string, optional: bool = false): usize {
  const at = cborFind(map, end, key);
  if (at) known++;
  else if (!optional) fail(POLICY_MALFORMED);
  return at;
}

/** An unsigned integer within [low, high]. */
function uint(map: usize, end: usize, key: string, low: i64, high: i64): i64 {
  const at = field(map, end, key);
  if (!at) return 0;
  const value = cborUint(map, end, key, high);
  if (cborType(at, end) > 0) fail(cborType(at, end) == 1 ? POLICY_RANGE : POLICY_MALFORMED);
  else if (value < low) fail(POLICY_RANGE);
  return value;
}

/** A map; its pairs must all be known ones: see `close`. */
function open(map: usize, end: usize, key: string): usize {
  const at = field(map, end, key);
  if (at && cborType(at, end) == CBOR_MAP) return at;
  fail(POLICY_MALFORMED);
  return 0;
}

/** Ends a map whose fields were counted from `before` on; returns `before + own`, for the count of the map around it. */
function close(map: usize, before: i32): void {
  const pairs = load<u8>(map) & 31;
  if (pairs > 23) fail(POLICY_MALFORMED);
  else if (pairs != known) fail(POLICY_UNKNOWN_FIELD);
  known = before;
}

function parseQuality(map: usize, end: usize, bank: usize): void {
  const before = known;
  known = 0;
  for (let i = 0; i < QUALITY_MEASURES.length; i++) {
    const key = unchecked(QUALITY_MEASURES[i]);
    if (cborFind(map, end, key)) store<u8>(bank + i, uint(map, end, key, 0, 100) as u8, MINIMA);
  }
  close(map, before);
}

function parseModality(map: usize, end: usize, bank: usize): void {
  const before = known;
  known = 0;
  store<u32>(bank, 1, PERMITTED);
  const threshold = uint(map, end, "threshold", 1, 1_000_000);
  store<u32>(bank, threshold as u32, THRESHOLD);
  store<u32>(bank, uint(map, end, "identify_threshold", threshold, 1_000_000) as u32, IDENTIFY);
  store<u32>(bank, uint(map, end, "samples", 1, 4) as u32, SAMPLES);
  const quality = open(map, end, "quality");
  if (quality) parseQuality(quality, end, bank);
  const floor = field(map, end, "liveness_floor", true);
  if (floor) {
    const value = cborIntAt(floor, end, i64.MIN_VALUE);
    if (cborType(floor, end) > 1) fail(POLICY_MALFORMED);
    else if (value < -16_000 || value > 16_000) fail(POLICY_RANGE);
    store<u32>(bank, 1, HAS_FLOOR);
    store<i32>(bank, value as i32, FLOOR);
  }
  // Whether modules may match this modality by themselves is the host's to enforce: they never come before this image.
  if (field(map, end, "on_module", true) && cborBool(map, end, "on_module") < 0) fail(POLICY_MALFORMED);
  close(map, before);
}

/**
 * Parses the payload [payload, end) into PENDING. `authority`: the 32-byte key that signed it; `since`: the issue time of the policy
 * in force. Returns a POLICY_ status: the first thing found wrong.
 */
export function parsePolicy(payload: usize, end: usize, authority: usize, since: i64): i32 {
  status = POLICY_DONE;
  parse(payload, end, authority, since);
  return status;
}

function parse(payload: usize, end: usize, trusted: usize, since: i64): void {
  if (!cborIsMap(payload, end) || !isDeterministic(payload, end)) return fail(POLICY_MALFORMED);
  if (!cborFind(payload, end, "v")) return fail(POLICY_MALFORMED);
  if (cborUint(payload, end, "v", VERSION) != VERSION) return fail(POLICY_VERSION);
  known = 1;
  memory.fill(PENDING, 0, BANK_BYTES);
  if (field(payload, end, "name")) {
    const name = cborText(payload, end, "name");
    if (!name) fail(POLICY_MALFORMED);
    else if (cborLength < 1 || cborLength > 64) fail(POLICY_RANGE);
    for (let i: usize = 0; i < (cborLength as usize); i++) {
      if (load<u8>(name + i) < 0x20 || load<u8>(name + i) > 0x7e) fail(POLICY_RANGE);
    }
  }
  if (field(payload, end, "authority")) {
    const authority = cborBytes(payload, end, "authority");
    if (!authority || cborLength != 32) fail(POLICY_MALFORMED);
    else if (memory.compare(authority, trusted, 32) != 0) fail(POLICY_AUTHORITY);
  }
  if (field(payload, end, "development")) {
    const development = cborBool(payload, end, "development");
    if (development < 0) fail(POLICY_MALFORMED);
    store<u32>(PENDING, development as u32, DEVELOPMENT);
  }
  const issued = uint(payload, end, "issued", 0, u32.MAX_VALUE as i64);
  store<u64>(PENDING, issued as u64, ISSUED);
  if (issued < since) fail(POLICY_STALE);
  store<u32>(PENDING, uint(payload, end, "tries", 1, 100) as u32, TRIES);
  const delay = uint(payload, end, "delay_ms", 0, 3_600_000);
  store<u32>(PENDING, delay as u32, DELAY);
  store<u32>(PENDING, uint(payload, end, "delay_max_ms", delay, 86_400_000) as u32, DELAY_MAX);
  store<u32>(PENDING, uint(payload, end, "retention_days", 1, 3_650) as u32, RETENTION);
  store<u32>(PENDING, uint(payload, end, "rotation_days", 1, 3_650) as u32, ROTATION);
  const modalities = open(payload, end, "modalities");
  if (modalities) {
    const before = known;
    known = 0;
    for (let m = 1; m < MODALITIES.length; m++) {
      const key = unchecked(MODALITIES[m]);
      if (!cborFind(modalities, end, key)) continue;
      const map = open(modalities, end, key);
      if (map) parseModality(map, end, bank(PENDING, m));
    }
    close(modalities, before);
  }
  close(payload, 0);
}
