// Management: deleting and exporting references, setting policy and calibrations; each change has its record. Retention is kept here too.

import { arenaBase, reserveArena } from "../arena";
import { SUBJECT_BYTES, subject } from "../minimize/subject";
import { wipeReset, wipeTally } from "../minimize/wipe";
import { COSE_BYTES_MAX } from "../pec/cose";
import {
  FIELD_BYTES_OUT,
  FIELD_BYTES_WIPED,
  FIELD_CALIBRATION,
  FIELD_DECISION,
  FIELD_EPOCH,
  FIELD_MODALITY,
  FIELD_OPENED,
  FIELD_PURPOSE,
  FIELD_REASON,
  FIELD_SUBJECT,
  recordBytes,
  recordNumber,
  recordReset,
} from "../pec/record";
import {
  DECISION_DELETED,
  DECISION_EXPORTED,
  DECISION_SET,
  MODALITIES,
  PURPOSE_CALIBRATE,
  PURPOSE_DELETE,
  PURPOSE_EXPORT,
  PURPOSE_POLICY,
  REASON_NONE,
} from "../pec/words";
import { journalGet, journalPut, journalRemove, journalScrub } from "../store/journal";
import {
  JOURNAL_NOT_FOUND,
  JOURNAL_SMALL,
  KIND_CALIBRATION,
  KIND_LIVENESS,
  KIND_POLICY,
  KIND_TEMPLATE,
  KIND_TRIES,
} from "../store/kinds";
import { calibrationDigest, calibrationLoad, calibrationNone } from "./calibration";
import { epochNumber, epochSalt } from "./epoch";
import { livenessId, livenessLoad, livenessModality, livenessNone } from "./liveness";
import { logCommit } from "./log";
import { POLICY_MALFORMED, policyDefault, policyLoad, policyRetentionDays } from "./policy";
import { RC_UNKNOWN_USER, rcOfJournal } from "./rc";
import {
  headEnrolled,
  headModality,
  headUser,
  headUserLength,
  referenceFind,
  referenceNext,
  sealedBytes,
} from "./references";
import { triesFailed } from "./tries";

const SUBJECT = memory.data(16, 8);

/** Starts the record of a management action; `now` is the host's clock, seconds, 0: not told. */
export function recordManaged(purpose: i32, decision: i32, now: u64): void {
  recordReset();
  recordNumber(FIELD_PURPOSE, purpose);
  recordNumber(FIELD_DECISION, decision);
  recordNumber(FIELD_REASON, REASON_NONE);
  recordNumber(FIELD_EPOCH, epochNumber());
  recordNumber(FIELD_BYTES_WIPED, wipeTally());
  if (now) recordNumber(FIELD_OPENED, now);
}

/** Adds whose reference it is about: that whose head was read last. */
function recordSubject(): void {
  recordNumber(FIELD_MODALITY, headModality());
  const epoch = epochNumber();
  if (subject(headUser(), headUserLength(), epoch, epochSalt(epoch), SUBJECT) == 0)
    recordBytes(FIELD_SUBJECT, SUBJECT, SUBJECT_BYTES);
}

/** Deletes the reference `id` whose head was read last, with its record, and erases its remains. Returns 0 or an RC. */
export function removeReference(id: i32, now: u64): i32 {
  recordManaged(PURPOSE_DELETE, DECISION_DELETED, now);
  recordSubject();
  let status = journalRemove(KIND_TEMPLATE, id, 1);
  if (!status && triesFailed(id)) status = journalRemove(KIND_TRIES, id, 1);
  status = status ? rcOfJournal(status) : logCommit();
  if (!status) while (journalScrub() > 0);
  return status;
}

/** Deletes every reference of a user. Returns 0 or an RC. */
export function deleteUser(user: usize, length: i32, now: u64): i32 {
  wipeReset();
  let id = referenceFind(0, user, length);
  if (id < 0) return RC_UNKNOWN_USER;
  for (; id >= 0; id = referenceFind(0, user, length)) {
    const status = removeReference(id, now);
    if (status) return status;
  }
  return 0;
}

