// The log over the ring: entries are appended to the head block, and the state is what replaying them in order gives.
// Compaction takes the oldest block only, and copies nothing but live entries to the head, so each entry in the log
// tells the state of its key at the time it was written; a removal is dropped with its block, as nothing older is left.
//
// A batch is the entries that carry one batch number, in one block. They count when the last one, which does not carry
// FLAG_MORE, is there; a batch that outgrows its block moves to the next one as a whole.
import { blockAddress, blockBytes, blockHead, dirtyBytes, freeBlocks, openBlock, padded, sequenceOf } from "./blocks";
import * as entry from "./entries";
import { isSecret, JOURNAL_IO, KIND_RECORD, KIND_RELEASED } from "./kinds";
import { dropLive, findLive, liveAddress, lowerBound, setLive } from "./live";

/** Block that is written, or -1, and where the next entry goes. */
export let head: i32 = -1;
let headEnd: i32 = 0;
/** Records below this index were released. */
export let released: u32 = 0;
/** Dead copies of secrets are in no block after this one of the log; 0: there are none. */
export let scrubThrough: u32 = 0;
let batchNumber: u32 = 1;
let batchStart: i32 = -1;
/** Of the open batch. */
export let batchEntries: i32 = 0;
export let batchBytes: i32 = 0;
export let batchLargest: i32 = 0;

export function clearLog(): void {
  head = -1;
  released = 0;
  scrubThrough = 0;
  batchNumber = 1;
  clearBatch();
}

function clearBatch(): void {
  batchStart = -1;
  batchEntries = 0;
  batchBytes = 0;
  batchLargest = 0;
}

/** Gives the scrub up until the next mount. */
export function endScrub(): void {
  scrubThrough = 0;
}

export function closeHead(): void {
  head = -1;
}

export function headRoom(): i32 {
  return head < 0 ? 0 : blockBytes - headEnd;
}

export function openHead(): bool {
  head = openBlock();
  headEnd = blockHead;
  return head >= 0;
}

function noteDead(kind: i32, block: i32): void {
  if (isSecret(kind)) scrubThrough = max(scrubThrough, sequenceOf(block));
}

/** Takes the entry that was read last, at `address`, into the index. */
function apply(address: u32): void {
  const kind = entry.entryKind;
  const id = entry.entryId;
  if (kind == KIND_RELEASED) {
    if (id < released) return;
    released = id;
    const before = lowerBound(KIND_RELEASED, 0);
    dropLive(before, lowerBound(KIND_RELEASED + 1, 0) - before);
    const records = lowerBound(KIND_RECORD, 0);
    dropLive(records, lowerBound(KIND_RECORD, id) - records);
  } else if (kind == KIND_RECORD && id < released) {
    return;
  }
  const position = findLive(kind, id);
  if (position >= 0) noteDead(kind, liveAddress(position) / blockBytes);
  if (entry.entryFlags & entry.FLAG_REMOVE) {
    if (position >= 0) dropLive(position, 1);
  } else {
    setLive(kind, id, address, entry.entryLength); // a put that found no place in the index was refused: this finds one
  }
}

/** Applies a batch, or (`commit` false) notes what secrets it leaves behind. */
function settleBatch(block: i32, start: i32, end: i32, batch: u32, commit: bool): void {
  for (let offset = start; offset < end; ) {
    const size = entry.readEntry(block, offset);
    if (size > 0 && entry.entryBatch == batch && !(entry.entryFlags & entry.FLAG_COPY)) {
      if (commit) apply(blockAddress(block) + offset);
      else noteDead(entry.entryKind, block);
    }
    offset += size > 0 ? size : padded(1);
  }
}

