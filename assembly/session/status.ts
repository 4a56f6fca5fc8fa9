// Group 64, what the device tells: info, the log and its checkpoint, attestation.
import { sign } from "../board";
import { cborBytes, cborLength, cborUint } from "../link/cbor";
import { putArray, putBool, putBytes, putEnd, putMap, putStart, putText, putUint } from "../link/cbor-write";
import { MESSAGE_BYTES, WINDOW } from "../link/link";
import { smpAnswer, smpSend } from "../link/smp";
import { checkpointSign, checkpointText, DEVICE_ID_BYTES } from "../pec/checkpoint";
import { treeRoot, treeSize } from "../pec/tree";
import { journalFree } from "../store/journal";
import { KIND_RECORD, KIND_TEMPLATE } from "../store/kinds";
import * as facts from "../update/board-facts";
import { deviceIdBytes, deviceKey, deviceState, journalBytes, STATES } from "./device";
import { epochNumber } from "./epoch";
import { fail } from "./fields";
import { imageDigest, logEntry, logEntryText, logRelease, logReleased } from "./log";
import { policyDevelopment, policyDigest } from "./policy";
import { RC_BOARD, RC_MALFORMED, RC_NOT_FOUND } from "./rc";
import { sessionOpen } from "./session";

const VERSION = "0.1.0";
/** What an attestation signs begins so, that no signature over it is good for anything else. */
const CONTEXT = "kanmon/attest/v1\n";
const CONTEXT_BYTES: i32 = 17;
const STATEMENT_BYTES: i32 = 320;
const STATEMENT = memory.data(17 + 320, 8);
const SIGNATURE = memory.data(64, 8);
const ROOT = memory.data(32, 8);

/** info → identity, digests, board, state, limits. */
export function info(framing: i32): void {
  facts.boardRead();
  smpAnswer(22);
  putText("key");
  putBytes(deviceKey(), 32);
  putText("log");
  putMap(2);
  putText("size");
  putUint(treeSize());
  putText("released");
  putUint(logReleased());
  facts.putBoot();
  facts.putSlot();
  facts.putBoard();
  putText("epoch");
  putUint(epochNumber());
  putText("image");
  putBytes(imageDigest(), 32);
  putText("state");
  putText(unchecked(STATES[deviceState()]));
  facts.putTraps();
  putText("device");
  putBytes(deviceIdBytes(), DEVICE_ID_BYTES);
  facts.putEngine();
  putText("policy");
  putBytes(policyDigest(), 32);
  facts.putRunner();
  putText("window");
  putUint(WINDOW);
  putText("journal");
  putMap(3);
  putText("bytes");
  putUint(journalBytes());
  putText("records_free");
  putUint(journalFree(KIND_RECORD));
  putText("templates_free");
  putUint(journalFree(KIND_TEMPLATE));
  putText("session");
  putUint(sessionOpen());
  putText("version");
  putText(VERSION);
  facts.putSecurity();
  putText("development");
  putBool(policyDevelopment());
  putText("memory_bytes");
  putUint((memory.size() as u64) << 16);
  putText("message_bytes");
  putUint(MESSAGE_BYTES);
  facts.putDevelopmentImages();
  smpSend(framing);
}

/** log read: {from} → {size, from, entries: [bytes…]}: as many entries from there on as one message holds. */
export function readLog(map: usize, end: usize, framing: i32): void {
  const from = cborUint(map, end, "from", u32.MAX_VALUE);
  if (from < 0) return fail(RC_MALFORMED, framing);
  if ((from as u32) < logReleased() && logEntry(from as u32) < 0) return fail(RC_NOT_FOUND, framing);
  // Counted first, since the array's head comes before the entries.
  let count: u32 = 0;
  let room = MESSAGE_BYTES - 64;
  while ((from as u32) + count < treeSize()) {
    room -= logEntry((from as u32) + count) + 3;
    if (room < 0) break;
    count++;
  }
  smpAnswer(2);
  putText("size");
  putUint(treeSize());
  putText("entries");
  putArray(count);
  for (let i: u32 = 0; i < count; i++) putBytes(logEntryText(), logEntry((from as u32) + i));
  smpSend(framing);
}

/** log release: {size} → {released}: the host has stored the entries below. */
export function releaseLog(map: usize, end: usize, framing: i32): void {
  const size = cborUint(map, end, "size", u32.MAX_VALUE);
  const status = size < 0 ? RC_MALFORMED : logRelease(size as u32);
  if (status) return fail(status, framing);
  smpAnswer(1);
  putText("released");
  putUint(logReleased());
  smpSend(framing);
}

/** checkpoint → {note}: the signed note (C2SP tlog-checkpoint), as bytes of UTF-8. */
export function checkpoint(framing: i32): void {
  const length = checkpointSign();
  if (!length) return fail(RC_BOARD, framing);
  smpAnswer(1);
  putText("note");
  putBytes(checkpointText(), length);
  smpSend(framing);
}

/** attest: {nonce} → {statement, signature}: a deterministic CBOR map of what runs here, signed after CONTEXT. */
export function attest(map: usize, end: usize, framing: i32): void {
  const nonce = cborBytes(map, end, "nonce");
  const length = cborLength;
  if (!nonce || length < 8 || length > 64) return fail(RC_MALFORMED, framing);
  treeRoot(ROOT);
  for (let i = 0; i < CONTEXT_BYTES; i++) store<u8>(STATEMENT + (i as usize), CONTEXT.charCodeAt(i) as u8);
  putStart(STATEMENT + CONTEXT_BYTES, STATEMENT_BYTES);
  putMap(7);
  putText("root");
  putBytes(ROOT, 32);
  putText("size");
  putUint(treeSize());
  putText("epoch");
  putUint(epochNumber());
  putText("image");
  putBytes(imageDigest(), 32);
  putText("nonce");
  putBytes(nonce, length);
  putText("device");
  putBytes(deviceIdBytes(), DEVICE_ID_BYTES);
  putText("policy");
  putBytes(policyDigest(), 32);
  const bytes = putEnd();
  if (bytes < 0 || sign(STATEMENT, CONTEXT_BYTES + bytes, SIGNATURE) != 0) return fail(RC_BOARD, framing);
  smpAnswer(2);
  putText("signature");
  putBytes(SIGNATURE, 64);
  putText("statement");
  putBytes(STATEMENT + CONTEXT_BYTES, bytes);
  smpSend(framing);
}