/** Deletes references kept longer than the policy's retention. Returns 0 or an RC. */
export function expire(now: u64): i32 {
  wipeReset();
  const longest = (policyRetentionDays() as u64) * 86_400;
  for (let id = referenceNext(0); id >= 0; id = referenceNext(id + 1)) {
    if (!headEnrolled() || now <= headEnrolled() + longest) continue;
    const status = removeReference(id, now);
    if (status) return status;
  }
  return 0;
}

/** Records that the sealed reference whose head was read last is given out. Returns 0 or an RC. */
export function recordExport(now: u64): i32 {
  wipeReset();
  recordManaged(PURPOSE_EXPORT, DECISION_EXPORTED, now);
  recordSubject();
  recordNumber(FIELD_BYTES_OUT, sealedBytes());
  return logCommit();
}

/** Reads the kept document to the arena, where nothing of a session may be. Returns its length, or minus a JOURNAL_ reason. */
function readKept(kind: i32, id: i32): i32 {
  return reserveArena(COSE_BYTES_MAX) ? journalGet(kind, id, arenaBase(), COSE_BYTES_MAX) : -JOURNAL_SMALL;
}

/**
 * Puts the kept policy in force, or the built-in one if none was ever set. Returns a POLICY_ status; one that is kept but cannot be
 * read or does not verify any more is an error: falling back to looser limits is not for the device to choose.
 */
export function policyRestore(): i32 {
  const status = policyDefault();
  const length = readKept(KIND_POLICY, 0);
  if (length == -JOURNAL_NOT_FOUND) return status;
  return length > 0 ? policyLoad(arenaBase(), length) : POLICY_MALFORMED;
}

/** Sets a signed policy document: verified, put in force and kept, or nothing of it. Returns a POLICY_ status; negative: minus an RC. */
export function setPolicy(document: usize, length: i32, now: u64): i32 {
  const status = policyLoad(document, length);
  if (status) return status;
  const failed = keep(KIND_POLICY, 0, PURPOSE_POLICY, document, length, now);
  if (failed) policyRestore();
  return -failed;
}

/** Keeps a document that was put in force, with its record. Returns 0 or an RC. */
function keep(kind: i32, id: i32, purpose: i32, document: usize, length: i32, now: u64): i32 {
  wipeReset();
  recordManaged(purpose, DECISION_SET, now);
  if (kind == KIND_CALIBRATION) recordBytes(FIELD_CALIBRATION, calibrationDigest(), 32);
  if (kind == KIND_LIVENESS) {
    recordNumber(FIELD_MODALITY, id);
    recordBytes(FIELD_CALIBRATION, livenessId(id), 32);
  }
  const kept = journalPut(kind, id, document, length, 1);
  return kept ? rcOfJournal(kept) : logCommit();
}

/** Puts the kept calibration in force. One that does not verify any more is none: sessions that need it are refused. */
export function calibrationRestore(): void {
  calibrationNone();
  const length = readKept(KIND_CALIBRATION, 0);
  if (length > 0) calibrationLoad(arenaBase(), length);
}

/** Sets a signed calibration: verified, put in force and kept, or nothing of it. Returns a status of calibrationLoad; negative: minus an RC. */
export function setCalibration(document: usize, length: i32, now: u64): i32 {
  const status = calibrationLoad(document, length);
  if (status) return status;
  const failed = keep(KIND_CALIBRATION, 0, PURPOSE_CALIBRATE, document, length, now);
  if (failed) calibrationRestore();
  return -failed;
}

/** Puts the kept liveness calibrations in force. One that does not verify any more is none: policies that name it refuse everybody. */
export function livenessRestore(): void {
  livenessNone();
  for (let m = 1; m < MODALITIES.length; m++) {
    const length = readKept(KIND_LIVENESS, m);
    if (length > 0) livenessLoad(arenaBase(), length);
  }
}

/** Sets a signed liveness calibration: verified, put in force and kept, or nothing of it. Returns a status of livenessLoad; negative: minus an RC. */
export function setLiveness(document: usize, length: i32, now: u64): i32 {
  const status = livenessLoad(document, length);
  if (status) return status;
  const failed = keep(KIND_LIVENESS, livenessModality, PURPOSE_CALIBRATE, document, length, now);
  if (failed) livenessRestore();
  return -failed;
}
