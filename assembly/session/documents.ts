// Group 64, the signed documents of a reader: its policy, its sensor's calibration, its liveness calibrations; read, and set.
import { cborBytes, cborLength } from "../link/cbor";
import { putBytes, putBytesSpace, putMap, putText, putUint } from "../link/cbor-write";
import { GROUP_KANMON, smpAnswer, smpSend } from "../link/smp";
import { treeSize } from "../pec/tree";
import { journalLength, journalRead } from "../store/journal";
import { KIND_CALIBRATION, KIND_LIVENESS, KIND_POLICY } from "../store/kinds";
import { answerRecord } from "./admin";
import { CALIBRATION_IMPLAUSIBLE, calibrationDigest, calibrationInForce, calibrationWrong } from "./calibration";
import { DEVELOPMENT_POLICY, DEVELOPMENT_POLICY_BYTES } from "./development";
import { deviceHasPolicy } from "./device";
import { fail, modalityField, now } from "./fields";
import { livenessId, livenessModality } from "./liveness";
import { setCalibration, setLiveness, setPolicy } from "./manage";
import { policyDigest } from "./policy";
import {
  RC_BUSY,
  RC_CALIBRATION_DOCUMENT,
  RC_LIVENESS_DOCUMENT,
  RC_MALFORMED,
  RC_POLICY_DOCUMENT,
  RC_STORAGE,
} from "./rc";
import { sessionOpen } from "./session";

/** Bytes of the "document" found last. */
let documentLength: i32 = 0;

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
  if (status) return failDocument(status, RC_POLICY_DOCUMENT, 0, framing);
  deviceHasPolicy();
  smpAnswer(2);
  putText("digest");
  putBytes(policyDigest(), 32);
  putText("record");
  putUint(treeSize() - 1);
  smpSend(framing);
}

/** Answers that a document was not taken, and why; negative: minus an RC. `fault`: which of its values it is, 0: none. */
function failDocument(status: i32, rc: i32, fault: i32, framing: i32): void {
  if (status < 0) return fail(-status, framing);
  smpAnswer(1);
  // Not smpErrorPair: the key "fault" comes before "group".
  putText("err");
  putMap(fault ? 4 : 3);
  putText("rc");
  putUint(rc);
  if (fault) {
    putText("fault");
    putUint(fault);
  }
  putText("group");
  putUint(GROUP_KANMON);
  putText("reason");
  putUint(status);
  smpSend(framing);
}

/** calibration → {digest, document}: of that in force and that which is kept, of no bytes where there is none. */
export function showCalibration(framing: i32): void {
  smpAnswer(2);
  putText("digest");
  putBytes(calibrationDigest(), calibrationInForce() ? 32 : 0);
  sendKept(KIND_CALIBRATION, 0, framing);
}

/** calibration, set: {document, time?} → {record}. A document that is not taken is answered with its `reason` (session/calibration.ts), an implausible one also with its `fault` (face/calibration.ts). */
export function takeCalibration(map: usize, end: usize, framing: i32): void {
  const document = documentField(map, end, framing);
  if (!document) return;
  const status = setCalibration(document, documentLength, now(map, end));
  const fault = status == CALIBRATION_IMPLAUSIBLE ? calibrationWrong() : 0;
  if (status) return failDocument(status, RC_CALIBRATION_DOCUMENT, fault, framing);
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
  if (status) return failDocument(status, RC_LIVENESS_DOCUMENT, 0, framing);
  smpAnswer(2);
  putText("id");
  putBytes(livenessId(livenessModality), 32);
  putText("record");
  putUint(treeSize() - 1);
  smpSend(framing);
}