/** Replays a block, the next in the order of the log; it becomes the head if entries can still be added to it. */
export function replayBlock(block: i32): void {
  let offset = blockHead;
  let dirtyEnd = -1;
  let start = -1;
  let batch: u32 = 0;
  while (offset < blockBytes) {
    const size = entry.readEntry(block, offset);
    if (size == 0) {
      // Past the last entry all is blank, or a cut or damage left something: then look for entries behind it.
      if (dirtyEnd < 0) {
        const dirty = dirtyBytes(blockAddress(block) + offset, blockBytes - offset);
        if (dirty == 0) break;
        dirtyEnd = offset + dirty;
        scrubThrough = max(scrubThrough, sequenceOf(block));
      }
      if (offset >= dirtyEnd) break;
      offset += padded(1);
      continue;
    }
    const flags = entry.entryFlags;
    batchNumber = max(batchNumber, entry.entryBatch + 1);
    if (flags & entry.FLAG_COPY) {
      apply(blockAddress(block) + offset);
    } else {
      const own = entry.entryBatch;
      if (start >= 0 && own != batch) {
        settleBatch(block, start, offset, batch, false); // a batch that was cut, and another after it
        entry.readEntry(block, offset);
        start = -1;
      }
      if (start < 0) {
        start = offset;
        batch = own;
      }
      if (!(flags & entry.FLAG_MORE)) {
        if (start == offset) apply(blockAddress(block) + offset);
        else settleBatch(block, start, offset + size, batch, true);
        start = -1;
      }
    }
    offset += size;
  }
  if (start >= 0) settleBatch(block, start, offset, batch, false);
  head = dirtyEnd < 0 ? block : -1;
  headEnd = offset;
}

/** Gives up the open batch: nothing of it becomes visible. */
export function abandonBatch(): void {
  if (batchStart >= 0 && head >= 0) settleBatch(head, batchStart, headEnd, batchNumber, false);
  batchNumber++;
  clearBatch();
}

/** Takes the open batch to a fresh block. One free block stays, for compaction. */
function moveBatch(): bool {
  const from = head;
  const end = headEnd;
  if (freeBlocks() < 2 || !openHead()) return false;
  const start = batchStart;
  batchStart = headEnd;
  for (let offset = start; offset < end; ) {
    const size = entry.readEntry(from, offset);
    if (size > 0 && entry.entryBatch == batchNumber) {
      noteDead(entry.entryKind, from);
      if (!entry.copyEntry(blockAddress(from) + offset, head, headEnd, entry.entryFlags)) return false;
      headEnd += size;
    }
    offset += size > 0 ? size : padded(1);
  }
  return true;
}

/** Appends an entry to the open batch, or opens one where there is room (`makeRoom`). Returns 0 or a reason. */
export function append(kind: i32, flags: i32, id: u32, data: usize, length: i32): i32 {
  const size = entry.entryBytes(length);
  if (batchStart < 0) batchStart = headEnd;
  for (let tries = 0; tries < 2; tries++) {
    if (headRoom() >= size) {
      if (entry.writeEntry(head, headEnd, kind, flags, id, batchNumber, data, length)) {
        headEnd += size;
        batchEntries++;
        batchBytes += size;
        batchLargest = max(batchLargest, size);
        if (!(flags & entry.FLAG_MORE)) {
          settleBatch(head, batchStart, headEnd, batchNumber, true);
          batchNumber++;
          clearBatch();
        }
        return 0;
      }
      noteDead(kind, head);
    }
    if (!moveBatch()) break;
  }
  abandonBatch();
  closeHead();
  return JOURNAL_IO;
}

/** Writes the entry that was read last, at `address`, once more at the head, and lets the index point there. */
export function rewrite(address: u32): i32 {
  const size = entry.entryBytes(entry.entryLength);
  for (let tries = 0; tries < 2; tries++) {
    if (headRoom() < size && !openHead()) break;
    if (entry.copyEntry(address, head, headEnd, entry.FLAG_COPY)) {
      setLive(entry.entryKind, entry.entryId, blockAddress(head) + headEnd, entry.entryLength);
      headEnd += size;
      return 0;
    }
    closeHead();
  }
  return JOURNAL_IO;
}
