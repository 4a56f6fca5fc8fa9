// The recovery image: what a board runs that has no bootable image. It is linked into the runner, and serves the same link with the same
// code as the reader, but only SMP groups 0 and 1, so that first provisioning, update and rescue are one protocol; and group 64's info,
// by which a host knows the device again.
import { public_key } from "./board";
import { cborIsMap } from "./link/cbor";
import { putBytes, putText, putUint } from "./link/cbor-write";
import { INPUT, linkPump, linkReceive, linkServe, MESSAGE_BYTES, WINDOW } from "./link/link";
import { osMessage, osName } from "./link/os";
import {
  GROUP_IMAGE,
  GROUP_KANMON,
  GROUP_OS,
  MGMT_ERR_EINVAL,
  MGMT_ERR_ENOTSUP,
  OP_READ,
  SMP_HEADER_BYTES,
  smpAnswer,
  smpGroup,
  smpId,
  smpOperation,
  smpSend,
  smpStatus,
  smpTake,
} from "./link/smp";
import * as facts from "./update/board-facts";
import { imageMessage } from "./update/image";

const INFO: i32 = 0;
const KEY: usize = memory.data(32, 8);

/** Starts: once, before anything else. The journal is none of its business. Returns 0, or 1 if the board gave no key: it serves all the same. */
export function start(_journal: u32, _sector: u32, _unit: u32): i32 {
  osName("Kanmon recovery");
  linkServe(onMessage);
  return public_key(KEY) == 0 ? 0 : 1;
}

/** Where the runner puts bytes from the line: 4,096 at most. */
export function receive_buffer(): usize {
  return INPUT;
}

/** Takes `length` bytes from the receive buffer. */
export function receive(length: i32): void {
  linkReceive(INPUT, min(max(length, 0), 4096));
}

/** Sends what waits. Returns 1 while there is more to do. */
export function poll(): i32 {
  return linkPump() ? 1 : 0;
}

/** Answers the SMP message of `length` bytes at `message`, in the framing it came in. See linkServe. */
function onMessage(message: usize, length: i32, framing: i32): void {
  if (!smpTake(message)) return;
  const map = message + (SMP_HEADER_BYTES as usize);
  const end = message + (length as usize);
  if (map < end && !cborIsMap(map, end)) smpStatus(MGMT_ERR_EINVAL, framing);
  else if (smpGroup == GROUP_OS) osMessage(map, end, framing);
  else if (smpGroup == GROUP_IMAGE) imageMessage(map, end, framing);
  else if (smpGroup == GROUP_KANMON && smpId == INFO && smpOperation == OP_READ) info(framing);
  else smpStatus(MGMT_ERR_ENOTSUP, framing);
}

/** info → the reader's, as far as it is known here; its state is "recovery". */
function info(framing: i32): void {
  facts.boardRead();
  smpAnswer(12);
  putText("key");
  putBytes(KEY, 32);
  facts.putBoot();
  facts.putSlot();
  facts.putBoard();
  putText("state");
  putText("recovery");
  facts.putTraps();
  facts.putEngine();
  facts.putRunner();
  putText("window");
  putUint(WINDOW);
  facts.putSecurity();
  putText("message_bytes");
  putUint(MESSAGE_BYTES);
  facts.putDevelopmentImages();
  smpSend(framing);
}
