// Group 64, what an operator does: list, delete and export references, rotate keys.
import { cborUint } from "../link/cbor";
import { putArray, putBytesSpace, putMap, putText, putTextFrom, putUint } from "../link/cbor-write";
import { smpAnswer, smpSend } from "../link/smp";
import { treeSize } from "../pec/tree";
import { MODALITIES } from "../pec/words";
import { epochNumber } from "./epoch";
import { fail, modalityField, now, userField, userLength } from "./fields";
import { deleteUser, recordExport } from "./manage";
import { RC_BUSY, RC_MALFORMED, RC_ORDER, RC_STORAGE, RC_UNKNOWN_USER } from "./rc";
import {
  headEnrolled,
  headModality,
  headSamples,
  headUser,
  headUserLength,
  referenceFind,
  referenceNext,
  referenceSealed,
  sealedBytes,
} from "./references";
import { rotate } from "./rotate";
import { sessionOpen } from "./session";
import { triesFailed } from "./tries";

/** Most references in one listing message: each takes at most 160 bytes. */
const LISTED: i32 = 24;
/** Bytes of a sealed reference in one message. */
const PART: i32 = 3_900;

/** templates: {from?} → {references: [{id, user, failed, samples, enrolled, modality}], next?}: next is where to go on. */
export function listReferences(map: usize, end: usize, framing: i32): void {
  const from = max<i64>(0, cborUint(map, end, "from", 0x7fffffff)) as i32;
  let count = 0;
  let next = referenceNext(from);
  for (; next >= 0 && count < LISTED; next = referenceNext(next + 1)) count++;
  smpAnswer(next >= 0 ? 2 : 1);
  if (next >= 0) {
    putText("next");
    putUint(next);
  }
  putText("references");
  putArray(count);
  for (let id = referenceNext(from); count > 0; id = referenceNext(id + 1), count--) {
    putMap(6);
    putText("id");
    putUint(id);
    putText("user");
    putTextFrom(headUser(), headUserLength());
    putText("failed");
    putUint(triesFailed(id));
    putText("samples");
    putUint(headSamples());
    putText("enrolled");
    putUint(headEnrolled());
    putText("modality");
    putText(unchecked(MODALITIES[headModality()]));
  }
  smpSend(framing);
}

/** templates, delete: {user, time?} → {record}. */
export function deleteReference(map: usize, end: usize, framing: i32): void {
  const user = userField(map, end);
  if (userLength < 1) return fail(RC_MALFORMED, framing);
  if (sessionOpen()) return fail(RC_BUSY, framing);
  const status = deleteUser(user, userLength, now(map, end));
  if (status) return fail(status, framing);
  answerRecord(framing);
}

/** The reference that is being exported, and the log's size after its record: any other record ends the export. */
let exported: i32 = -1;
let exportedAt: u32 = 0;

/**
 * export: {user, modality, offset, time?} → {data, size}: the sealed reference in parts. The first part makes a record, and no other
 * part is given without it.
 */
export function exportReference(map: usize, end: usize, framing: i32): void {
  const user = userField(map, end);
  const modality = modalityField(map, end);
  const offset = cborUint(map, end, "offset", 0xffff);
  if (userLength < 1 || modality < 1 || offset < 0) return fail(RC_MALFORMED, framing);
  // Not during a session: the record of the export would take the room that the session was promised.
  if (sessionOpen()) return fail(RC_BUSY, framing);
  const id = referenceFind(modality, user, userLength);
  if (id < 0) return fail(RC_UNKNOWN_USER, framing);
  if (offset == 0) {
    const status = recordExport(now(map, end));
    if (status) return fail(status, framing);
    exported = id;
    exportedAt = treeSize();
  }
  if (id != exported || treeSize() != exportedAt) return fail(RC_ORDER, framing);
  const length = max(0, min(PART, sealedBytes() - (offset as i32)));
  smpAnswer(2);
  putText("data");
  const space = putBytesSpace(length);
  if (space && referenceSealed(id, offset as i32, space, length) != length) return fail(RC_STORAGE, framing);
  putText("size");
  putUint(sealedBytes());
  smpSend(framing);
}

/** rotate: {time?} → {epoch, record}. */
export function rotateKeys(map: usize, end: usize, framing: i32): void {
  if (sessionOpen()) return fail(RC_BUSY, framing);
  const status = rotate(now(map, end));
  if (status) return fail(status, framing);
  smpAnswer(2);
  putText("epoch");
  putUint(epochNumber());
  putText("record");
  putUint(treeSize() - 1);
  smpSend(framing);
}

/** Answers {record}: that of what was just done. */
export function answerRecord(framing: i32): void {
  smpAnswer(1);
  putText("record");
  putUint(treeSize() - 1);
  smpSend(framing);
}
