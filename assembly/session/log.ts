// The device's log: records go through here to the journal and the tree, so that a record is durable before its decision leaves and
// the tree never says more than the flash holds. The board's monotonic counter is raised to the log's size, which tells an old
// journal that somebody put back.
import * as board from "../board";
import {
  FIELD_IMAGE,
  FIELD_INDEX,
  FIELD_POLICY,
  RECORD_BYTES,
  recordBytes,
  recordEncode,
  recordNumber,
} from "../pec/record";
import { TREE_BYTES, treeAppendEntry, treeReset, treeRestore, treeSave, treeSize } from "../pec/tree";
import { journalCancel, journalFirst, journalGet, journalPut } from "../store/journal";
import { JOURNAL_CORRUPT, KIND_RECORD, KIND_RELEASED } from "../store/kinds";
import { policyDigest } from "./policy";
import { RC_MALFORMED, RC_STORAGE, rcOfJournal } from "./rc";

const DIGEST = memory.data(32, 8);
const RECORD = memory.data(640, 8);
const RANGE = memory.data(1028, 8);
const WHOLE = memory.data(1028, 8); // the tree, while a release works on a smaller one
let released: u32 = 0;

/** SHA-256 of the running image, 32 bytes: deviceStart asks the board for it. */
export function imageDigest(): usize {
  return DIGEST;
}

/** Rebuilds the tree from the journal. Returns false when the counter has seen a longer log: the journal was put back, or lost entries. */
export function logRestore(): bool {
  treeReset();
  released = 0;
  const size = journalFirst(KIND_RELEASED, 0);
  if (size >= 0) {
    const length = journalGet(KIND_RELEASED, size, RANGE, TREE_BYTES);
    if (length > 0 && treeRestore(RANGE, length) == 0) released = size;
  }
  while (true) {
    const length = journalGet(KIND_RECORD, treeSize(), RECORD, RECORD_BYTES);
    if (length < 0) break;
    treeAppendEntry(RECORD, length);
  }
  // Raised here too: a power cut may have come between the last record and its counting.
  return board.counter(treeSize()) == treeSize();
}

/**
 * Commits the record whose fields were set (pec/record.ts), together with the journal's open batch; adds index and digests.
 * Returns 0, or an RC: then neither the record nor anything of the batch is there.
 */
export function logCommit(): i32 {
  const index = treeSize();
  recordNumber(FIELD_INDEX, index);
  recordBytes(FIELD_IMAGE, DIGEST, 32);
  recordBytes(FIELD_POLICY, policyDigest(), 32);
  const length = recordEncode(RECORD, RECORD_BYTES);
  if (length <= 0) {
    journalCancel();
    return RC_STORAGE;
  }
  const status = journalPut(KIND_RECORD, index, RECORD, length, 0);
  if (status) return rcOfJournal(status);
  treeAppendEntry(RECORD, length);
  board.counter(treeSize());
  return 0;
}

/** Reads entry `index` to `logEntryText`. Returns its length, negative: not on the device (any more). */
export function logEntry(index: u32): i32 {
  return journalGet(KIND_RECORD, index, RECORD, RECORD_BYTES);
}

/** Where `logEntry` put the entry. */
export function logEntryText(): usize {
  return RECORD;
}

/** Entries below this size were stored by the host and may be gone from the device. */
export function logReleased(): u32 {
  return released;
}

/** Gives entries below `size` up: the host has stored them. Returns 0 or an RC. */
export function logRelease(size: u32): i32 {
  if (size > treeSize()) return RC_MALFORMED;
  if (size <= released) return 0;
  // The range at `size` is made by appending, from what was released before, the entries up to it. The tree itself is kept aside
  // and comes back whatever fails: a log that forgot its last entries would write others in their place.
  const whole = treeSave(WHOLE);
  const status = releasedRange(size) ? journalPut(KIND_RELEASED, size, RANGE, treeSave(RANGE), 0) : JOURNAL_CORRUPT;
  treeRestore(WHOLE, whole);
  if (status) return rcOfJournal(status);
  released = size;
  return 0;
}

/** Makes the tree that of the first `size` entries. Returns false when one of them cannot be read. */
function releasedRange(size: u32): bool {
  treeReset();
  if (released) {
    const length = journalGet(KIND_RELEASED, released, RANGE, TREE_BYTES);
    if (length < 0 || treeRestore(RANGE, length)) return false;
  }
  while (treeSize() < size) {
    const length = logEntry(treeSize());
    if (length < 0) return false;
    treeAppendEntry(RECORD, length);
  }
  return true;
}
