// What the journal keeps and what it answers: kinds of entries, reasons, limits. docs/journal.md tells the whole format.

/** A sealed template; `id` is the subject's slot. */
export const KIND_TEMPLATE: i32 = 1;
/** A PEC record of the log; `id` is its index. */
export const KIND_RECORD: i32 = 2;
/** The log's state up to what the host has stored; `id` is that size: it retires every record below. One at a time. */
export const KIND_RELEASED: i32 = 3;
/** The signed policy document. */
export const KIND_POLICY: i32 = 4;
/** The key epoch and what belongs to it. */
export const KIND_EPOCH: i32 = 5;
/** The keys whose signatures the device accepts. */
export const KIND_AUTHORITY: i32 = 6;
/** Failed tries and the delay they have earned. */
export const KIND_TRIES: i32 = 7;
/** The signed calibration of the sensor's unit. */
export const KIND_CALIBRATION: i32 = 8;
/** The signed calibration of liveness evidence; `id` is the modality. */
export const KIND_LIVENESS: i32 = 9;
/** Kinds are 1..15. */
export const KIND_LAST: i32 = 15;

/** Done. */
export const JOURNAL_OK: i32 = 0;
/** The partition's size, sector or write unit is not supported, or it was written with another geometry or format. */
export const JOURNAL_GEOMETRY: i32 = 1;
/** The flash failed: a write could not be read back, even in a fresh block. */
export const JOURNAL_IO: i32 = 2;
/** It does not fit, even after compaction; nothing was written. Release the log or delete templates. */
export const JOURNAL_FULL: i32 = 3;
/** The entry is longer than `ENTRY_LAST`, or the batch longer than a block; nothing of it is visible. */
export const JOURNAL_TOO_LARGE: i32 = 4;
/** No such entry. */
export const JOURNAL_NOT_FOUND: i32 = 5;
/** The entry's bytes do not match their CRC. */
export const JOURNAL_CORRUPT: i32 = 6;
/** The caller's buffer is smaller than the entry. */
export const JOURNAL_SMALL: i32 = 7;
/** A record below the released size, or a release below an earlier one. */
export const JOURNAL_RELEASED: i32 = 8;
/** Not mounted. */
export const JOURNAL_UNMOUNTED: i32 = 9;
/** Not while a batch is open. */
export const JOURNAL_BUSY: i32 = 10;
/** A kind or range that does not exist. */
export const JOURNAL_INVALID: i32 = 11;

/** Longest entry, bytes. */
export const ENTRY_LAST: i32 = 16384;

/** What holds biometric data or keys: its dead copies are erased by `journalScrub`. */
export function isSecret(kind: i32): bool {
  return kind == KIND_TEMPLATE || kind == KIND_EPOCH;
}
