// Fields of a policy document, read so that whatever is wrong is remembered and told once, and so that a field which is not asked for is
// noticed: a map has as many pairs as fields were found in it, or one that this image could not enforce.
import { CBOR_MAP, cborFind, cborIntAt, cborType } from "../link/cbor";

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

let status: i32 = 0; // the first thing wrong with the document being parsed
let known: i32 = 0; // fields found in the map being parsed

/** Begins a document. */
export function fieldsBegin(): void {
  status = POLICY_DONE;
  known = 0;
}

/** The first thing found wrong with it. */
export function fieldsStatus(): i32 {
  return status;
}

/** Begins the count of a map's fields; returns what `close` is to go on with. */
export function enter(): i32 {
  const before = known;
  known = 0;
  return before;
}

export function fail(reason: i32): void {
  if (!status) status = reason;
}

/** Counts a field of the map as known; absent is an error unless it may be left out. Returns where its value is, or 0. */
export function field(map: usize, end: usize, key: string, optional: bool = false): usize {
  const at = cborFind(map, end, key);
  if (at) known++;
  else if (!optional) fail(POLICY_MALFORMED);
  return at;
}

/** An unsigned integer within [low, high]. */
export function uint(map: usize, end: usize, key: string, low: i64, high: i64): i64 {
  const at = field(map, end, key);
  return at ? intAt(at, end, low, high) : 0;
}

/** A map; its pairs must all be known ones: see `close`. */
export function open(map: usize, end: usize, key: string): usize {
  const at = field(map, end, key);
  if (at && cborType(at, end) == CBOR_MAP) return at;
  fail(POLICY_MALFORMED);
  return 0;
}

/** Ends a map whose fields were counted since `enter` gave `before`: each pair must be one of them. */
export function close(map: usize, before: i32): void {
  const pairs = load<u8>(map) & 31;
  if (pairs > 23) fail(POLICY_MALFORMED);
  else if (pairs != known) fail(POLICY_UNKNOWN_FIELD);
  known = before;
}

/** The integer at `at`, within [low, high]. */
export function intAt(at: usize, end: usize, low: i64, high: i64): i64 {
  const value = cborIntAt(at, end, i64.MIN_VALUE);
  if (cborType(at, end) > 1) fail(POLICY_MALFORMED);
  else if (value < low || value > high) fail(POLICY_RANGE);
  return value;
}
