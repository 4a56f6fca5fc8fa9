// Limits failed tries, against guessing and hill-climbing: after each failure in a row the user waits longer, and after the
// policy's limit the reference is locked until it is deleted. The count is committed with the record, so that a restart does not
// forget it; a restart begins the present delay anew.
import * as board from "../board";
import { journalCost, journalGet, journalPut, journalRemove } from "../store/journal";
import { KIND_TRIES } from "../store/kinds";
import { policyDelay, policyTries } from "./policy";
import { rcOfJournal } from "./rc";

/** The id under which failed searches (identify) count; references begin at 1. */
export const TRIES_OF_SEARCHES: i32 = 0;

const COUNT_BYTES: i32 = 4;
const COUNT = memory.data(4, 4);
let failedAt: u64 = 0; // board.micros of the last failure, or of the start
let counted: u32 = 0;

/** To be called at start: delays begin anew then, since how long the board was off is not known. */
export function triesStart(): void {
  failedAt = board.micros();
}

/** Failures in a row for a reference. */
export function triesFailed(id: i32): u32 {
  return journalGet(KIND_TRIES, id, COUNT, COUNT_BYTES) == COUNT_BYTES ? load<u32>(COUNT) : 0;
}

/** Whether the reference is locked. Searches are only delayed. */
export function triesLocked(id: i32): bool {
  return id != TRIES_OF_SEARCHES && triesFailed(id) >= policyTries();
}

/** Milliseconds until the next try is taken. */
export function triesWait(id: i32): u32 {
  const until = failedAt + (policyDelay(triesFailed(id)) as u64) * 1000;
  const now = board.micros();
  return triesFailed(id) && until > now ? (((until - now + 999) / 1000) as u32) : 0;
}

/** Bytes of flash that counting a failure takes. */
export function triesCost(): i32 {
  return journalCost(COUNT_BYTES);
}

/** Failures in a row after the decision that was counted last. */
export function triesCounted(): u32 {
  return counted;
}

/** Counts a decision, in the journal's open batch: an acceptance clears the count. Returns 0 or an RC. */
export function triesCount(id: i32, accepted: bool): i32 {
  const failed = triesFailed(id);
  counted = accepted ? 0 : failed + 1;
  if (accepted && !failed) return 0;
  store<u32>(COUNT, counted);
  const status = accepted ? journalRemove(KIND_TRIES, id, 1) : journalPut(KIND_TRIES, id, COUNT, COUNT_BYTES, 1);
  if (status) return rcOfJournal(status);
  if (!accepted) failedAt = board.micros();
  return 0;
}
