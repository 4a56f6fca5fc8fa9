// The link alone as a module, for the tests that feed it streams: the image's own decoder, framing and CBOR reader. Each message is
// told to the test, and sent back if it wants so.
import { trace } from "../board";
import { ANSWER } from "../link/buffers";
import { cborFind, cborSkip } from "../link/cbor";
import { linkSend, linkServe } from "../link/link";

export { abort } from "../board";
export { INPUT, INPUT_BYTES, linkPump, linkReceive, linkWipe } from "../link/link";

let answering: bool = false;
let framing: i32 = 0;

/** Sets whether each message is sent back. */
export function answer(yes: bool): void {
  answering = yes;
}

/** Framing of the message that is being told through the board's trace. */
export function framingOf(): i32 {
  return framing;
}

function onMessage(message: usize, length: i32, how: i32): void {
  framing = how;
  trace(message, length);
  if (!answering) return;
  memory.copy(ANSWER, message, <usize>length);
  linkSend(length, how);
}

linkServe(onMessage);

/** Reads the `length` bytes at the very end of memory as CBOR, where a read beyond them traps. Returns bytes skipped, 0 if refused. */
export function readAtEnd(length: i32): i32 {
  const end = (<usize>memory.size()) << 16;
  const at = end - <usize>length;
  cborFind(at, end, "data");
  const next = cborSkip(at, end);
  return next ? <i32>(next - at) : 0;
}
