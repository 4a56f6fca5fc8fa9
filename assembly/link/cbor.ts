// CBOR (RFC 8949): a bounded reader for messages, policies and records that come from outside. It reads in place, looks at
// every byte before it trusts a length, and gives up at DEPTH levels, so that no input makes it trap, recurse far or read
// outside [at, end). Definite and indefinite lengths are both taken, since the mcumgr tools send either. The writer is
// cbor-write.ts. Keys are ASCII literals (static data: nothing is allocated).

/** How deep arrays, maps and tags may nest. */
const DEPTH: i32 = 8;

const CBOR_UINT: i32 = 0;
const CBOR_NEGATIVE: i32 = 1;
const CBOR_BYTES: i32 = 2;
const CBOR_TEXT: i32 = 3;
const CBOR_ARRAY: i32 = 4;
export const CBOR_MAP: i32 = 5;
const CBOR_TAG: i32 = 6;
const CBOR_SIMPLE: i32 = 7;

const INDEFINITE: i32 = 31;
const BREAK: u8 = 0xff;

// What `head` read last.
let type: i32 = 0;
let information: i32 = 0;
let argument: u64 = 0;

/** Length in bytes of the content that cborBytes or cborText (or their …At) found last. */
export let cborLength: i32 = 0;
/** Pairs of the map that cborMapAt opened last. */
export let cborPairs: i32 = 0;

/** Reads the head of the item at `at` (RFC 8949 section 3). Returns where its content starts, 0 if malformed. */
function head(at: usize, end: usize): usize {
  if (at >= end) return 0;
  const first = load<u8>(at);
  type = first >> 5;
  information = first & 31;
  argument = information;
  if (information < 24) return at + 1;
  if (information == INDEFINITE) return type == CBOR_UINT || type == CBOR_NEGATIVE || type == CBOR_TAG ? 0 : at + 1;
  if (information > 27) return 0;
  const size = (<usize>1) << (information - 24);
  if (end - at <= size) return 0;
  argument = 0;
  for (let i: usize = 1; i <= size; i++) argument = (argument << 8) | load<u8>(at + i);
  if (type == CBOR_SIMPLE && information == 24 && argument < 32) return 0;
  return at + 1 + size;
}

/** Skips the chunks of an indefinite-length string: definite strings of the same kind up to the break. */
function skipChunks(at: usize, end: usize, kind: i32): usize {
  while (at < end && load<u8>(at) != BREAK) {
    at = head(at, end);
    if (!at || type != kind || information == INDEFINITE || argument > <u64>(end - at)) return 0;
    at += <usize>argument;
  }
  return at < end ? at + 1 : 0;
}

/** Skips the item at `at`. Returns where the next one starts (at most `end`), 0 if it is malformed, cut or nested too deep. */
export function cborSkip(at: usize, end: usize, depth: i32 = DEPTH): usize {
  at = head(at, end);
  if (!at || depth < 0) return 0;
  const kind = type;
  const open = information == INDEFINITE;
  if (kind < CBOR_BYTES) return at;
  if (kind == CBOR_SIMPLE) return open ? 0 : at; // a break stands only where a caller expects one
  if (kind < CBOR_ARRAY) {
    if (open) return skipChunks(at, end, kind);
    return argument > <u64>(end - at) ? 0 : at + <usize>argument;
  }
  // Each item takes a byte at least, so that a count that cannot fit is refused before it is counted.
  if (!open && kind != CBOR_TAG && argument > <u64>(end - at)) return 0;
  let items = kind == CBOR_MAP ? (<i64>argument) << 1 : kind == CBOR_TAG ? 1 : <i64>argument;
  if (open) items = i64.MAX_VALUE;
  for (let done: i64 = 0; done < items; done++) {
    if (open && at < end && load<u8>(at) == BREAK) return kind == CBOR_MAP && done & 1 ? 0 : at + 1;
    at = cborSkip(at, end, depth - 1);
    if (!at) return 0;
  }
  return at;
}

/** Whether [at, end) is exactly one well-formed map. */
export function cborIsMap(at: usize, end: usize): bool {
  return at < end && load<u8>(at) >> 5 == <u8>CBOR_MAP && cborSkip(at, end) == end;
}

/** Major type of the item at `at` (0..7), -1 beyond the end. */
export function cborType(at: usize, end: usize): i32 {
  return at < end ? <i32>(load<u8>(at) >> 5) : -1;
}

