// Group 64, what an operator does: list, delete and export references, read and set policy and calibrations, rotate keys.
import { cborBytes, cborLength, cborUint } from "../link/cbor";
import { putArray, putBytes, putBytesSpace, putMap, putText, putTextFrom, putUint } from "../link/cbor-write";
import { GROUP_KANMON, smpAnswer, smpErrorPair, smpSend } from "../link/smp";
import { treeSize } from "../pec/tree";
import { MODALITIES } from "../pec/words";
import { journalLength, journalRead } from "../store/journal";
import { KIND_CALIBRATION, KIND_LIVENESS, KIND_POLICY } from "../store/kinds";
import { DEVELOPMENT_POLICY, DEVELOPMENT_POLICY_BYTES } from "./development";
import { deviceHasPolicy } from "./device";
import { epochNumber } from "./epoch";
import { fail, modalityField, now, userField, userLength } from "./fields";
import { livenessId, livenessModality } from "./liveness";
import { deleteUser, recordExport, setCalibration, setLiveness, setPolicy } from "./manage";
import { policyDigest } from "./policy";
import {
  RC_BUSY,
  RC_CALIBRATION_DOCUMENT,
  RC_LIVENESS_DOCUMENT,
  RC_MALFORMED,
  RC_ORDER,
  RC_POLICY_DOCUMENT,
  RC_STORAGE,
  RC_UNKNOWN_USER,
} from "./rc";
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
/** Of the "document" found last. */
let documentLength: i32 = 0;
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

/** policy → {digest, document}. */
export function showPolicy(framing: i32): void {
  smpAnswer(2);
  putText("digest");
  putBytes(policyDigest(), 32);
  if (journalLength(KIND_POLICY, 0) >= 0) return sendKept(KIND_POLICY, 0, framing);
  putText("document");
  putBytes(DEVELOPMENT_POLICY, DEVELOPMENT_POLICY_BYTES);
  smpSend(framing);
}

/** Ends an answer with the "document" that is kept, of no bytes where none was set. */
function sendKept(kind: i32, id: i32, framing: i32): void {
  const length = max(0, journalLength(kind, id));
  putText("document");
  const space = putBytesSpace(length);
  if (space && length && journalRead(kind, id, 0, space, length) != length) return fail(RC_STORAGE, framing);
  smpSend(framing);
}

/** Where the "document" of a request is, which cannot be taken while a session is open; 0: the request was answered with an error. Its length is in documentLength. */
function documentField(map: usize, end: usize, framing: i32): usize {
  const document = cborBytes(map, end, "document");
  documentLength = cborLength;
  if (document && !sessionOpen()) return document;
  fail(document ? RC_BUSY : RC_MALFORMED, framing);
  return 0;
}

/** policy, set: {document, time?} → {digest, record}. A document that is not taken is answered with its `reason` (session/policy.ts). */
export function takePolicy(map: usize, end: usize, framing: i32): void {
  const document = documentField(map, end, framing);
  if (!document) return;
  const status = setPolicy(document, documentLength, now(map, end));
  if (status) return failDocument(status, RC_POLICY_DOCUMENT, framing);
  deviceHasPolicy();
  smpAnswer(2);
  putText("digest");
  putBytes(policyDigest(), 32);
  putText("record");
  putUint(treeSize() - 1);
  smpSend(framing);
}

/** Answers that a document was not taken, and why; negative: minus an RC. */
function failDocument(status: i32, rc: i32, framing: i32): void {
  if (status < 0) return fail(-status, framing);
  smpAnswer(1);
  smpErrorPair(GROUP_KANMON, rc, 1);
  putText("reason");
  putUint(status);
  smpSend(framing);
}

/** calibration → {document}: of no bytes where none was set. */
export function showCalibration(framing: i32): void {
  smpAnswer(1);
  sendKept(KIND_CALIBRATION, 0, framing);
}

/** calibration, set: {document, time?} → {record}. A document that is not taken is answered with its `reason` (session/calibration.ts). */
export function takeCalibration(map: usize, end: usize, framing: i32): void {
  const document = documentField(map, end, framing);
  if (!document) return;
  const status = setCalibration(document, documentLength, now(map, end));
  if (status) return failDocument(status, RC_CALIBRATION_DOCUMENT, framing);
  answerRecord(framing);
}

/** liveness: {modality} → {id, document}: zeros, and no bytes, where none was set. */
export function showLiveness(map: usize, end: usize, framing: i32): void {
  const modality = modalityField(map, end);
  if (modality < 1) return fail(RC_MALFORMED, framing);
  smpAnswer(2);
  putText("id");
  putBytes(livenessId(modality), 32);
  sendKept(KIND_LIVENESS, modality, framing);
}

/** liveness, set: {document, time?} → {id, record}. A document that is not taken is answered with its `reason` (session/liveness.ts). */
export function takeLiveness(map: usize, end: usize, framing: i32): void {
  const document = documentField(map, end, framing);
  if (!document) return;
  const status = setLiveness(document, documentLength, now(map, end));
  if (status) return failDocument(status, RC_LIVENESS_DOCUMENT, framing);
  smpAnswer(2);
  putText("id");
  putBytes(livenessId(livenessModality), 32);
  putText("record");
  putUint(treeSize() - 1);
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

function answerRecord(framing: i32): void {
  smpAnswer(1);
  putText("record");
  putUint(treeSize() - 1);
  smpSend(framing);
}
