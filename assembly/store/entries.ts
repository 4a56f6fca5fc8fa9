// One entry of the journal: a header of 20 bytes, then the data, each in write units of its own.
//
//   0 kind  1 flags  2 length (u16)  4 id  8 batch  12 CRC-32 of the data  16 CRC-32 of bytes 0..15
//
// The data is programmed first, read back, and only then the header: a header that is good says that all is there, so
// that mounting reads headers alone. The header's CRC starts from the entry's own place, so that bytes which look like
// an entry (old flash, or the data of another entry) are not taken for one.
import { crc32 } from "../link/crc32";
import { blockAddress, blockBytes, blockHead, padded, program, readFlash, sequenceOf } from "./blocks";
import { ENTRY_LAST, KIND_LAST } from "./kinds";

const HEADER_BYTES: i32 = 20;
const CHUNK_BYTES: i32 = 512;
const CHUNK: usize = memory.data(CHUNK_BYTES, 16);
const HEADER: usize = memory.data(HEADER_BYTES + 4, 16);

/** More entries of the same batch follow: not visible before the last one. */
export const FLAG_MORE: i32 = 1;
/** Takes the key away; no data. */
export const FLAG_REMOVE: i32 = 2;
/** Written by compaction: visible by itself. */
export const FLAG_COPY: i32 = 4;

/** The entry that `readEntry` found. */
export let entryKind: i32 = 0;
export let entryFlags: i32 = 0;
export let entryLength: i32 = 0;
export let entryId: u32 = 0;
export let entryBatch: u32 = 0;
export let entryCrc: u32 = 0;

/** Bytes of flash for an entry with `length` bytes of data. */
export function entryBytes(length: i32): i32 {
  return padded(HEADER_BYTES) + padded(length);
}

/** Where the data of the entry at `address` starts. */
export function entryData(address: u32): u32 {
  return address + padded(HEADER_BYTES);
}

function placeOf(block: i32, offset: i32): u32 {
  return sequenceOf(block) * 0x9e3779b1 + offset;
}

/** Reads the header at `offset` into the fields above. Returns the bytes the entry takes, or 0: no entry here. */
export function readEntry(block: i32, offset: i32): i32 {
  if (offset < blockHead || offset + padded(HEADER_BYTES) > blockBytes) return 0;
  readFlash(blockAddress(block) + offset, HEADER, HEADER_BYTES);
  const kind = <i32>load<u8>(HEADER);
  if (kind < 1 || kind > KIND_LAST) return 0;
  if (load<u32>(HEADER, 16) != crc32(HEADER, 16, placeOf(block, offset))) return 0;
  const length = <i32>load<u16>(HEADER, 2);
  if (length > ENTRY_LAST || offset + entryBytes(length) > blockBytes) return 0;
  entryKind = kind;
  entryFlags = load<u8>(HEADER, 1);
  entryLength = length;
  entryId = load<u32>(HEADER, 4);
  entryBatch = load<u32>(HEADER, 8);
  entryCrc = load<u32>(HEADER, 12);
  return entryBytes(length);
}

function writeHeader(block: i32, offset: i32, flags: i32): bool {
  store<u8>(HEADER, entryKind);
  store<u8>(HEADER, flags, 1);
  store<u16>(HEADER, entryLength, 2);
  store<u32>(HEADER, entryId, 4);
  store<u32>(HEADER, entryBatch, 8);
  store<u32>(HEADER, entryCrc, 12);
  store<u32>(HEADER, crc32(HEADER, 16, placeOf(block, offset)), 16);
  return program(blockAddress(block) + offset, HEADER, HEADER_BYTES);
}

/** Writes an entry where there is room for it. False: the flash did not take it, or it could not be read back. */
export function writeEntry(
  block: i32,
  offset: i32,
  kind: i32,
  flags: i32,
  id: u32,
  batch: u32,
  data: usize,
  length: i32,
): bool {
  if (length > 0 && !program(entryData(blockAddress(block) + offset), data, length)) return false;
  entryKind = kind;
  entryLength = length;
  entryId = id;
  entryBatch = batch;
  entryCrc = crc32(data, length, 0);
  return writeHeader(block, offset, flags);
}

/** Copies the entry that `readEntry` found at `from`, with other flags. A wrong data CRC is copied too, and stays wrong. */
export function copyEntry(from: u32, block: i32, offset: i32, flags: i32): bool {
  const to = entryData(blockAddress(block) + offset);
  for (let at = 0; at < entryLength; at += CHUNK_BYTES) {
    const part = min(entryLength - at, CHUNK_BYTES);
    readFlash(entryData(from) + at, CHUNK, part);
    if (!program(to + at, CHUNK, part)) return false;
  }
  memory.fill(CHUNK, 0, CHUNK_BYTES);
  return writeHeader(block, offset, flags);
}

/** CRC-32 of `length` bytes of flash. */
export function flashCrc(address: u32, length: i32): u32 {
  let crc: u32 = 0;
  while (length > 0) {
    const part = min(length, CHUNK_BYTES);
    readFlash(address, CHUNK, part);
    crc = crc32(CHUNK, part, crc);
    address += part;
    length -= part;
  }
  memory.fill(CHUNK, 0, CHUNK_BYTES);
  return crc;
}
