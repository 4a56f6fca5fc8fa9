// The link's static buffers. Whatever stands in them may be part of a biometric frame: see linkWipe.

/** Longest SMP message in either direction, header included. */
export const MESSAGE_BYTES: i32 = 4096;
/** Requests that a host may have under way at once. */
export const WINDOW: i32 = 4;

/** Raw bytes from the line, written by the runner. */
export const INPUT_BYTES: i32 = 4096;
export const INPUT: usize = memory.data(4096, 16);

/** The message being received, with room for its length before it (console) and its CRC-32 after it (COBS). */
const RECEIVED: usize = memory.data(16 + 4096 + 16, 16);
export const MESSAGE: usize = RECEIVED + 16;

/** The answer being built, with the same room around it. */
const ANSWERED: usize = memory.data(16 + 4096 + 16, 16);
export const ANSWER: usize = ANSWERED + 16;
/** The same 4,096 bytes, as room for whoever needs some while a request is done: it is gone when the answer is begun. */
export const UNANSWERED: usize = ANSWER;

/** Framed answers on their way out: two of the longest in COBS, or one in console lines (5,600 bytes). */
export const WIRE_BYTES: i32 = 8256;
export const WIRE: usize = memory.data(8256, 16);

/** Zeroes both messages. Returns the bytes zeroed. */
export function wipeMessages(): i32 {
  memory.fill(RECEIVED, 0, 4128);
  memory.fill(ANSWERED, 0, 4128);
  return 4128 + 4128;
}
