// One session: opened by the host, frames in, one decision and one record out. Only one is open at a time; one whose host went away
// is aborted, with its record, after IDLE_US. Requests may be repeated: open by its nonce, a frame by its
// offset, finish by the session.

import * as board from "../board";
import { same } from "../bytes";
import { linkWipe } from "../link/link";
import { evidenceHas, evidenceValue } from "../liveness/evidence";
import { SUBJECT_BYTES, subject } from "../minimize/subject";
import { wipeReset, wipeTally } from "../minimize/wipe";
import {
  FIELD_BAND,
  FIELD_BYTES_IN,
  FIELD_BYTES_OUT,
  FIELD_BYTES_WIPED,
  FIELD_CALIBRATION,
  FIELD_DECISION,
  FIELD_DURATION_US,
  FIELD_EPOCH,
  FIELD_MODALITY,
  FIELD_NONCE,
  FIELD_OPENED,
  FIELD_PURPOSE,
  FIELD_REASON,
  FIELD_SAMPLES,
  FIELD_SUBJECT,
  FIELD_TRIES,
  FIELD_UPTIME_US,
  recordBytes,
  recordLiveness,
  recordNotJudged,
  recordNumber,
  recordQuality,
  recordReset,
  recordTerm,
} from "../pec/record";
import { treeSize } from "../pec/tree";
import {
  BAND_NONE,
  DECISION_ABORTED,
  DECISION_ACCEPT,
  DECISION_FAILED,
  DECISION_REFUSED,
  LIVENESS_TERMS,
  MODALITY_FACE,
  PURPOSE_ENROLL,
  REASON_LOW_QUALITY,
  REASON_MOVED,
  REASON_NONE,
  REASON_NOT_LIVE,
  REASON_STORAGE,
  REASON_TIMEOUT,
} from "../pec/words";
import { journalCancel } from "../store/journal";
import { admitClaim, admitFrames } from "./admission";
import { calibrationDigest } from "./calibration";
import { band, decide, decision, matched, reason } from "./decide";
import { epochBegan, epochNumber, epochSalt } from "./epoch";
import { judged, judgedFloor, judgedScore, judgeNone } from "./judge";
import { logCommit } from "./log";
import { outcomeKeep, outcomeOf } from "./outcome";
import { RC_BUSY, RC_INCOMPLETE, RC_NO_SESSION, RC_ORDER, RC_OVERRUN } from "./rc";
import { headUser, headUserLength, referenceFind, referenceHead, USER_BYTES } from "./references";
import {
  bestQuality,
  frameBytes,
  lastQuality,
  sampleEvidence,
  samplesClose,
  samplesKept,
  samplesPut,
  samplesTake,
  samplesWipe,
} from "./samples";
import { triesCounted } from "./tries";

/** A session without a request for so long is ended. */
const IDLE_US: u64 = 5_000_000;
export const NONCE_BYTES: i32 = 16;
/** Most frames in a session. */
export const FRAMES: i32 = 32;
/** Most frames that are fused to one sample. */
export const FUSED: i32 = 4;

const NONCE = memory.data(16, 8);
const USER = memory.data(64, 8);
const SUBJECT = memory.data(16, 8);

let open: bool = false;
let id: u32 = 0;
let modality: i32 = 0;
let purpose: i32 = 0;
let userLength: i32 = 0;
let reference: i32 = -1; // of the claimed user
let frames: i32 = 0;
let frame: i32 = 0; // being received
let offset: i32 = 0; // bytes of it that came
let frameReason: i32 = 0; // of the last whole frame
let bytesIn: u32 = 0;
let openedAt: u64 = 0; // host's clock
let openedUs: u64 = 0;
let heardUs: u64 = 0;
let firstUs: u64 = 0; // the first byte of the first frame, and the last byte that came
let lastUs: u64 = 0;

/** The open session's number, 0 when none is open. */
export function sessionOpen(): u32 {
  return open ? id : 0;
}
/** The number of the session opened last. */
export function sessionNumber(): u32 {
  return id;
}
/** The frame that is expected, and the offset in it. */
export function sessionFrame(): i32 {
  return frame;
}
export function sessionOffset(): i32 {
  return offset;
}
/** The REASON of the last whole frame. */
export function sessionFrameReason(): i32 {
  return frameReason;
}
/** Bytes of each frame. */
export function sessionFrameBytes(): i32 {
  return frameBytes();
}

/** Opens a session, or the same one again for the same nonce. `user` may be 0 for identify, `ofForm` is what the host said, `fuse` frames in a row are one capture, `unit` the sensor's (0: not said). Returns 0 or an RC. */
export function sessionBegin(
  ofModality: i32,
  ofPurpose: i32,
  user: usize,
  length: i32,
  width: i32,
  height: i32,
  ofForm: i32,
  fuse: i32,
  unit: usize,
  unitLength: i32,
  count: i32,
  nonce: usize,
  now: u64,
): i32 {
  if (open && same(NONCE, nonce, NONCE_BYTES)) return 0;
  if (open) return RC_BUSY;
  const claimed = length ? referenceFind(ofModality, user, length) : -1;
  let status = admitClaim(ofModality, ofPurpose, claimed, length > 0);
  if (!status) status = admitFrames(ofModality, ofPurpose, width, height, ofForm, fuse, unit, unitLength);
  if (!status) status = epochBegan(now);
  if (status) return status;

  modality = ofModality;
  purpose = ofPurpose;
  reference = claimed;
  userLength = length;
  memory.copy(USER, user, length);
  memory.copy(NONCE, nonce, NONCE_BYTES);
  frames = count;
  frame = offset = frameReason = 0;
  bytesIn = 0;
  openedAt = now;
  openedUs = heardUs = board.micros();
  wipeReset();
  judgeNone();
  id++;
  open = true;
  return 0;
}

