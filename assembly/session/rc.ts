// Result codes of SMP group 64, answered as {err: {group, rc}}. docs/errors.md says of each what it means and what to do.

import { JOURNAL_FULL } from "../store/kinds";

/** The request lacks a field, or one has the wrong type or is out of range. */
export const RC_MALFORMED: i32 = 1;
/** A session is open already. */
export const RC_BUSY: i32 = 2;
/** No such session is open. */
export const RC_NO_SESSION: i32 = 3;
/** This image has no such modality, or not for frames of this size and form. */
export const RC_UNSUPPORTED: i32 = 4;
/** A frame, or a part of an export, came out of its order. */
export const RC_ORDER: i32 = 5;
/** More data than the announced frame holds. */
export const RC_OVERRUN: i32 = 6;
/** Frames are missing. */
export const RC_INCOMPLETE: i32 = 7;
/** No reference of that user. */
export const RC_UNKNOWN_USER: i32 = 8;
/** The user has a reference already. */
export const RC_KNOWN_USER: i32 = 9;
/** The journal is full: read and release the log, or delete references. */
export const RC_FULL: i32 = 10;
/** The flash failed. */
export const RC_STORAGE: i32 = 11;
/** Too many failed tries: wait (`wait_ms`). */
export const RC_WAIT: i32 = 12;
/** Too many failed tries: the reference is locked until it is deleted. */
export const RC_LOCKED: i32 = 18;
/** The policy does not permit it. */
export const RC_POLICY: i32 = 13;
/** The policy document was not taken; `reason` says why. */
export const RC_POLICY_DOCUMENT: i32 = 14;
/** No such entry. */
export const RC_NOT_FOUND: i32 = 15;
/** The board could not sign or draw random bytes. */
export const RC_BOARD: i32 = 16;
/** The journal could not be mounted: the reader serves info only. */
export const RC_NOT_READY: i32 = 17;
/** No calibration of this sensor's unit for frames of this size. */
export const RC_CALIBRATION: i32 = 19;
/** The calibration document was not taken; `reason` says why. */
export const RC_CALIBRATION_DOCUMENT: i32 = 20;
/** The liveness calibration was not taken; `reason` says why. */
export const RC_LIVENESS_DOCUMENT: i32 = 21;

/** The result code of a journal status. */
export function rcOfJournal(status: i32): i32 {
  return status == JOURNAL_FULL ? RC_FULL : RC_STORAGE;
}
