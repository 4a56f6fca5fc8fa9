// Consistent Overhead Byte Stuffing (Cheshire and Baker, IEEE/ACM Transactions on Networking 7(2), 1999): frames without a
// zero byte in them, so that a zero always means "a frame ends here". Whole runs are copied, not single bytes: an engine's
// memory.copy is native even where the rest is interpreted.

/** What cobsTake ended with. */
export const COBS_MORE: i32 = 0; // all bytes taken, the frame goes on
export const COBS_FRAME: i32 = 1; // the delimiter came where a frame may end
export const COBS_CUT: i32 = 2; // the delimiter came inside a block: the frame is broken
export const COBS_LONG: i32 = 3; // the frame is longer than the buffer; its rest is still to come

/** How the last cobsTake ended, and how many bytes of the frame are decoded. */
export let cobsState: i32 = COBS_MORE;
export let cobsLength: i32 = 0;

let left: i32 = 0; // bytes of the current block that are still to come
let zero: bool = false; // the block before ends with a zero, once another block follows

/** Number of bytes before the first zero at `at`, at most `limit`; eight at a time (the zero-byte test of Hacker's Delight 6-1). */
function run(at: usize, limit: i32): i32 {
  const begin = at;
  const end = at + <usize>limit;
  while (at + 8 <= end) {
    const word = load<u64>(at);
    const zeros = (word - 0x0101010101010101) & ~word & 0x8080808080808080;
    if (zeros) return <i32>(at - begin) + <i32>(ctz(zeros) >> 3);
    at += 8;
  }
  while (at < end && load<u8>(at)) at++;
  return <i32>(at - begin);
}

/** Encodes `length` bytes at `from` to `to`, without delimiters. Returns the encoded length: at most length + length/254 + 1. */
export function cobsEncode(from: usize, length: i32, to: usize): i32 {
  const begin = to;
  const end = from + <usize>length;
  for (;;) {
    const rest = <i32>(end - from);
    const block = run(from, min(rest, 254));
    store<u8>(to, <u8>(block + 1));
    memory.copy(to + 1, from, <usize>block);
    to += <usize>block + 1;
    from += <usize>block;
    if (from == end) break;
    if (block < 254) from++; // the zero that the code byte stands for; it opens one more block even at the very end
  }
  return <i32>(to - begin);
}

/** Prepares for the first byte of a frame. */
export function cobsStart(): void {
  cobsLength = 0;
  left = 0;
  zero = false;
}

/** Decodes bytes [at, end) behind those decoded before, into `buffer` of `room` bytes. Returns the first byte not taken; see cobsState. */
export function cobsTake(at: usize, end: usize, buffer: usize, room: i32): usize {
  while (at < end) {
    if (left == 0) {
      const code = <i32>load<u8>(at++);
      if (code == 0) {
        cobsState = COBS_FRAME;
        return at;
      }
      if (zero) {
        if (cobsLength == room) {
          cobsState = COBS_LONG;
          return at;
        }
        store<u8>(buffer + <usize>cobsLength, 0);
        cobsLength++;
      }
      left = code - 1;
      zero = code != 0xff;
    } else {
      const span = min(left, <i32>(end - at));
      const block = run(at, span);
      if (block > room - cobsLength) {
        cobsState = COBS_LONG;
        return at;
      }
      memory.copy(buffer + <usize>cobsLength, at, <usize>block);
      cobsLength += block;
      left -= block;
      at += <usize>block;
      if (block < span) {
        cobsState = COBS_CUT;
        return at + 1;
      }
    }
  }
  cobsState = COBS_MORE;
  return at;
}
