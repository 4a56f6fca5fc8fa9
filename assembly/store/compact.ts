// Compaction and room. The ring is compacted from its oldest block only: that levels the wear, and keeps the log in
// order. One free block is always left for it, and one more for the batch that is being written.
import {
  blockAddress,
  blockAfter,
  blockBytes,
  blockCount,
  blockHead,
  freeBlocks,
  newestSequence,
  retireBlock,
  sequenceOf,
} from "./blocks";
import { entryFlags, FLAG_COPY, readEntry } from "./entries";
import { JOURNAL_CORRUPT, JOURNAL_IO, KIND_EPOCH, KIND_RECORD, KIND_RELEASED, KIND_TRIES } from "./kinds";
import { dropLive, LIVE_LAST, largestLive, liveAddress, liveBytes, liveCount } from "./live";
import {
  batchBytes,
  batchEntries,
  batchLargest,
  closeHead,
  endScrub,
  head,
  headRoom,
  openHead,
  rewrite,
  scrubThrough,
} from "./log";

/** Kept back from everything but removals and releases. */
const LAST_BYTES: i32 = 2048;
const LAST_ENTRIES: i32 = 8;
/** Kept back from templates and documents, so that sessions still get their records: at least this, or an eighth. */
const RECORD_BYTES: i32 = 8192;
const RECORD_ENTRIES: i32 = 64;

/** Copies what lives in the oldest block to the head, and erases it. Returns 0 or a reason. */
export function compactOldest(): i32 {
  const victim = blockAfter(0);
  if (victim < 0) return JOURNAL_IO;
  if (victim == head) closeHead();
  for (let i = 0; i < liveCount; ) {
    const address = liveAddress(i);
    if (<i32>(address / blockBytes) != victim) {
      i++;
    } else if (readEntry(victim, address - blockAddress(victim)) == 0) {
      dropLive(i, 1); // damaged since the mount: nothing is left to copy
    } else {
      const reason = rewrite(address);
      if (reason != 0) return reason;
      i++;
    }
  }
  retireBlock(victim); // one that cannot be erased any more is out of the log all the same
  return 0;
}

/**
 * After a cut: where no block is free, the newest was taken by a compaction that did not end. It holds copies only, and
 * their originals are still there: it is erased. Returns 0 or a reason.
 */
export function undoCompaction(): i32 {
  if (freeBlocks() > 0) return 0;
  const newest = blockAfter(newestSequence() - 1);
  for (let offset = blockHead; offset < blockBytes; ) {
    const size = readEntry(newest, offset);
    if (size == 0) break;
    if (!(entryFlags & FLAG_COPY)) return JOURNAL_CORRUPT;
    offset += size;
  }
  return retireBlock(newest);
}

/** Makes the head take `size` bytes, with two free blocks left. `fits` said that it can be done. */
export function makeRoom(size: i32): i32 {
  for (let turn = 0; turn < 3 * blockCount; turn++) {
    const free = freeBlocks();
    if (free >= 2 && headRoom() >= size) return 0;
    if (free >= 3) {
      if (!openHead()) return JOURNAL_IO;
    } else {
      const reason = compactOldest();
      if (reason != 0) return reason;
    }
  }
  return JOURNAL_IO; // blocks fail: there would be room if they did not
}

/** One block of the scrub: 1 there is more to do, 0 all is done, negative: a reason. */
export function scrubStep(): i32 {
  const oldest = blockAfter(0);
  if (oldest < 0 || sequenceOf(oldest) > scrubThrough) return 0;
  if (head >= 0 && sequenceOf(head) <= scrubThrough) closeHead(); // so that nothing is copied into what goes next
  const reason = compactOldest();
  if (reason != 0) {
    endScrub(); // trying at every poll would wear out what still works
    return -reason;
  }
  const next = blockAfter(0);
  return next >= 0 && sequenceOf(next) <= scrubThrough ? 1 : 0;
}

/** Who may use the last bytes: 0 removals and releases, 1 what a session must write, 2 the rest. */
function rank(kind: i32, removal: bool): i32 {
  if (removal || kind == KIND_RELEASED) return 0;
  return kind == KIND_RECORD || kind == KIND_TRIES || kind == KIND_EPOCH ? 1 : 2;
}

/**
 * Bytes of flash that are left for entries of `kind` if the largest of them takes `item` bytes; may be negative. Entries
 * do not span blocks, so that filling blocks one after the other wastes less than the largest entry in each: what is
 * said to fit here fits in whatever order compaction meets it.
 */
export function roomFor(kind: i32, removal: bool, item: i32): i32 {
  const order = rank(kind, removal);
  const largest = max(max(item, batchLargest), largestLive());
  const usable = (blockCount - 2) * (blockBytes - blockHead - largest);
  const reserve = order == 0 ? 0 : order == 1 ? LAST_BYTES : LAST_BYTES + max(RECORD_BYTES, usable / 8);
  return usable - reserve - liveBytes - batchBytes;
}

/** How many more entries of `kind` the index takes; may be negative. */
export function entriesFor(kind: i32, removal: bool): i32 {
  const order = rank(kind, removal);
  const reserve = order == 0 ? 0 : order == 1 ? LAST_ENTRIES : LAST_ENTRIES + RECORD_ENTRIES;
  return LIVE_LAST - reserve - liveCount - batchEntries;
}

/** Whether an entry of `size` bytes of flash can be added to the open batch, or alone. */
export function fits(kind: i32, removal: bool, size: i32): bool {
  return entriesFor(kind, removal) > 0 && roomFor(kind, removal, size) >= size;
}
