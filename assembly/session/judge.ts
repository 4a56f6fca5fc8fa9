// Judges liveness: what was measured of the kept samples, under the calibration that the policy names, against its floors (docs/liveness.md,
// section 4). It fails closed: a calibration, class or term that is wanting refuses, with a reason of its own.
import { arenaBase } from "../arena";
import { evidenceHas, evidenceValue } from "../liveness/evidence";
import { classEvidence, classMeasured, classNamed, NAME_BYTES } from "../liveness/tables";
import { bothVerdicts, VERDICT_ACCEPT, VERDICT_REJECT, verdict } from "../liveness/verdict";
import { COSE_BYTES_MAX } from "../pec/cose";
import {
  LIVENESS_TERMS,
  REASON_NONE,
  REASON_NOT_CALIBRATED,
  REASON_NOT_LIVE,
  REASON_TERM_MISSING,
  REASON_TOO_SHORT,
} from "../pec/words";
import { journalGet } from "../store/journal";
import { KIND_LIVENESS } from "../store/kinds";
import { livenessOpen } from "./liveness";
import {
  policyCalibration,
  policyClass,
  policyClasses,
  policyJudges,
  policyLeastMs,
  policyTerms,
  policyTermWithin,
} from "./policy";
import { sampleEvidence, samplesKept } from "./samples";

/** Whether evidence was weighed, and of the class that came nearest to its floor, or fell furthest below it, evidence and floor, millibits. */
export let judged: bool = false;
export let judgedScore: i32 = 0;
export let judgedFloor: i32 = 0;

/** Forgets the last judgement. */
export function judgeNone(): void {
  judged = false;
}

/** Judges the kept samples of a session whose frames took `micros`. Returns REASON_NONE where they pass or nothing is asked, or why not. */
export function judge(modality: i32, micros: u64): i32 {
  judgeNone();
  if (!policyJudges(modality)) return REASON_NONE;
  // Where the frame was, as when references are opened.
  const length = journalGet(KIND_LIVENESS, modality, arenaBase(), COSE_BYTES_MAX);
  if (!livenessOpen(modality, arenaBase(), length, policyCalibration(modality))) return REASON_NOT_CALIBRATED;
  for (let k = 0; k < policyClasses(modality); k++)
    if (!classNamed(policyClass(modality, k))) return REASON_NOT_CALIBRATED;
  if (micros < (policyLeastMs(modality) as u64) * 1000) return REASON_TOO_SHORT;
  // All samples: what a reference is made of, and the one that is compared.
  for (let i = 0; i < samplesKept(); i++) if (wanting(modality, sampleEvidence(i))) return REASON_TERM_MISSING;
  for (let i = 0; i < samplesKept(); i++) if (!passes(modality, sampleEvidence(i))) return REASON_NOT_LIVE;
  return REASON_NONE;
}

/** Whether a term that the policy requires was not measured, or nothing at all that speaks for or against a class. */
function wanting(modality: i32, evidence: usize): bool {
  for (let term = 0; term < LIVENESS_TERMS.length; term++)
    if ((policyTerms(modality) >> term) & 1 && !evidenceHas(evidence, term)) return true;
  for (let k = 0; k < policyClasses(modality); k++) {
    classNamed(policyClass(modality, k));
    classEvidence(evidence);
    if (!classMeasured) return true;
  }
  return false;
}

/** Whether the required terms are within their limits, and the evidence reaches the floor of every class. */
function passes(modality: i32, evidence: usize): bool {
  let all = VERDICT_ACCEPT;
  for (let term = 0; term < LIVENESS_TERMS.length; term++)
    if ((policyTerms(modality) >> term) & 1 && !policyTermWithin(modality, term, evidenceValue(evidence, term)))
      all = VERDICT_REJECT;
  for (let k = 0; k < policyClasses(modality); k++) {
    const named = policyClass(modality, k);
    const floor = load<i32>(named, NAME_BYTES as usize);
    classNamed(named);
    const score = classEvidence(evidence);
    if (!judged || score - floor < judgedScore - judgedFloor) {
      judgedScore = score;
      judgedFloor = floor;
    }
    judged = true;
    all = bothVerdicts(all, verdict(score, floor, floor, false));
  }
  return all == VERDICT_ACCEPT;
}
