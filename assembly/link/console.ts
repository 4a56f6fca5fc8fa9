// The SMP console framing (Zephyr, "SMP over console"): a message travels as text lines, so that it can share a shell's
// terminal. Body: length (2 bytes, big-endian, of message and CRC), message, CRC-16/XMODEM; base64 of the body, cut into
// lines of at most 127 bytes: 0x06 0x09 begins the first, 0x04 0x14 each further one, 0x0A ends them.

/** Body bytes in a line: 2 + 124 + 1 = 127 bytes with mark, base64 and line end. */
const LINE_BYTES: i32 = 93;

/** What consoleTake made of a character, or consoleLine of a line's end. */
export const CONSOLE_MORE: i32 = 0;
export const CONSOLE_MESSAGE: i32 = 1; // a whole message with a good CRC
export const CONSOLE_BAD: i32 = 2; // not base64, or the body is longer than it says or wrong

/** Bytes of the message when consoleLine returned CONSOLE_MESSAGE. */
export let consoleLength: i32 = 0;

let filled: i32 = 0; // bytes of the body that are decoded
let bits: u32 = 0; // sextets that do not make up a byte yet
let sextets: i32 = 0;

/** CRC-16/XMODEM (polynomial 0x1021, initially 0) of `length` bytes at `at`. */
export function crc16(at: usize, length: i32): u16 {
  let crc: u32 = 0;
  for (const end = at + <usize>length; at < end; at++) {
    let mixed = (crc >>> 8) ^ load<u8>(at);
    mixed ^= mixed >>> 4;
    crc = ((crc << 8) ^ (mixed << 12) ^ (mixed << 5) ^ mixed) & 0xffff;
  }
  return <u16>crc;
}

function digit(value: u32): u8 {
  if (value < 26) return <u8>(value + 65);
  if (value < 52) return <u8>(value + 71);
  if (value < 62) return <u8>(value - 4);
  return value == 62 ? 43 : 47;
}

function sextet(character: u32): i32 {
  if (character - 65 < 26) return <i32>character - 65;
  if (character - 97 < 26) return <i32>character - 71;
  if (character - 48 < 10) return <i32>character + 4;
  return character == 43 ? 62 : character == 47 ? 63 : -1;
}

/** Writes the message of `length` bytes at `message` as lines to `to`; uses 2 bytes before and 2 behind it. Returns their length. */
export function consoleEncode(message: usize, length: i32, to: usize): i32 {
  const begin = to;
  store<u16>(message - 2, bswap<u16>(<u16>(length + 2)));
  store<u16>(message + <usize>length, bswap<u16>(crc16(message, length)));
  const end = message + <usize>length + 2;
  for (let line = message - 2; line < end; line += <usize>LINE_BYTES) {
    store<u16>(to, line < message ? 0x0906 : 0x1404);
    to += 2;
    const stop = min(line + <usize>LINE_BYTES, end);
    for (let at = line; at < stop; at += 3) {
      const count = stop - at;
      const second: u32 = count > 1 ? load<u8>(at, 1) : 0;
      const third: u32 = count > 2 ? load<u8>(at, 2) : 0;
      const group = ((<u32>load<u8>(at)) << 16) | (second << 8) | third;
      store<u8>(to, digit(group >>> 18));
      store<u8>(to, digit((group >>> 12) & 63), 1);
      store<u8>(to, count > 1 ? digit((group >>> 6) & 63) : 61, 2);
      store<u8>(to, count > 2 ? digit(group & 63) : 61, 3);
      to += 4;
    }
    store<u8>(to++, 10);
  }
  return <i32>(to - begin);
}

/** Prepares for the first line of a message. */
export function consoleStart(): void {
  filled = 0;
  bits = 0;
  sextets = 0;
}

/** Whether a message has begun, so that a further line may continue it. */
export function consoleBegun(): bool {
  return filled > 0;
}

/** Bytes of the body that its length announces, 0 while that is not known. */
function announced(message: usize): i32 {
  return filled < 2 ? 0 : <i32>bswap<u16>(load<u16>(message - 2));
}

/** Adds one character of a line to the message at `message` (2 bytes before it hold the length) with room for `room` bytes and the CRC. */
export function consoleTake(character: u8, message: usize, room: i32): i32 {
  if (character == 61) {
    bits = sextets = 0; // padding: what is left over carries nothing
    return CONSOLE_MORE;
  }
  const value = sextet(character);
  const body = announced(message);
  if (value < 0 || (body && filled == body + 2)) return CONSOLE_BAD;
  bits = (bits << 6) | <u32>value;
  if (sextets++ == 0) return CONSOLE_MORE;
  if (sextets == 4) sextets = 0;
  const spare = sextets == 2 ? 4 : sextets == 3 ? 2 : 0;
  store<u8>(message - 2 + <usize>filled, <u8>(bits >>> spare));
  if (++filled != 2) return CONSOLE_MORE;
  return announced(message) < 2 || announced(message) > room + 2 ? CONSOLE_BAD : CONSOLE_MORE;
}

/**
 * Tells what a line's end made of the message at `message`. Only here is it taken for whole: lines of two messages that were
 * run together hardly ever end where the length says, and CRC-16 alone lets one in 65,536 pass.
 */
export function consoleLine(message: usize): i32 {
  const body = announced(message);
  if (!body || filled < body + 2) return CONSOLE_MORE;
  consoleLength = body - 2;
  return bswap<u16>(load<u16>(message + <usize>consoleLength)) == crc16(message, consoleLength)
    ? CONSOLE_MESSAGE
    : CONSOLE_BAD;
}
