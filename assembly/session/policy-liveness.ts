// What a policy asks of liveness (docs/liveness.md, section 4), as the device reads it: the calibration, a floor for each class of attacks,
// required terms and their limits, the least time.
import { cborBytesAt, cborFind, cborLength, cborMapAt, cborPairs, cborSkip, cborTextAt } from "../link/cbor";
import { CLASSES_MAX, isClassName } from "../liveness/tables";
import { LIVENESS_TERMS } from "../pec/words";
import { CALIBRATION, CLASSES, FLOOR_STRIDE, FLOORS, JUDGED, LEAST_MS, LIMITS, REQUIRED } from "./policy-bank";
import { close, enter, fail, field, intAt, open, POLICY_MALFORMED, POLICY_RANGE, uint } from "./policy-fields";

/** The floors of {class: floor}, whose names are the policy's own. */
function parseFloors(map: usize, end: usize, bank: usize): void {
  let at = cborMapAt(map, end);
  const count = cborPairs;
  if (count < 1 || count > CLASSES_MAX) return fail(POLICY_RANGE);
  store<u32>(bank, count, CLASSES);
  for (let slot = bank + FLOORS; slot < bank + FLOORS + count * FLOOR_STRIDE; slot += FLOOR_STRIDE) {
    const name = cborTextAt(at, end);
    const length = cborLength;
    if (!name) return fail(POLICY_MALFORMED);
    if (!isClassName(name, length)) return fail(POLICY_RANGE);
    memory.copy(slot, name, length);
    at = name + (length as usize);
    store<i32>(slot, intAt(at, end, -16_000, 16_000) as i32, 16);
    at = cborSkip(at, end);
  }
}

/** The terms of {term: {least?, most?}}: each is required, and within its limits. */
function parseTerms(map: usize, end: usize, bank: usize): void {
  const before = enter();
  for (let term = 0; term < LIVENESS_TERMS.length; term++) {
    const key = unchecked(LIVENESS_TERMS[term]);
    if (!cborFind(map, end, key)) continue;
    store<u32>(bank, load<u32>(bank, REQUIRED) | ((1 as u32) << term), REQUIRED);
    const limits = open(map, end, key);
    if (!limits) return;
    const within = enter();
    const slot = bank + ((term as usize) << 2);
    const least = field(limits, end, "least", true);
    const most = field(limits, end, "most", true);
    store<i16>(slot, (least ? intAt(least, end, i16.MIN_VALUE, i16.MAX_VALUE) : i16.MIN_VALUE) as i16, LIMITS);
    store<i16>(slot, (most ? intAt(most, end, i16.MIN_VALUE, i16.MAX_VALUE) : i16.MAX_VALUE) as i16, LIMITS + 2);
    close(limits, within);
  }
  close(map, before);
}

/** What is asked of liveness, from the map under "liveness". */
export function parseLiveness(map: usize, end: usize, bank: usize): void {
  const before = enter();
  store<u32>(bank, 1, JUDGED);
  const id = cborBytesAt(field(map, end, "calibration"), end);
  if (!id || cborLength != 32) return fail(POLICY_MALFORMED);
  memory.copy(bank + CALIBRATION, id, 32);
  store<u32>(bank, uint(map, end, "least_ms", 0, 60_000) as u32, LEAST_MS);
  const classes = open(map, end, "classes");
  if (classes) parseFloors(classes, end, bank);
  const terms = open(map, end, "terms");
  if (terms) parseTerms(terms, end, bank);
  close(map, before);
}
