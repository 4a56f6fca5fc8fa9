// SMP, the Simple Management Protocol of mcumgr (Zephyr documentation, "SMP protocol specification"), version 2: an 8-byte
// header (reserved, version, operation; flags; length; group; sequence; id; big-endian) and a CBOR map. Version 1 differs in
// how errors are told: {rc} in place of {err: {group, rc}}.
import { ANSWER, MESSAGE_BYTES } from "./buffers";
import { putEnd, putMap, putStart, putText, putUint } from "./cbor-write";
import { linkSend } from "./transmit";

export const SMP_HEADER_BYTES: i32 = 8;

export const OP_READ: i32 = 0;
export const OP_WRITE: i32 = 2;

export const GROUP_OS: i32 = 0;
export const GROUP_IMAGE: i32 = 1;
export const GROUP_KANMON: i32 = 64;

// Errors of the protocol itself (mcumgr's MGMT_ERR); a group's own errors go through smpError.
export const MGMT_ERR_EINVAL: i32 = 3;
export const MGMT_ERR_EMSGSIZE: i32 = 7;
export const MGMT_ERR_ENOTSUP: i32 = 8;
/** Where version 1 has its group's own errors begin. */
const MGMT_ERR_EPERUSER: i32 = 256;

// The request being answered. It outlives its message, which may be wiped before the answer is built.
export let smpOperation: i32 = 0;
export let smpVersion: i32 = 0;
export let smpGroup: i32 = 0;
export let smpId: i32 = 0;
let sequence: u8 = 0;

/** Whether the `length` bytes at `message` have a header of version 1 or 2 that agrees with their length. */
export function smpFits(message: usize, length: i32): bool {
  return (
    length >= SMP_HEADER_BYTES &&
    load<u8>(message) >> 3 <= 1 &&
    (load<u8>(message) & 7) <= 3 &&
    load<u8>(message, 1) == 0 &&
    <i32>bswap<u16>(load<u16>(message, 2)) == length - SMP_HEADER_BYTES
  );
}

/** Takes the request whose header stands at `message` (checked by smpFits). Returns false if it is a response, which is never answered. */
export function smpTake(message: usize): bool {
  const first = <i32>load<u8>(message);
  smpOperation = first & 7;
  smpVersion = first >> 3;
  smpGroup = <i32>bswap<u16>(load<u16>(message, 4));
  sequence = load<u8>(message, 6);
  smpId = <i32>load<u8>(message, 7);
  return (smpOperation & 1) == 0;
}

/** Starts the answer: a map of `pairs` pairs, to be written with the put functions of cbor-write.ts. */
export function smpAnswer(pairs: i32): void {
  putStart(ANSWER + <usize>SMP_HEADER_BYTES, MESSAGE_BYTES - SMP_HEADER_BYTES);
  putMap(pairs);
}

/** Ends the answer and sends it in `framing`. One that did not fit becomes the error MGMT_ERR_EMSGSIZE. */
export function smpSend(framing: i32): void {
  const length = putEnd();
  if (length < 0) return smpStatus(MGMT_ERR_EMSGSIZE, framing);
  store<u8>(ANSWER, <u8>((smpVersion << 3) | smpOperation | 1));
  store<u8>(ANSWER, 0, 1);
  store<u16>(ANSWER, bswap<u16>(<u16>length), 2);
  store<u16>(ANSWER, bswap<u16>(<u16>smpGroup), 4);
  store<u8>(ANSWER, sequence, 6);
  store<u8>(ANSWER, <u8>smpId, 7);
  linkSend(SMP_HEADER_BYTES + length, framing);
}

/** Answers {rc}: an error of the protocol (MGMT_ERR_…), told so in both versions. */
export function smpStatus(rc: i32, framing: i32): void {
  smpAnswer(1);
  putText("rc");
  putUint(<u64>rc);
  smpSend(framing);
}

/** Answers an error `rc` of `group`: {err: {group, rc}} in version 2, {rc: 256 + rc} in version 1. */
export function smpError(group: i32, rc: i32, framing: i32): void {
  if (smpVersion == 0) return smpStatus(MGMT_ERR_EPERUSER + rc, framing);
  smpAnswer(1);
  smpErrorPair(group, rc, 0);
  smpSend(framing);
}

/** Writes the pair `err` of an error answer, whose inner map has `more` further pairs, which follow (keys after "group"). */
export function smpErrorPair(group: i32, rc: i32, more: i32): void {
  putText("err");
  putMap(2 + more);
  putText("rc");
  putUint(<u64>rc);
  putText("group");
  putUint(<u64>group);
}
