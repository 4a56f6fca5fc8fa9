// The flash journal: a key-value store and log that no power cut tears. docs/journal.md tells format and invariants.
// Keys are a kind (kinds.ts) and an id of 31 bits. Functions that only act return 0 or a positive reason, functions that tell a
// length return it, or the negative reason. A put or remove that fails gives up the whole batch it belongs to.
import {
  blockAddress,
  blockAfter,
  blockBytes,
  blockCount,
  blockHead,
  dirtyBytes,
  eraseBlock,
  layBlocks,
  readFlash,
  sequenceOf,
  surveyBlocks,
  UNKNOWN,
} from "./blocks";
import { entriesFor, fits, makeRoom, roomFor, scrubStep, undoCompaction } from "./compact";
import { entryBytes, entryCrc, entryData, FLAG_MORE, FLAG_REMOVE, flashCrc, readEntry } from "./entries";
import * as reason from "./kinds";
import { clearLive, findLive, liveAddress, liveCount, liveId, liveKind, liveLength, lowerBound } from "./live";
import { abandonBatch, append, batchBytes, batchEntries, clearLog, released, replayBlock } from "./log";

let mounted: bool = false;

/**
 * Mounts the partition: `bytes` long, sectors of `sector` bytes (512..131072), write units of `unit` bytes (1..32).
 * Finishes or undoes what a power cut interrupted; a blank partition becomes an empty journal. Returns 0,
 * JOURNAL_GEOMETRY, JOURNAL_CORRUPT or JOURNAL_IO.
 */
export function journalMount(bytes: u32, sector: u32, unit: u32): i32 {
  mounted = false;
  clearLive();
  clearLog();
  let status = layBlocks(bytes, sector, unit);
  if (status == 0) status = surveyBlocks();
  if (status != 0) return status;
  // What is neither in the log nor proven to be erased may hold remains: erased now. A block that fails is not used.
  for (let block = 0; block < blockCount; block++) {
    if (sequenceOf(block) == UNKNOWN && dirtyBytes(blockAddress(block), blockBytes) > 0) eraseBlock(block);
  }
  status = undoCompaction();
  if (status != 0) return status;
  for (let block = blockAfter(0); block >= 0; block = blockAfter(sequenceOf(block))) replayBlock(block);
  mounted = true;
  return 0;
}

function add(kind: i32, flags: i32, id: u32, data: usize, length: i32): i32 {
  const size = entryBytes(length);
  if (batchBytes + size > blockBytes - blockHead) return reason.JOURNAL_TOO_LARGE;
  if (!fits(kind, (flags & FLAG_REMOVE) != 0, size)) return reason.JOURNAL_FULL;
  if (batchEntries == 0) {
    const status = makeRoom(size);
    if (status != 0) return status;
  }
  return append(kind, flags, id, data, length);
}

/**
 * Puts an entry of `length` (0..ENTRY_LAST) bytes, in place of an older one with the same key. `more` = 1: it becomes
 * visible, and survives a power cut, only together with the entries that follow, up to one with `more` = 0.
 */
export function journalPut(kind: i32, id: u32, data: usize, length: i32, more: i32): i32 {
  let status = reason.JOURNAL_OK;
  if (!mounted) return reason.JOURNAL_UNMOUNTED;
  if (kind < 1 || kind > reason.KIND_LAST || (id as i32) < 0 || length < 0) status = reason.JOURNAL_INVALID;
  else if (length > reason.ENTRY_LAST) status = reason.JOURNAL_TOO_LARGE;
  else if ((kind == reason.KIND_RECORD || kind == reason.KIND_RELEASED) && id < released)
    status = reason.JOURNAL_RELEASED;
  else status = add(kind, more ? FLAG_MORE : 0, id, data, length);
  if (status != 0) abandonBatch();
  return status;
}

/** Removes an entry; `more` as in `journalPut`. JOURNAL_NOT_FOUND: there is none. The released size cannot be removed. */
export function journalRemove(kind: i32, id: u32, more: i32): i32 {
  let status = reason.JOURNAL_OK;
  if (!mounted) return reason.JOURNAL_UNMOUNTED;
  if (kind == reason.KIND_RELEASED) status = reason.JOURNAL_INVALID;
  else if (findLive(kind, id) < 0) status = reason.JOURNAL_NOT_FOUND;
  else status = add(kind, FLAG_REMOVE | (more ? FLAG_MORE : 0), id, 0, 0);
  if (status != 0) abandonBatch();
  return status;
}

