// Lab exports of the liveness arithmetic: calibrations are fitted and audited with the code that judges (docs/liveness.md).
import { entropy } from "./liveness/entropy";
import { classAt, classCount, classEvidence, tablesOpen } from "./liveness/tables";

/** Entropy of `bins` u32 counts at `counts` with at least `least` samples a bin, millibits; -1: none (liveness/entropy.ts). */
export function lab_entropy(counts: usize, bins: i32, least: i32): i32 {
  return entropy(counts, bins, least);
}

/**
 * Evidence, millibits, an i32 at `out` for each class, under the tables of a calibration, `bytes` of deterministic CBOR at `payload`, of what was
 * measured (liveness/evidence.ts). Returns how many classes there are; -1: they are none.
 */
export function lab_evidence(payload: usize, bytes: i32, evidence: usize, out: usize): i32 {
  const end = payload + (bytes as usize);
  if (!tablesOpen(payload, end)) return -1;
  for (let k = 0; k < classCount; k++) {
    classAt(k);
    store<i32>(out + ((k as usize) << 2), classEvidence(evidence));
  }
  return classCount;
}
