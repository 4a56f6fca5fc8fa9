// Whether a session may be opened at all: told before anybody is asked to look into the sensor, and before anything is changed but what the
// frames to come need (samples.ts, the calibration in force).
import { modalityForm, modalityStreams } from "../modality";
import { RECORD_BYTES } from "../pec/record";
import { MODALITY_FACE, PURPOSE_ENROLL, PURPOSE_VERIFY } from "../pec/words";
import { journalCost, journalFree } from "../store/journal";
import { KIND_RECORD, KIND_TEMPLATE } from "../store/kinds";
import { calibrationUse } from "./calibration";
import { policyPermits, policySamples } from "./policy";
import {
  RC_CALIBRATION,
  RC_FULL,
  RC_KNOWN_USER,
  RC_LOCKED,
  RC_POLICY,
  RC_UNKNOWN_USER,
  RC_UNSUPPORTED,
  RC_WAIT,
} from "./rc";
import { referenceBytes, referenceFind } from "./references";
import { samplesOpen } from "./samples";
import { TRIES_OF_SEARCHES, triesCost, triesLocked, triesWait } from "./tries";

/** Whether the claim is permitted: `claimed` is the reference of whoever is named, -1: there is none, or nobody is `named`. Returns 0 or an RC. */
export function admitClaim(modality: i32, purpose: i32, claimed: i32, named: bool): i32 {
  if (!policyPermits(modality)) return RC_POLICY;
  if (purpose == PURPOSE_ENROLL) return claimed >= 0 ? RC_KNOWN_USER : 0;
  if (purpose == PURPOSE_VERIFY && named && claimed < 0) return RC_UNKNOWN_USER;
  const counted = max(claimed, TRIES_OF_SEARCHES);
  if (triesLocked(counted)) return RC_LOCKED;
  return triesWait(counted) ? RC_WAIT : 0;
}

/** Prepares for the frames of a session, `form` as the host said, `fuse` in a row one capture, `unit` the sensor's (0: not said). Returns 0 or an RC. */
export function admitFrames(
  modality: i32,
  purpose: i32,
  width: i32,
  height: i32,
  form: i32,
  fuse: i32,
  unit: usize,
  unitLength: i32,
): i32 {
  const keep = purpose == PURPOSE_ENROLL ? policySamples(modality) : 1;
  form = modalityForm(modality, form);
  const stacks = modalityStreams(modality, form);
  if (modality == MODALITY_FACE && !calibrationUse(unit, unitLength, width, height, stacks)) return RC_CALIBRATION;
  if (!samplesOpen(modality, width, height, form, fuse, keep)) return RC_UNSUPPORTED;
  return hasRoom(purpose, modality, form, keep) ? 0 : RC_FULL;
}

/** Whether the journal can take what the session will commit: known before anybody is asked to look into the sensor. */
function hasRoom(ofPurpose: i32, ofModality: i32, form: i32, samples: i32): bool {
  // A failed try takes an entry more than an accepted one. Room for both, always: a journal that takes the one and not the other
  // would tell who matches, and count no try.
  const record = journalCost(RECORD_BYTES) + triesCost();
  if (journalFree(KIND_RECORD, RECORD_BYTES) < record) return false;
  const reference = referenceBytes(ofModality, form, samples);
  return ofPurpose != PURPOSE_ENROLL || journalFree(KIND_TEMPLATE, reference) >= record + journalCost(reference);
}

/** Milliseconds that the claim (or a search) has to wait. */
export function admissionWait(ofModality: i32, user: usize, length: i32): u32 {
  return triesWait(length ? referenceFind(ofModality, user, length) : TRIES_OF_SEARCHES);
}
