// Whether CBOR is deterministic (RFC 8949 section 4.2.1): shortest heads, definite lengths, map keys ascending and so none twice.
// Signed documents must be, so that the device and every other reader see the same thing in the same bytes. Only what Kanmon's
// documents use is taken: integers, byte and text strings, arrays, maps, true and false.

const DEPTH: i32 = 6;

/** Whether [at, end) is exactly one deterministic item. */
export function isDeterministic(at: usize, end: usize): bool {
  return after(at, end, DEPTH) == end;
}

/** Where the item at `at` ends, 0 when it is not deterministic or goes beyond `end`. */
function after(at: usize, end: usize, depth: i32): usize {
  if (at >= end || depth < 0) return 0;
  const first = load<u8>(at);
  const type = first >> 5;
  const information = first & 31;
  let value: u64 = information;
  at++;
  if (type == 7) return information == 20 || information == 21 ? at : 0;
  if (information > 23) {
    if (information > 27) return 0;
    const size: usize = (1 as usize) << (information - 24);
    if (end - at < size) return 0;
    value = 0;
    for (let i: usize = 0; i < size; i++) value = (value << 8) | load<u8>(at + i);
    if (value < (size == 1 ? 24 : (1 as u64) << (size << 2))) return 0;
    at += size;
  }
  if (type < 2) return at;
  if (type < 4) return value > ((end - at) as u64) ? 0 : at + (value as usize);
  if (type == 6) return 0;
  let last: usize = 0;
  let lastEnd: usize = 0;
  for (; value; value--) {
    if (type == 5) {
      const key = at;
      at = after(key, end, depth - 1);
      if (!at || (last && !ascends(last, lastEnd, key, at))) return 0;
      last = key;
      lastEnd = at;
    }
    at = after(at, end, depth - 1);
    if (!at) return 0;
  }
  return at;
}

/** Whether encoded key a comes before b, bytewise. */
function ascends(a: usize, aEnd: usize, b: usize, bEnd: usize): bool {
  const order = memory.compare(a, b, min(aEnd - a, bEnd - b));
  return order < 0 || (order == 0 && aEnd - a < bEnd - b);
}
