// The way out: an answer is framed as its request was, offered to the board, and what the board did not take waits for the
// next poll. An answer that finds no room is dropped: every request may be repeated, so the host asks again.
import * as board from "../board";
import { ANSWER, WIRE, WIRE_BYTES } from "./buffers";
import { cobsEncode } from "./cobs";
import { consoleEncode } from "./console";
import { crc32 } from "./crc32";

export const FRAMING_COBS: i32 = 1;
export const FRAMING_CONSOLE: i32 = 2;

let head: i32 = 0; // first byte the board has not taken
let tail: i32 = 0; // end of the framed bytes
let leaving: bool = false;
let answered: i32 = 0; // length of the answer that stands in ANSWER, 0: none

/** Bytes that a message of `length` bytes takes on the line at most. */
function framedBytes(length: i32, framing: i32): i32 {
  if (framing == FRAMING_COBS) return length + 4 + (length + 4) / 254 + 3;
  return ((length + 4 + 92) / 93) * 127;
}

/** Frames the message of `length` bytes that stands in ANSWER and offers it to the board. Returns whether there was room. */
export function linkSend(length: i32, framing: i32): bool {
  answered = length;
  linkPump();
  const need = framedBytes(length, framing);
  if (need > WIRE_BYTES - (tail - head)) return false;
  if (need > WIRE_BYTES - tail) {
    memory.copy(WIRE, WIRE + <usize>head, <usize>(tail - head));
    tail -= head;
    head = 0;
  }
  if (framing == FRAMING_COBS) {
    store<u32>(ANSWER + <usize>length, crc32(ANSWER, length));
    const at = WIRE + <usize>tail;
    const encoded = cobsEncode(ANSWER, length + 4, at + 1);
    store<u8>(at, 0); // ends whatever noise came before
    store<u8>(at + 1 + <usize>encoded, 0);
    tail += encoded + 2;
  } else {
    tail += consoleEncode(ANSWER, length, WIRE + <usize>tail);
  }
  linkPump();
  return true;
}

/** Sends the last answer again. Returns false if there is none. */
export function linkAgain(framing: i32): bool {
  if (!answered) return false;
  linkSend(answered, framing);
  return true;
}

/** Forgets the last answer: another is to be built in its place, or it was wiped. */
export function linkForget(): void {
  answered = 0;
}

/** Offers the board what waits. To be called at each poll. Returns whether something still waits. */
export function linkPump(): bool {
  while (head < tail) {
    const taken = board.transmit(WIRE + <usize>head, tail - head);
    if (taken <= 0) return true;
    head += min(taken, tail - head);
  }
  head = tail = 0;
  if (leaving) {
    leaving = false;
    board.reset();
  }
  return false;
}

/** Restarts the board as soon as everything is sent. */
export function linkLeave(): void {
  leaving = true;
}

/** Zeroes what was sent already; answers that still wait stay. */
export function wipeSent(): void {
  memory.fill(WIRE, 0, <usize>head);
  memory.fill(WIRE + <usize>tail, 0, <usize>(WIRE_BYTES - tail));
}
