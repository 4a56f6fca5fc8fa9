// SMP group 0 (OS management): echo, reset, the link's limits and the system's name, as mcumgr's tools ask for them.
import { MESSAGE_BYTES, WINDOW } from "./buffers";
import { cborLength, cborSame, cborText } from "./cbor";
import { putText, putTextFrom, putUint } from "./cbor-write";
import {
  GROUP_OS,
  MGMT_ERR_EINVAL,
  MGMT_ERR_ENOTSUP,
  OP_READ,
  OP_WRITE,
  smpAnswer,
  smpError,
  smpId,
  smpOperation,
  smpSend,
  smpStatus,
} from "./smp";
import { linkLeave } from "./transmit";

const ECHO: i32 = 0;
const RESET: i32 = 5;
const PARAMETERS: i32 = 6;
const INFO: i32 = 7;

/** OS_MGMT_ERR_INVALID_FORMAT: `format` asks for what this image does not know. */
const OS_ERR_FORMAT: i32 = 2;

let name: string = "Kanmon";

/** Sets the system's name: another image says so. */
export function osName(text: string): void {
  name = text;
}

/** Answers a request of group 0 whose CBOR map is [map, end). */
export function osMessage(map: usize, end: usize, framing: i32): void {
  if (smpId == ECHO) echo(map, end, framing);
  else if (smpId == RESET && smpOperation == OP_WRITE) reset(framing);
  else if (smpId == PARAMETERS && smpOperation == OP_READ) parameters(framing);
  else if (smpId == INFO && smpOperation == OP_READ) info(map, end, framing);
  else smpStatus(MGMT_ERR_ENOTSUP, framing);
}

/** {d: text} is answered with {r: the same text}. */
function echo(map: usize, end: usize, framing: i32): void {
  const text = cborText(map, end, "d");
  if (!text) return smpStatus(MGMT_ERR_EINVAL, framing);
  smpAnswer(1);
  putText("r");
  putTextFrom(text, cborLength);
  smpSend(framing);
}

/** The board restarts once the answer has left. */
function reset(framing: i32): void {
  smpAnswer(0);
  linkLeave();
  smpSend(framing);
}

function parameters(framing: i32): void {
  smpAnswer(2);
  putText("buf_size");
  putUint(<u64>MESSAGE_BYTES);
  putText("buf_count");
  putUint(<u64>WINDOW);
  smpSend(framing);
}

/** Knows the formats s (the default: the system's name) and o (the same); the image's digest is in group 64, info. */
function info(map: usize, end: usize, framing: i32): void {
  const format = cborText(map, end, "format");
  const known = !format || cborSame(format, cborLength, "s") || cborSame(format, cborLength, "o");
  if (!known) return smpError(GROUP_OS, OS_ERR_FORMAT, framing);
  smpAnswer(1);
  putText("output");
  putText(name);
  smpSend(framing);
}