/**
 * Takes `length` bytes of frame `index` at `at`. What was received already is passed over; after a gap nothing is taken and
 * sessionOffset says where to go on. A whole frame is extracted and wiped before this returns. Returns 0 or an RC.
 */
export function sessionTake(session: u32, index: i32, from: i32, bytes: usize, length: i32): i32 {
  if (!open || session != id) return RC_NO_SESSION;
  heardUs = board.micros();
  if (index < frame) return 0;
  if (index > frame || index >= frames) return RC_ORDER;
  if (length > frameBytes() - from) return RC_OVERRUN;
  if (from != offset) return 0;
  if (!frame && !offset) firstUs = heardUs;
  lastUs = heardUs;
  const whole = samplesPut(offset, bytes, length);
  offset += length;
  bytesIn += length as u32;
  if (whole) {
    frameReason = samplesTake();
    frame++;
    offset = 0;
    heardUs = board.micros();
  }
  return 0;
}

/** Ends a session whose host went away: nothing of the person stays for longer than IDLE_US. To be called now and then. */
export function sessionTick(): void {
  if (open && board.micros() - heardUs >= IDLE_US) sessionAbort(REASON_TIMEOUT);
}

/** Ends the session with a decision, and its record; asked again, it gives the same answer. Returns 0 or an RC. */
export function sessionFinish(session: u32): i32 {
  if (!open) return outcomeOf(session) ? 0 : RC_NO_SESSION;
  if (session != id) return RC_NO_SESSION;
  if (!frame || offset) return RC_INCOMPLETE;
  if (!samplesClose()) frameReason = REASON_MOVED;
  if (!samplesKept()) {
    const refused = frameReason == REASON_LOW_QUALITY;
    return end(refused ? DECISION_REFUSED : DECISION_FAILED, frameReason, BAND_NONE, false);
  }
  const status = decide(modality, purpose, reference, USER, userLength, openedAt, lastUs - firstUs);
  if (status) {
    // Nothing was decided; the record, if the flash still takes one, says so.
    journalCancel();
    end(DECISION_FAILED, REASON_STORAGE, BAND_NONE, false);
    return status;
  }
  return end(decision(), reason(), band(), true);
}

/** Gives the session up. Returns 0 or an RC. */
export function sessionAbort(why: i32): i32 {
  return open ? end(DECISION_ABORTED, why, BAND_NONE, false) : 0;
}

/** Adds how liveness was judged, and what was measured of the best sample. */
function recordEvidence(): void {
  if (judged) recordLiveness(judgedScore, judgedFloor);
  else recordNotJudged();
  for (let term = 0; samplesKept() && term < LIVENESS_TERMS.length; term++)
    if (evidenceHas(sampleEvidence(0), term)) recordTerm(term, evidenceValue(sampleEvidence(0), term));
}

/** Wipes everything of the session, then commits its record with the open batch: the decision may leave when this returned 0. */
function end(decided: i32, why: i32, graded: i32, compared: bool): i32 {
  const known = compared ? matched() : reference;
  if (decided == DECISION_ACCEPT && !userLength && referenceHead(known)) {
    // A search found them: the record says whom, by the same pseudonym as if they had claimed it.
    userLength = headUserLength();
    memory.copy(USER, headUser(), userLength);
  }
  const claimed = userLength > 0 && subject(USER, userLength, epochNumber(), epochSalt(epochNumber()), SUBJECT) == 0;
  recordReset();
  recordNumber(FIELD_PURPOSE, purpose);
  recordNumber(FIELD_MODALITY, modality);
  recordNumber(FIELD_DECISION, decided);
  recordNumber(FIELD_REASON, why);
  recordNumber(FIELD_BAND, graded);
  recordNumber(FIELD_EPOCH, epochNumber());
  recordNumber(FIELD_SAMPLES, frame);
  recordNumber(FIELD_BYTES_IN, bytesIn);
  recordNumber(FIELD_BYTES_OUT, 0);
  recordBytes(FIELD_NONCE, NONCE, NONCE_BYTES);
  if (modality == MODALITY_FACE) recordBytes(FIELD_CALIBRATION, calibrationDigest(), 32);
  if (openedAt) recordNumber(FIELD_OPENED, openedAt);
  recordNumber(FIELD_UPTIME_US, openedUs);
  recordNumber(FIELD_DURATION_US, board.micros() - openedUs);
  if (claimed) recordBytes(FIELD_SUBJECT, SUBJECT, SUBJECT_BYTES);
  if (graded != BAND_NONE || (why == REASON_NOT_LIVE && purpose != PURPOSE_ENROLL))
    recordNumber(FIELD_TRIES, triesCounted());
  recordEvidence();
  if (frame) recordQuality(samplesKept() ? bestQuality() : lastQuality());
  samplesWipe();
  memory.fill(USER, 0, USER_BYTES);
  recordNumber(FIELD_BYTES_WIPED, wipeTally() + (linkWipe() as u32));
  const index = treeSize();
  open = false;
  const status = logCommit();
  if (status) return status;
  outcomeKeep(id, index, decided, why, graded, known);
  return 0;
}
