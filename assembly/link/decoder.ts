// The way in: finds messages in the line's bytes, whatever stands between them. One pass, static buffers, two framings on
// one port. A COBS frame begins after a zero, and as an SMP header's flags are zero its first byte is 1 or 2; a console line
// begins with its mark. Once a COBS frame was good, marks count only after a delimiter: pixels that look like a console
// line, in a frame whose head was lost, are not taken for one.
import * as board from "../board";
import { INPUT, MESSAGE, MESSAGE_BYTES, wipeMessages } from "./buffers";
import { COBS_CUT, COBS_FRAME, COBS_LONG, COBS_MORE, cobsLength, cobsStart, cobsState, cobsTake } from "./cobs";
import {
  CONSOLE_BAD,
  CONSOLE_MESSAGE,
  CONSOLE_MORE,
  consoleBegun,
  consoleLength,
  consoleLine,
  consoleStart,
  consoleTake,
} from "./console";
import { crc32 } from "./crc32";
import { OP_WRITE, SMP_HEADER_BYTES, smpFits } from "./smp";
import { FRAMING_COBS, FRAMING_CONSOLE, linkAgain, linkForget, wipeSent } from "./transmit";

const IDLE: i32 = 0; // after a delimiter: a frame or a line may begin
const COBS: i32 = 1; // inside a COBS frame
const MARK: i32 = 2; // the first byte of a console mark was seen
const LINE: i32 = 3; // inside a console line
const NOISE: i32 = 4; // waiting for a delimiter

/** After this silence, in microseconds, whatever was begun is given up: its sender went away. */
const SILENCE: u64 = 1_000_000;

/** Takes the SMP message of `length` bytes at `message` and answers it in the framing it came in. */
export type Handler = (message: usize, length: i32, framing: i32) => void;

let serve: Handler = ignore;

function ignore(_message: usize, _length: i32, _framing: i32): void {}

/** Sets who serves the messages; until then they are ignored. */
export function linkServe(handler: Handler): void {
  serve = handler;
}

let state: i32 = IDLE;
let mark: u8 = 0;
let strict: bool = false; // a COBS frame was good: marks count only after a delimiter
let heard: u64 = 0;
let lastSum: u32 = 0; // CRC-32 and length of the message before
let lastLength: i32 = 0;
let begin: usize = INPUT; // the bytes that linkReceive is working on, up to the one it reads next
let next: usize = INPUT;

/** Takes `length` bytes from the line at `at`, has each message served that they complete, and zeroes them. */
export function linkReceive(at: usize, length: i32): void {
  const now = board.micros();
  if (now - heard > SILENCE) {
    drop(IDLE);
    strict = false;
  }
  heard = now;
  begin = next = at;
  const end = at + <usize>length;
  while (next < end) {
    if (state == COBS) takeFrame(end);
    else takeByte(load<u8>(next++));
  }
  memory.fill(at, 0, <usize>length);
  begin = next = INPUT;
}

/** Gives up what was begun, leaving none of it behind, and goes on in state `then`. */
function drop(then: i32): void {
  if (state == COBS) memory.fill(MESSAGE, 0, <usize>cobsLength);
  else if (consoleBegun()) memory.fill(MESSAGE - 2, 0, <usize>(MESSAGE_BYTES + 6));
  consoleStart();
  cobsStart();
  state = then;
}

/**
 * Hands on the message at MESSAGE, whose CRC-32 is `sum`, if its header agrees with its length. The same write twice in a row, sequence number and all,
 * is a host that lost the answer and asks again: it gets the answer once more, and nothing is done twice.
 */
function deliver(length: i32, sum: u32, how: i32): void {
  if (!smpFits(MESSAGE, length)) return;
  if (how == FRAMING_COBS) strict = true;
  const again = sum == lastSum && length == lastLength && (load<u8>(MESSAGE) & 7) == OP_WRITE;
  lastSum = sum;
  lastLength = length;
  if (again && linkAgain(how)) return;
  linkForget();
  serve(MESSAGE, length, how);
}

function takeFrame(end: usize): void {
  next = cobsTake(next, end, MESSAGE, MESSAGE_BYTES + 4);
  if (cobsState == COBS_MORE) return;
  const length = cobsLength - 4;
  if (cobsState == COBS_FRAME && length >= SMP_HEADER_BYTES) {
    const sum = crc32(MESSAGE, length);
    if (sum == load<u32>(MESSAGE + <usize>length)) deliver(length, sum, FRAMING_COBS);
  }
  drop(cobsState == COBS_LONG ? NOISE : IDLE);
}

function takeByte(byte: u8): void {
  if (byte == 0) {
    drop(IDLE);
  } else if (state == LINE) {
    if (byte == 10) {
      takeLineEnd();
    } else if (byte != 13 && consoleTake(byte, MESSAGE, MESSAGE_BYTES) == CONSOLE_BAD) {
      drop(NOISE);
      next--; // may be a mark's first byte
    }
  } else if (state == MARK) {
    if ((mark == 6 && byte == 9) || (mark == 4 && byte == 20 && consoleBegun())) {
      if (mark == 6) drop(LINE);
      else state = LINE;
    } else {
      state = NOISE;
      next--; // may be a mark's first byte
    }
  } else if ((byte == 6 || byte == 4) && (state == IDLE || !strict)) {
    mark = byte;
    state = MARK;
  } else if (state == IDLE && byte <= 2) {
    drop(COBS);
    next--;
  } else if (byte == 10 && !strict) {
    state = IDLE;
  } else if (byte != 10 && byte != 13) {
    state = NOISE;
  }
}

function takeLineEnd(): void {
  state = IDLE;
  const made = consoleLine(MESSAGE);
  if (made == CONSOLE_MESSAGE) deliver(consoleLength, crc32(MESSAGE, consoleLength), FRAMING_CONSOLE);
  if (made != CONSOLE_MORE) drop(IDLE);
}

/**
 * Zeroes every buffer of the link, save bytes from the line that are still unread and answers not sent yet. To be called
 * before a decision is released; a message being handled, and an answer that was begun, are gone afterwards. Returns the
 * bytes of messages zeroed; how much of the line's own buffers was in use depends on the line's timing, and a record must not.
 */
export function linkWipe(): i32 {
  memory.fill(begin, 0, <usize>(next - begin));
  linkForget();
  wipeSent();
  return wipeMessages();
}
