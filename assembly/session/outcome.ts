// What the last session answered whose record is durable, for when it is asked again.
import { DECISION_ACCEPT, DECISION_ENROLLED } from "../pec/words";

let answered: u32 = 0; // the session's number; 0: none did
let recordIndex: u32 = 0;
let lastDecision: i32 = 0;
let lastReason: i32 = 0;
let lastBand: i32 = 0;
let lastMatched: i32 = -1;

/** Keeps what a session came to; its record is durable. `matched`: the reference it was about, -1: none. */
export function outcomeKeep(session: u32, record: u32, decision: i32, reason: i32, band: i32, matched: i32): void {
  answered = session;
  recordIndex = record;
  lastDecision = decision;
  lastReason = reason;
  lastBand = band;
  lastMatched = matched;
}

/** Whether what is kept is that session's. */
export function outcomeOf(session: u32): bool {
  return session == answered && answered != 0;
}
/** The record of the session that was finished last. */
export function outcomeRecord(): u32 {
  return recordIndex;
}
/** What it decided (pec/words.ts), and the reference it was about, -1: none that the host may know. */
export function outcomeDecision(): i32 {
  return lastDecision;
}
export function outcomeReason(): i32 {
  return lastReason;
}
export function outcomeBand(): i32 {
  return lastBand;
}
export function outcomeMatched(): i32 {
  return lastDecision == DECISION_ACCEPT || lastDecision == DECISION_ENROLLED ? lastMatched : -1;
}
