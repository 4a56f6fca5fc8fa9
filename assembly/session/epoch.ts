// The key epoch: its number and the random salt from which its sealing key is derived. Rotation seals every reference anew under the
// next epoch, one at a time; the journal keeps both salts until all are over, so that a power cut anywhere loses none.
import * as board from "../board";
import { SALT_BYTES } from "../minimize/keys";
import { journalGet, journalPut } from "../store/journal";
import { JOURNAL_NOT_FOUND, KIND_EPOCH } from "../store/kinds";
import { RC_BOARD, RC_STORAGE, rcOfJournal } from "./rc";

// The entry: epoch u32, previous epoch u32 (0: none), when it began u64 (host's clock, seconds), salt, previous salt.
const PREVIOUS: usize = 4;
const SINCE: usize = 8;
const SALT: usize = 16;
const PREVIOUS_SALT: usize = 32;
const ENTRY_BYTES: i32 = 48;
const ENTRY = memory.data(48, 8);

function put(more: i32): i32 {
  const status = journalPut(KIND_EPOCH, 0, ENTRY, ENTRY_BYTES, more);
  return status ? rcOfJournal(status) : 0;
}

/**
 * Takes the epoch back from the journal, or begins the first one. Returns 0 or an RC. One that is there and cannot be read is an
 * error: another salt in its place would lose every reference.
 */
export function epochRestore(): i32 {
  const length = journalGet(KIND_EPOCH, 0, ENTRY, ENTRY_BYTES);
  if (length == ENTRY_BYTES) return 0;
  if (length != -JOURNAL_NOT_FOUND) return RC_STORAGE;
  memory.fill(ENTRY, 0, ENTRY_BYTES);
  store<u32>(ENTRY, 1);
  if (board.random(ENTRY + SALT, SALT_BYTES) != 0) return RC_BOARD;
  return put(0);
}

/** The epoch in force. */
export function epochNumber(): u32 {
  return load<u32>(ENTRY);
}

/** The epoch that a rotation under way is leaving, 0 when there is none. */
export function epochPrevious(): u32 {
  return load<u32>(ENTRY, PREVIOUS);
}

/** When the epoch began, seconds since 1970 by the host's clock; 0: not known. */
export function epochSince(): u64 {
  return load<u64>(ENTRY, SINCE);
}

/** The salt of an epoch, 0 when its key is gone. */
export function epochSalt(epoch: u32): usize {
  if (epoch && epoch == epochNumber()) return ENTRY + SALT;
  return epoch && epoch == epochPrevious() ? ENTRY + PREVIOUS_SALT : 0;
}

/** Notes when the epoch began, once a host tells the time. */
export function epochBegan(now: u64): i32 {
  if (epochSince() || !now) return 0;
  store<u64>(ENTRY, now, SINCE);
  const status = put(0);
  if (status) store<u64>(ENTRY, 0, SINCE);
  return status;
}

/** Begins the next epoch beside the present one. Returns 0 or an RC. */
export function epochNext(now: u64): i32 {
  if (epochPrevious()) return 0;
  store<u32>(ENTRY, epochNumber(), PREVIOUS);
  memory.copy(ENTRY + PREVIOUS_SALT, ENTRY + SALT, SALT_BYTES);
  store<u32>(ENTRY, epochNumber() + 1);
  store<u64>(ENTRY, now, SINCE);
  const status = board.random(ENTRY + SALT, SALT_BYTES) != 0 ? RC_BOARD : put(0);
  if (status) journalGet(KIND_EPOCH, 0, ENTRY, ENTRY_BYTES);
  return status;
}

/** Drops the previous epoch's salt, in the journal's open batch: whatever is still sealed under it is unreadable from then on. */
export function epochDrop(): i32 {
  store<u32>(ENTRY, 0, PREVIOUS);
  memory.fill(ENTRY + PREVIOUS_SALT, 0, SALT_BYTES);
  return put(1);
}
