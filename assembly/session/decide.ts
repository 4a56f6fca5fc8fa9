// The decision of a session: enrol (seal the samples as a reference), verify (one claim), identify (all references). What it changes
// goes into the journal's open batch, which the session's record commits. Scores never leave this file: only accept or reject, and
// a band that grades nothing below the threshold (hill-climbing, ISO/IEC 19989-1).
import { modalityCompare, modalityCompareOn, modalityGlance, modalityGlanceFrom } from "../modality";
import {
  BAND_ABOVE,
  BAND_BELOW,
  BAND_NONE,
  DECISION_ACCEPT,
  DECISION_ENROLLED,
  DECISION_REFUSED,
  DECISION_REJECT,
  PURPOSE_ENROLL,
  PURPOSE_VERIFY,
  REASON_INCONSISTENT,
  REASON_NO_MATCH,
  REASON_NO_REFERENCE,
  REASON_NONE,
  REASON_NOT_LIVE,
} from "../pec/words";
import { judge } from "./judge";
import { policyIdentifyThreshold, policyThreshold } from "./policy";
import {
  referenceClose,
  referenceFree,
  referenceOf,
  referenceOpen,
  referencePlain,
  referencePut,
  referenceReveal,
} from "./references";
import { comparing, sampleBytes, samplesForm, samplesKept, samplesTemplates } from "./samples";
import { TRIES_OF_SEARCHES, triesCount, triesLocked } from "./tries";

let decided: i32 = 0;
let why: i32 = 0;
let graded: i32 = 0;
let found: i32 = -1;

/** The last decision, its reason and band (pec/words.ts), and the reference it was about (-1: none). */
export function decision(): i32 {
  return decided;
}
export function reason(): i32 {
  return why;
}
export function band(): i32 {
  return graded;
}
export function matched(): i32 {
  return found;
}

/**
 * Decides on the kept samples, whose frames took `micros`. `reference` is the claimed user's, -1 for none. Returns 0 or an RC: then nothing
 * was decided. What is not alive is compared with nobody, and counts as a failed try.
 */
export function decide(
  modality: i32,
  purpose: i32,
  reference: i32,
  user: usize,
  userLength: i32,
  now: u64,
  micros: u64,
): i32 {
  found = reference;
  const fault = judge(modality, micros);
  if (fault == REASON_NOT_LIVE && purpose != PURPOSE_ENROLL) {
    const status = triesCount(purpose == PURPOSE_VERIFY ? reference : TRIES_OF_SEARCHES, false);
    if (status) return status;
  }
  if (fault) return conclude(DECISION_REFUSED, fault, BAND_NONE);
  if (purpose == PURPOSE_ENROLL) return enroll(modality, user, userLength, now);
  return purpose == PURPOSE_VERIFY ? verify(modality, reference) : identify(modality);
}

function conclude(decision: i32, reason: i32, band: i32): i32 {
  decided = decision;
  why = reason;
  graded = band;
  return 0;
}

function enroll(modality: i32, user: usize, userLength: i32, now: u64): i32 {
  const templates = samplesTemplates();
  const bytes = sampleBytes() as usize;
  // Samples of one person match one another: else two people shared the session, or one sample is not what it seems.
  for (let i = 1; i < samplesKept(); i++) {
    if (modalityCompare(modality, templates, templates + (i as usize) * bytes, comparing()) < policyThreshold(modality))
      return conclude(DECISION_REFUSED, REASON_INCONSISTENT, BAND_NONE);
  }
  found = referenceFree();
  const status = referencePut(found, modality, samplesForm(), user, userLength, now, templates, samplesKept(), 1);
  return status ? status : conclude(DECISION_ENROLLED, REASON_NONE, BAND_NONE);
}

/**
 * The best comparison score of the probe against the samples of reference `id`, -1 when it does not open or is of another form than the
 * probe, and so has nothing that could be compared. Of a sample whose first look
 * says enough, no more is decrypted.
 */
function score(modality: i32, id: i32): i32 {
  let best = -1;
  const count = referenceOpen(id, samplesForm());
  const bytes = sampleBytes();
  const probe = samplesTemplates();
  for (let i = 0, at = 0; i < count; i++, at += bytes) {
    const glance = at + modalityGlanceFrom(modality);
    const sample = referencePlain() + (at as usize);
    referenceReveal(glance, at + bytes);
    let one = modalityGlance(modality, probe, sample);
    if (one < 0) {
      referenceReveal(at, glance);
      one = modalityCompareOn(modality, probe, sample, comparing());
    }
    best = max(best, one);
  }
  if (count > 0) referenceClose();
  return best;
}

function verify(modality: i32, reference: i32): i32 {
  const best = score(modality, reference);
  if (best < 0) return conclude(DECISION_REFUSED, REASON_NO_REFERENCE, BAND_NONE);
  const accepted = best >= policyThreshold(modality);
  const status = triesCount(reference, accepted);
  if (status) return status;
  return accepted
    ? conclude(DECISION_ACCEPT, REASON_NONE, BAND_ABOVE)
    : conclude(DECISION_REJECT, REASON_NO_MATCH, BAND_BELOW);
}

function identify(modality: i32): i32 {
  let best = -1;
  found = -1;
  for (let id = referenceOf(modality, 0); id >= 0; id = referenceOf(modality, id + 1)) {
    if (triesLocked(id)) continue;
    const one = score(modality, id);
    if (one > best) {
      best = one;
      found = id;
    }
  }
  if (best < 0) return conclude(DECISION_REFUSED, REASON_NO_REFERENCE, BAND_NONE);
  const accepted = best >= policyIdentifyThreshold(modality);
  if (!accepted) found = -1;
  const status = triesCount(TRIES_OF_SEARCHES, accepted);
  if (status) return status;
  return accepted
    ? conclude(DECISION_ACCEPT, REASON_NONE, BAND_ABOVE)
    : conclude(DECISION_REJECT, REASON_NO_MATCH, BAND_BELOW);
}
