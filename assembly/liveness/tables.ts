// The evidence tables of a calibration, read in place in its payload (docs/liveness.md, section 5), and what a presentation comes to under
// them: lambda of a term, a class's evidence with its cap. Nothing is unpacked, so that a calibration costs no memory beyond its bytes.
import { same } from "../bytes";
import { cborBytesAt, cborFind, cborLength, cborMapAt, cborPairs, cborSame, cborTextAt, cborUint } from "../link/cbor";
import { LIVENESS_TERMS } from "../pec/words";
import { evidenceHas, evidenceRight, evidenceValue, evidenceWrong } from "./evidence";
import { DOWN, millibits, NEAREST } from "./log2";

/** Most classes, and bytes of a class's name. */
export const CLASSES_MAX: i32 = 12;
export const NAME_BYTES: i32 = 16;
/** No term's evidence is larger, either way, millibits. */
export const LAMBDA_MAX: i32 = 4000;
/** No class's offset is larger, either way, millibits. */
export const OFFSET_MAX: i32 = 16_000;
/** Steps of a table. */
const STEPS_MIN: i32 = 2;
const STEPS_MAX: i32 = 16;
/** Trials of a class below which nothing can be claimed: the rule of 3 gives no bit. */
const ATTACKS_MIN: u32 = 3;
const STATES_MAX: i64 = 65_536;
/** A weight of 1; the unit of the challenge's error, as a power of two. */
const ONE: i32 = 256;
const ERROR_BITS: i32 = 16;

// A class: u32 attacks, i16 offset, u16 flags; then for each term u16 weight, i16 evidence a step. A term: i16 low, i16 high, i16 edges.
const OFFSET: usize = 4;
const FLAGS: usize = 6;
const TABLES: usize = 8;
const FLAG_CHALLENGE: u16 = 1;
const EDGES: usize = 4;

/** How many classes the opened calibration has. */
export let classCount: i32 = 0;

let terms: usize = 0;
let termCount: i32 = 0;
let classes: usize = 0;
let finish: usize = 0;
let right: i32 = 0;
let wrong: i32 = 0;
// The entry of `terms` or `classes` that `next` read last.
let name: usize = 0;
let nameLength: i32 = 0;
let block: usize = 0;
let blockBytes: i32 = 0;
// The class found last, and the most that it may claim, millibits.
let found: usize = 0;
let cap: i32 = 0;

/** Whether the `length` bytes at `at` may name a class: a letter of a-z, then a-z, 0-9 and _, NAME_BYTES at most. */
export function isClassName(at: usize, length: i32): bool {
  for (let i = 0; i < length; i++) {
    const c = load<u8>(at + (i as usize)) as u32;
    const more = i > 0 && (c == 0x5f || c - 0x30 < 10);
    if (!more && c - 0x61 >= 26) return false;
  }
  return length > 0 && length <= NAME_BYTES;
}

/** Reads the entry at `at`: a name and its block. Returns where the next begins, 0 where it is none. */
function next(at: usize): usize {
  name = cborTextAt(at, finish);
  nameLength = cborLength;
  if (!name) return 0;
  block = cborBytesAt(name + (nameLength as usize), finish);
  blockBytes = cborLength;
  return block ? block + (blockBytes as usize) : 0;
}

/** The term that `next` read, an index of LIVENESS_TERMS; -1: this image does not measure it. */
function word(): i32 {
  for (let i = 0; i < LIVENESS_TERMS.length; i++)
    if (cborSame(name, nameLength, unchecked(LIVENESS_TERMS[i]))) return i;
  return -1;
}

/** Steps of the term that `next` read. */
function steps(): i32 {
  return (blockBytes >> 1) - 1;
}

/** Opens the payload [payload, end), one deterministic CBOR map, for the functions below. Returns false where it has no such tables. */
export function tablesOpen(payload: usize, end: usize): bool {
  finish = end;
  found = 0;
  terms = cborMapAt(cborFind(payload, end, "terms"), end);
  termCount = cborPairs;
  classes = cborMapAt(cborFind(payload, end, "classes"), end);
  classCount = cborPairs;
  const states = cborUint(payload, end, "states", STATES_MAX);
  const error = cborUint(payload, end, "error", (1 << ERROR_BITS) - 1);
  right = wrong = 0;
  if (states >= 2 && error > 0) {
    right = millibits((((1 << ERROR_BITS) - error) * states) as u64, 1 << ERROR_BITS, NEAREST);
    wrong = millibits((error * states) as u64, ((states - 1) << ERROR_BITS) as u64, NEAREST);
  }
  // A wrong answer never speaks for anybody.
  const challenge = states >= 2 ? error > 0 && wrong <= 0 && right >= 0 : states == 0 && error == 0;
  return challenge && sound();
}