/** Whether the `length` bytes at `at` are the ASCII text `text`. */
export function cborSame(at: usize, length: i32, text: string): bool {
  if (length != text.length) return false;
  const literal = changetype<usize>(text);
  for (let i = 0; i < length; i++) {
    if (<u16>load<u8>(at + <usize>i) != load<u16>(literal + ((<usize>i) << 1))) return false;
  }
  return true;
}

/**
 * Where the value of `key` starts in the map at `map`. 0: absent, given twice, or the map is malformed. The whole map is
 * walked, so that a value is only believed if all around it is sound.
 */
export function cborFind(map: usize, end: usize, key: string): usize {
  let at = head(map, end);
  if (!at || type != CBOR_MAP) return 0;
  const open = information == INDEFINITE;
  if (!open && argument > <u64>(end - at)) return 0;
  const pairs = open ? u64.MAX_VALUE : argument;
  let found: usize = 0;
  for (let i: u64 = 0; i < pairs; i++) {
    if (open && at < end && load<u8>(at) == BREAK) break;
    const text = head(at, end);
    if (!text) return 0;
    const same =
      type == CBOR_TEXT &&
      information != INDEFINITE &&
      argument <= <u64>(end - text) &&
      cborSame(text, <i32>argument, key);
    at = cborSkip(at, end, DEPTH - 1);
    if (!at || (same && found)) return 0;
    if (same) found = at;
    at = cborSkip(at, end, DEPTH - 1);
    if (!at) return 0;
  }
  return found;
}

/** The unsigned integer under `key`, 0..`maximum` (below 2^63). -1: absent, of another type, or larger. */
export function cborUint(map: usize, end: usize, key: string, maximum: i64): i64 {
  const at = cborFind(map, end, key);
  if (!at || !head(at, end) || type != CBOR_UINT || argument > <u64>maximum) return -1;
  return <i64>argument;
}

/** The integer at `at`, negative or not. `otherwise` if it is of another type, or beyond 63 bits. */
export function cborIntAt(at: usize, end: usize, otherwise: i64): i64 {
  if (!at || !head(at, end) || type > CBOR_NEGATIVE || argument > <u64>i64.MAX_VALUE) return otherwise;
  return type == CBOR_UINT ? <i64>argument : -1 - <i64>argument;
}

/** The boolean under `key`: 1 or 0. -1: absent or of another type. */
export function cborBool(map: usize, end: usize, key: string): i32 {
  const at = cborFind(map, end, key);
  if (!at || (load<u8>(at) & 0xfe) != 0xf4) return -1;
  return load<u8>(at) & 1;
}

/** Where the content of the string of `kind` at `found` starts (0: there is none); cborLength says how many bytes. 0: of another type, cut, or sent in chunks. */
function content(found: usize, end: usize, kind: i32): usize {
  cborLength = 0;
  const at = found ? head(found, end) : 0;
  if (!at || type != kind || information == INDEFINITE || argument > <u64>(end - at)) return 0;
  cborLength = <i32>argument;
  return at;
}

/** The same of the byte string, or the text, that is the item at `at`. */
export function cborBytesAt(at: usize, end: usize): usize {
  return content(at, end, CBOR_BYTES);
}
export function cborTextAt(at: usize, end: usize): usize {
  return content(at, end, CBOR_TEXT);
}

/** Where the first key of the map at `at` starts; cborPairs says how many pairs follow. 0: `at` is 0, another type, cut or open-ended. */
export function cborMapAt(at: usize, end: usize): usize {
  cborPairs = 0;
  const first = at ? head(at, end) : 0;
  if (!first || type != CBOR_MAP || information == INDEFINITE || argument > <u64>(end - first)) return 0;
  cborPairs = <i32>argument;
  return first;
}

/** Where the bytes under `key` start; cborLength says how many. 0: absent, of another type, or sent in chunks. */
export function cborBytes(map: usize, end: usize, key: string): usize {
  return content(cborFind(map, end, key), end, CBOR_BYTES);
}

/** Where the text under `key` starts; cborLength says how many bytes. 0: absent, of another type, or sent in chunks. */
export function cborText(map: usize, end: usize, key: string): usize {
  return content(cborFind(map, end, key), end, CBOR_TEXT);
}
