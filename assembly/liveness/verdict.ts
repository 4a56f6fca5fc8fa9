// The decision on one class: Wald's sequential test (1947), of which a decision at the end is the last step. If the evidence is a
// calibrated log2 likelihood ratio, an attack reaches a floor of b bits with probability 2^-b at most, whenever one stops (Ville).

export const VERDICT_ACCEPT: i32 = 0;
export const VERDICT_REJECT: i32 = 1;
/** Neither yet: take another frame. */
export const VERDICT_CONTINUE: i32 = 2;

/** Evidence against a class's floor, millibits. `low`: the evidence at which to give up; `more`: whether frames and time are left. */
export function verdict(evidence: i32, floor: i32, low: i32, more: bool): i32 {
  if (evidence >= floor) return VERDICT_ACCEPT;
  return more && evidence > low ? VERDICT_CONTINUE : VERDICT_REJECT;
}

/** The verdict on all classes from those on two sets of them: accept is unanimous, one rejection is enough. */
export function bothVerdicts(a: i32, b: i32): i32 {
  if (a == VERDICT_REJECT || b == VERDICT_REJECT) return VERDICT_REJECT;
  return a == VERDICT_CONTINUE || b == VERDICT_CONTINUE ? VERDICT_CONTINUE : VERDICT_ACCEPT;
}
