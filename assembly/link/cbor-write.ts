// CBOR writer, deterministic (RFC 8949 section 4.2.1: shortest heads, definite lengths; the caller gives map keys in
// bytewise order of their encoding). One document at a time, into the caller's buffer: putStart, the items, putEnd. Running
// out of room is remembered and told once, by putEnd, so that callers need no check at each item.

let cursor: usize = 0;
let begin: usize = 0;
let limit: usize = 0;
let full: bool = false;

/** Starts a document at `at` with room for `capacity` bytes. */
export function putStart(at: usize, capacity: i32): void {
  begin = cursor = at;
  limit = at + <usize>capacity;
  full = false;
}

/** Ends the document. Returns its length in bytes, -1 if it did not fit. */
export function putEnd(): i32 {
  return full ? -1 : <i32>(cursor - begin);
}

/** Takes `length` bytes of the document and returns where they are to be written, 0 if they do not fit. */
function take(length: i32): usize {
  if (full || length < 0 || <usize>length > limit - cursor) {
    full = true;
    return 0;
  }
  const at = cursor;
  cursor += <usize>length;
  return at;
}

function putHead(type: u8, value: u64): void {
  const size: i32 = value < 24 ? 0 : value <= 0xff ? 1 : value <= 0xffff ? 2 : value <= 0xffffffff ? 4 : 8;
  const at = take(1 + size);
  if (!at) return;
  store<u8>(at, (type << 5) | <u8>(size == 0 ? value : 24 + ctz(size)));
  for (let i = 1; i <= size; i++) store<u8>(at + <usize>i, <u8>(value >> ((<u64>(size - i)) << 3)));
}

/** An unsigned integer. */
export function putUint(value: u64): void {
  putHead(0, value);
}

/** An integer of either sign. */
export function putInt(value: i64): void {
  if (value < 0) putHead(1, <u64>~value);
  else putHead(0, <u64>value);
}

/** A byte string copied from `at`. */
export function putBytes(at: usize, length: i32): void {
  const to = putBytesSpace(length);
  if (to) memory.copy(to, at, <usize>length);
}

/** A byte string of `length` bytes that the caller fills in: returns where, 0 if it does not fit. */
export function putBytesSpace(length: i32): usize {
  putHead(2, <u64>length);
  return take(length);
}

/** A text of ASCII characters, from a literal: a map's key or a fixed word. */
export function putText(text: string): void {
  putHead(3, <u64>text.length);
  const at = take(text.length);
  if (!at) return;
  const literal = changetype<usize>(text);
  for (let i = 0; i < text.length; i++) store<u8>(at + <usize>i, <u8>load<u16>(literal + ((<usize>i) << 1)));
}

/** A text of `length` bytes of UTF-8, copied from `at`. */
export function putTextFrom(at: usize, length: i32): void {
  putHead(3, <u64>length);
  const to = take(length);
  if (to) memory.copy(to, at, <usize>length);
}

/** An array of `count` items, which follow. */
export function putArray(count: i32): void {
  putHead(4, <u64>count);
}

/** A map of `count` pairs, which follow: key, value, key, value. */
export function putMap(count: i32): void {
  putHead(5, <u64>count);
}

/** true or false. */
export function putBool(value: bool): void {
  const at = take(1);
  if (at) store<u8>(at, value ? 0xf5 : 0xf4);
}

/** null: not measured, not known. */
export function putNull(): void {
  const at = take(1);
  if (at) store<u8>(at, 0xf6);
}