/** Whether every block has the form that section 5 says: then all other functions may trust it. */
function sound(): bool {
  if (termCount < 1 || termCount > LIVENESS_TERMS.length || classCount < 1 || classCount > CLASSES_MAX) return false;
  let bytes = TABLES as i32;
  let at = terms;
  for (let t = 0; t < termCount; t++) {
    at = next(at);
    if (!at || word() < 0 || blockBytes & 1 || steps() < STEPS_MIN || steps() > STEPS_MAX) return false;
    if (load<i16>(block) > load<i16>(block, 2)) return false;
    for (let p = block + EDGES; p + 2 < at; p += 2) if (load<i16>(p) >= load<i16>(p, 2)) return false;
    bytes += 2 * steps() + 2;
  }
  at = classes;
  for (let k = 0; k < classCount; k++) {
    at = next(at);
    if (!at || !isClassName(name, nameLength) || blockBytes != bytes) return false;
    if (load<u32>(block) < ATTACKS_MIN || abs<i32>(load<i16>(block, OFFSET)) > OFFSET_MAX) return false;
    if (load<u16>(block, FLAGS) > FLAG_CHALLENGE || !tablesSound(block + TABLES)) return false;
  }
  return true;
}

/** Whether the tables of a class are monotone, and neither they nor their weights out of range. */
function tablesSound(p: usize): bool {
  const kept = block;
  let at = terms;
  for (let t = 0; t < termCount; t++) {
    at = next(at);
    if (load<u16>(p) > (ONE as u16)) return false;
    let way = 0; // the first rise or fall, which no other may undo
    let before: i32 = load<i16>(p, 2);
    for (let last = p + 2 * (steps() as usize); p < last; ) {
      p += 2;
      const value: i32 = load<i16>(p);
      if (abs(value) > LAMBDA_MAX || way * (value - before) < 0) return false;
      if (!way) way = value - before;
      before = value;
    }
    p += 2;
  }
  block = kept;
  return true;
}

/** Goes to class number `k` of the opened calibration. */
export function classAt(k: i32): void {
  let at = classes;
  for (let i = 0; i <= k; i++) at = next(at);
  found = block;
}

/** Goes to the class whose name is in the NAME_BYTES at `wanted`, filled up with zeros; whether there is one. */
export function classNamed(wanted: usize): bool {
  for (let k = 0; k < classCount; k++) {
    classAt(k);
    if (!same(name, wanted, nameLength)) continue;
    if (nameLength == NAME_BYTES || !load<u8>(wanted + (nameLength as usize))) return true;
  }
  return false;
}

/** The evidence of the term that `next` read at raw value `x`, in a table of its steps at `values`, millibits. */
function lambda(values: usize, x: i32): i32 {
  let step: usize = 0;
  for (let edge = block + EDGES; edge < block + (blockBytes as usize) && load<i16>(edge) <= x; edge += 2) step += 2;
  const value = min(load<i16>(values + step) as i32, cap);
  // Outside of what bona fide presentations show, nothing speaks for one: species that nobody has seen yet.
  return x < load<i16>(block) || x > load<i16>(block, 2) ? min(value, 0) : value;
}

/** Whether anything of `classEvidence` was measured: a class's offset alone is evidence of nothing. */
export let classMeasured: bool = false;

/**
 * Evidence that `evidence` gives against the class found last, millibits, its cap at most: offset, weighed terms, challenge. A term that was
 * not measured adds 0.
 */
export function classEvidence(evidence: usize): i32 {
  cap = millibits(load<u32>(found), 3, DOWN); // rule of 3
  classMeasured = false;
  let sum = ONE / 2;
  let p = found + TABLES;
  let at = terms;
  for (let t = 0; t < termCount; t++) {
    at = next(at);
    const term = word();
    const weight: i32 = load<u16>(p);
    if (weight && evidenceHas(evidence, term)) {
      sum += weight * lambda(p + 2, evidenceValue(evidence, term));
      classMeasured = true;
    }
    p += 2 * (steps() as usize) + 2;
  }
  sum = (sum >> 8) + load<i16>(found, OFFSET);
  if (load<u16>(found, FLAGS) & FLAG_CHALLENGE) {
    sum += evidenceRight(evidence) * right + evidenceWrong(evidence) * wrong;
    if (evidenceRight(evidence) + evidenceWrong(evidence)) classMeasured = true;
  }
  return min(sum, cap);
}