/** Gives up the open batch, if there is one. */
export function journalCancel(): void {
  if (mounted && batchEntries > 0) abandonBatch();
}

/** Reads a whole entry into `out`. Returns its length, or the negative reason. */
export function journalGet(kind: i32, id: u32, out: usize, capacity: i32): i32 {
  const length = journalLength(kind, id);
  if (length > capacity) return -reason.JOURNAL_SMALL;
  return length < 0 ? length : journalRead(kind, id, 0, out, length);
}

/**
 * Reads up to `length` bytes of an entry from `offset` on. The whole entry is checked each time. Returns how many bytes
 * were read (0 at the end), or the negative reason: JOURNAL_NOT_FOUND, JOURNAL_CORRUPT, JOURNAL_INVALID.
 */
export function journalRead(kind: i32, id: u32, offset: i32, out: usize, length: i32): i32 {
  const position = mounted ? findLive(kind, id) : -1;
  if (position >= 0) {
    const address = liveAddress(position);
    const block: i32 = address / blockBytes;
    if (readEntry(block, address - blockAddress(block)) == 0) return -reason.JOURNAL_CORRUPT;
    if (flashCrc(entryData(address), liveLength(position)) != entryCrc) return -reason.JOURNAL_CORRUPT;
  }
  return journalPeek(kind, id, offset, out, length);
}

/** Reads like `journalRead` and checks nothing, which takes much less time: for what proves itself, as a sealed reference does. */
export function journalPeek(kind: i32, id: u32, offset: i32, out: usize, length: i32): i32 {
  const position = mounted ? findLive(kind, id) : -1;
  if (position < 0) return -(mounted ? reason.JOURNAL_NOT_FOUND : reason.JOURNAL_UNMOUNTED);
  const own = liveLength(position);
  if (offset < 0 || offset > own || length < 0) return -reason.JOURNAL_INVALID;
  const part = min(length, own - offset);
  readFlash(entryData(liveAddress(position)) + offset, out, part);
  return part;
}

/** Bytes of an entry, or -JOURNAL_NOT_FOUND. */
export function journalLength(kind: i32, id: u32): i32 {
  const position = mounted ? findLive(kind, id) : -1;
  if (position < 0) return -(mounted ? reason.JOURNAL_NOT_FOUND : reason.JOURNAL_UNMOUNTED);
  return liveLength(position);
}

/** Id of the first entry of `kind` whose id is at least `from`, or -1. The next one is `journalFirst(kind, id + 1)`. */
export function journalFirst(kind: i32, from: u32): i32 {
  const position = lowerBound(kind, from);
  return mounted && position < liveCount && liveKind(position) == kind ? (liveId(position) as i32) : -1;
}

/** How many entries of `kind` there are. */
export function journalCount(kind: i32): i32 {
  return mounted ? lowerBound(kind + 1, 0) - lowerBound(kind, 0) : 0;
}

/**
 * Bytes that can still be put under `kind` (after compaction, if need be), as entries of up to `length` bytes that each
 * count for `journalCost` bytes. Templates and documents leave a reserve for records; records leave one for removals and
 * releases.
 */
export function journalFree(kind: i32, length: i32 = 4096): i32 {
  const size = entryBytes(length);
  return mounted ? max(0, min(roomFor(kind, false, size), entriesFor(kind, false) * size)) : 0;
}

/** Bytes of flash that an entry of `length` bytes takes. */
export function journalCost(length: i32): i32 {
  return entryBytes(length);
}

/**
 * Erases one more block of those that hold dead copies of templates or keys: call until it returns 0. 1: more to do;
 * negative: a reason. After a reboot it goes on where it was.
 */
export function journalScrub(): i32 {
  if (!mounted) return -reason.JOURNAL_UNMOUNTED;
  if (batchEntries > 0) return -reason.JOURNAL_BUSY;
  return scrubStep();
}
