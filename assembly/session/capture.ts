// Group 64, the session: open, frame, finish, abort. Parses the requests, answers in CBOR; session.ts does the work.
import { cborBytes, cborFind, cborLength, cborText, cborUint } from "../link/cbor";
import { putText, putTextFrom, putUint } from "../link/cbor-write";
import { GROUP_KANMON, smpAnswer, smpErrorPair, smpSend } from "../link/smp";
import { BANDS, DECISIONS, PURPOSE_ENROLL, PURPOSE_IDENTIFY, REASON_NONE, REASONS } from "../pec/words";
import { admissionWait } from "./admission";
import { fail, formField, modalityField, now, purposeField, userField, userLength } from "./fields";
import { expire } from "./manage";
import * as outcome from "./outcome";
import { RC_MALFORMED, RC_WAIT } from "./rc";
import { headUser, headUserLength, referenceHead } from "./references";
import { rotate, rotationDue } from "./rotate";
import * as session from "./session";

/** open: {modality, purpose, user?, width, height, bands?, region?, profile?, kind?, unit?, frames, fuse?, nonce, time?} → {session, frame_bytes}. */
export function openSession(map: usize, end: usize, framing: i32): void {
  const modality = modalityField(map, end);
  const purpose = purposeField(map, end);
  const user = userField(map, end);
  const length = userLength;
  const width = cborUint(map, end, "width", 65_535);
  const height = cborUint(map, end, "height", 65_535);
  const form = formField(map, end);
  const unit = cborText(map, end, "unit");
  const unitLength = unit ? cborLength : 0;
  const frames = cborUint(map, end, "frames", session.FRAMES);
  const fuse = cborFind(map, end, "fuse") ? cborUint(map, end, "fuse", session.FUSED) : 1;
  const nonce = cborBytes(map, end, "nonce");
  const sound = modality > 0 && purpose >= PURPOSE_ENROLL && purpose <= PURPOSE_IDENTIFY && length >= 0;
  if (
    !sound ||
    width < 1 ||
    height < 1 ||
    form < 0 ||
    frames < 1 ||
    fuse < 1 ||
    !nonce ||
    cborLength != session.NONCE_BYTES
  )
    return fail(RC_MALFORMED, framing);
  if ((purpose == PURPOSE_IDENTIFY) != (length == 0)) return fail(RC_MALFORMED, framing);
  const time = now(map, end);
  let status = 0;
  if (!session.sessionOpen() && time) {
    status = expire(time);
    if (!status && rotationDue(time)) status = rotate(time);
  }
  if (!status)
    status = session.sessionBegin(
      modality,
      purpose,
      user,
      length,
      width as i32,
      height as i32,
      form,
      fuse as i32,
      unit,
      unitLength,
      frames as i32,
      nonce,
      time,
    );
  if (status == RC_WAIT) {
    smpAnswer(1);
    smpErrorPair(GROUP_KANMON, status, 1);
    putText("wait_ms");
    putUint(admissionWait(modality, user, length));
    return smpSend(framing);
  }
  if (status) return fail(status, framing);
  smpAnswer(2);
  putText("session");
  putUint(session.sessionNumber());
  putText("frame_bytes");
  putUint(session.sessionFrameBytes());
  smpSend(framing);
}

/** frame: {session, frame, offset, data} → {frame, offset}: where to go on; after a whole frame also its {reason}. */
export function takeFrame(map: usize, end: usize, framing: i32): void {
  const number = cborUint(map, end, "session", u32.MAX_VALUE);
  const frame = cborUint(map, end, "frame", session.FRAMES);
  const offset = cborUint(map, end, "offset", 0x1000000);
  const data = cborBytes(map, end, "data");
  const length = cborLength;
  if (number < 0 || frame < 0 || offset < 0 || !data || length < 1) return fail(RC_MALFORMED, framing);
  const status = session.sessionTake(number as u32, frame as i32, offset as i32, data, length);
  if (status) return fail(status, framing);
  const whole = session.sessionFrame() > (frame as i32);
  smpAnswer(whole ? 3 : 2);
  putText("frame");
  putUint(session.sessionFrame());
  putText("offset");
  putUint(session.sessionOffset());
  if (whole) {
    putText("reason");
    putText(unchecked(REASONS[session.sessionFrameReason()]));
  }
  smpSend(framing);
}

/** finish: {session} → {decision, reason, band, record, user?}: the same answer when asked again. */
export function finishSession(map: usize, end: usize, framing: i32): void {
  const number = cborUint(map, end, "session", u32.MAX_VALUE);
  if (number < 0) return fail(RC_MALFORMED, framing);
  const status = session.sessionFinish(number as u32);
  if (status) return fail(status, framing);
  const named = outcome.outcomeMatched() >= 0 && referenceHead(outcome.outcomeMatched());
  smpAnswer(named ? 5 : 4);
  putText("band");
  putText(unchecked(BANDS[outcome.outcomeBand()]));
  if (named) {
    putText("user");
    putTextFrom(headUser(), headUserLength());
  }
  putText("reason");
  putText(unchecked(REASONS[outcome.outcomeReason()]));
  putText("record");
  putUint(outcome.outcomeRecord());
  putText("decision");
  putText(unchecked(DECISIONS[outcome.outcomeDecision()]));
  smpSend(framing);
}

/** abort: {session?} → {record}; without a session, whichever is open. Nothing open: {}. */
export function abortSession(map: usize, end: usize, framing: i32): void {
  const number = cborUint(map, end, "session", u32.MAX_VALUE);
  const open = session.sessionOpen();
  if (!open || (number >= 0 && (number as u32) != open)) {
    smpAnswer(0);
    return smpSend(framing);
  }
  const status = session.sessionAbort(REASON_NONE);
  if (status) return fail(status, framing);
  smpAnswer(1);
  putText("record");
  putUint(outcome.outcomeRecord());
  smpSend(framing);
}
