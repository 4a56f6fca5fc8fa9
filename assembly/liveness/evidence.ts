// What was measured of one presentation, in fixed memory: a raw term each (pec/words.ts: LIVENESS_TERMS), and how the light challenge was
// answered. Every modality adds to it in the same way, frame by frame: a term that grows with the frames (pulse, pupil reflex) is added
// again, and its latest value stands for all frames before. What it is worth as evidence only a calibration says (tables.ts).
import { LIVENESS_TERMS } from "../pec/words";

/** Bytes of one; all zero: nothing measured. */
export const EVIDENCE_BYTES: i32 = 40;
/** Most terms that an image may know. */
export const TERMS_MAX: i32 = 16;

const PRESENT: usize = 0; // u32, a bit a term
const RIGHT: usize = 4; // u16, u16: challenge slots answered right and wrong
const WRONG: usize = 6;
const VALUES: usize = 8; // i16 a term

/** Sets the raw value of `term`, millibits, clipped to 16 bits. One that was not measured is not added. */
export function evidenceAdd(evidence: usize, term: i32, value: i32): void {
  if (term < 0 || term >= LIVENESS_TERMS.length) return;
  store<i16>(evidence + ((term as usize) << 1), min(max(value, i16.MIN_VALUE), i16.MAX_VALUE) as i16, VALUES);
  store<u32>(evidence, load<u32>(evidence, PRESENT) | ((1 as u32) << term), PRESENT);
}

/** Counts a slot of the challenge, answered right or wrong. */
export function evidenceAnswer(evidence: usize, right: bool): void {
  const at = evidence + (right ? RIGHT : WRONG);
  store<u16>(at, min((load<u16>(at) as u32) + 1, 0xff) as u16);
}

/** Whether `term` was measured. */
export function evidenceHas(evidence: usize, term: i32): bool {
  return ((load<u32>(evidence, PRESENT) >> term) & 1) != 0;
}

/** The raw value of a term that was measured, millibits. */
export function evidenceValue(evidence: usize, term: i32): i32 {
  return load<i16>(evidence + ((term as usize) << 1), VALUES);
}

/** Slots of the challenge that were answered right, and wrong: 255 at most. */
export function evidenceRight(evidence: usize): i32 {
  return load<u16>(evidence, RIGHT);
}
export function evidenceWrong(evidence: usize): i32 {
  return load<u16>(evidence, WRONG);
}
