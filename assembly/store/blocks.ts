// The journal partition as a ring of blocks. A block is one or more sectors, 32 KiB or more, and is erased as one.
//
// Its header has three parts, each in write units of its own, written at different times:
//   born     {magic, format and geometry, erase count, CRC}   right after the erase: proves that the erase was completed
//   retired  {any bit programmed}                             right before the erase: from here on the block is ignored
//   open     {sequence, CRC}                                  when the block becomes the head of the log
// "Retired" stands between the other two, so that an erase that is cut, from whichever end it had come, cannot take it
// away and leave a header that still looks good: what a block held never comes back once it was retired.

import { flash_erase, flash_read, flash_write } from "../board";
import { same } from "../bytes";
import { crc32 } from "../link/crc32";
import { JOURNAL_GEOMETRY, JOURNAL_IO } from "./kinds";

const MAGIC: u32 = 0x314e4d4b; // "KMN1"
const BLOCK_BYTES_MIN: i32 = 32768;
const BLOCKS_MIN: i32 = 4;
const BLOCKS_MAX: i32 = 128;
const BORN_BYTES: i32 = 16;
const OPEN_BYTES: i32 = 8;

/** State of a block in `sequenceOf`: erased and born; to be erased before use; else its place in the log. */
export const CLEAN: u32 = 0;
export const UNKNOWN: u32 = 0xffffffff;
const SEQUENCE_LAST: u32 = 0x7fffffff;

const SEQUENCES: usize = memory.data(BLOCKS_MAX * 4, 4);
const ERASES: usize = memory.data(BLOCKS_MAX * 4, 4);
const CHUNK_BYTES: i32 = 256;
const CHUNK: usize = memory.data(CHUNK_BYTES, 16);
const HEADER: usize = memory.data(32, 16);

/** Bytes of a block, a power of two times the sector. */
export let blockBytes: i32 = 0;
export let blockCount: i32 = 0;
/** Bytes of a block's header: entries start here. */
export let blockHead: i32 = 0;
let unitBytes: i32 = 1;
let alignment: i32 = 8;
let retiredAt: i32 = 0;
let openAt: i32 = 0;

/** `length` rounded up to where the next entry may start: a multiple of the write unit and of 8. */
export function padded(length: i32): i32 {
  return (length + alignment - 1) & -alignment;
}

/**
 * Lays the ring over a partition of `bytes` with sectors of `sector` bytes (512..131072) and write units of `unit` bytes
 * (1..32), all powers of two but `bytes`. Returns 0 or JOURNAL_GEOMETRY: at least four blocks are needed.
 */
export function layBlocks(bytes: u32, sector: u32, unit: u32): i32 {
  blockCount = 0;
  if (popcnt(sector) != 1 || popcnt(unit) != 1 || sector < 512 || sector > 131072 || unit > 32) return JOURNAL_GEOMETRY;
  let size = max<u32>(sector, BLOCK_BYTES_MIN);
  while (<i32>(bytes / size) > BLOCKS_MAX && size < 0x1000000) size <<= 1;
  const count: i32 = bytes / size;
  if (count < BLOCKS_MIN || count > BLOCKS_MAX) return JOURNAL_GEOMETRY;
  blockBytes = size;
  blockCount = count;
  unitBytes = unit;
  alignment = max<i32>(unit, 8);
  retiredAt = padded(BORN_BYTES);
  openAt = retiredAt + padded(1);
  blockHead = openAt + padded(OPEN_BYTES);
  return 0;
}

/** Reads flash; what the board cannot read (an ECC error in a torn unit) reads as zeros, which no CRC accepts. */
export function readFlash(address: u32, to: usize, length: i32): void {
  if (flash_read(address, to, length) < 0) memory.fill(to, 0, length);
}

/** Bytes from `address` up to the last eight that are not all 0xFF; 0: blank. `length` is a multiple of 8. */
export function dirtyBytes(address: u32, length: i32): i32 {
  let dirty = 0;
  for (let at = 0; at < length; at += CHUNK_BYTES) {
    const part = min(length - at, CHUNK_BYTES);
    readFlash(address + at, CHUNK, part);
    for (let i = 0; i < part; i += 8) if (load<u64>(CHUNK + i) != u64.MAX_VALUE) dirty = at + i + 8;
  }
  memory.fill(CHUNK, 0, CHUNK_BYTES);
  return dirty;
}

/** Programs `length` bytes (the last unit filled up with 0xFF) and reads them back. False: the flash did not take them. */
export function program(address: u32, from: usize, length: i32): bool {
  const whole = length & -unitBytes;
  if (whole > 0 && flash_write(address, from, whole) < 0) return false;
  if (whole < length) {
    memory.fill(CHUNK, 0xff, unitBytes);
    memory.copy(CHUNK, from + whole, length - whole);
    if (flash_write(address + whole, CHUNK, unitBytes) < 0) return false;
  }
  for (let at = 0; at < length; at += CHUNK_BYTES) {
    const part = min(length - at, CHUNK_BYTES);
    readFlash(address + at, CHUNK, part);
    if (!same(CHUNK, from + at, part)) return false;
  }
  memory.fill(CHUNK, 0, CHUNK_BYTES); // it may have been a key
  return true;
}

export function blockAddress(block: i32): u32 {
  return block * blockBytes;
}

/** Place in the log (1..), CLEAN or UNKNOWN. */
export function sequenceOf(block: i32): u32 {
  return load<u32>(SEQUENCES + (block << 2));
}

/** How often the block was erased, as far as is known. */
export function erasesOf(block: i32): u32 {
  return load<u32>(ERASES + (block << 2));
}

export function isUsed(block: i32): bool {
  const sequence = sequenceOf(block);
  return sequence != CLEAN && sequence != UNKNOWN;
}

function geometryWord(): u32 {
  return ((ctz(blockBytes) as u32) << 8) | (ctz(unitBytes) as u32);
}

/** Reads the headers of all blocks. Returns 0, or JOURNAL_GEOMETRY where a good header tells another format. */
export function surveyBlocks(): i32 {
  let known: u32 = 0;
  for (let block = 0; block < blockCount; block++) {
    let sequence = UNKNOWN;
    let erases = UNKNOWN;
    readFlash(blockAddress(block), HEADER, BORN_BYTES);
    if (load<u32>(HEADER, 12) == crc32(HEADER, 12, 0)) {
      if (load<u32>(HEADER) != MAGIC || load<u32>(HEADER, 4) != geometryWord()) return JOURNAL_GEOMETRY;
      erases = load<u32>(HEADER, 8);
      const born = load<u32>(HEADER, 12);
      if (dirtyBytes(blockAddress(block) + retiredAt, openAt - retiredAt) == 0) {
        readFlash(blockAddress(block) + openAt, HEADER, OPEN_BYTES);
        if (load<u64>(HEADER) == u64.MAX_VALUE) sequence = CLEAN;
        else if (load<u32>(HEADER, 4) == crc32(HEADER, 4, born) && load<u32>(HEADER) <= SEQUENCE_LAST) {
          sequence = load<u32>(HEADER);
          if (sequence == 0) sequence = UNKNOWN;
        }
      }
      known = max(known, erases);
    }
    store<u32>(SEQUENCES + (block << 2), sequence);
    store<u32>(ERASES + (block << 2), erases);
  }
  // An erase count that a cut took away is taken to be the highest there is: the block rests until the others catch up.
  for (let block = 0; block < blockCount; block++) {
    if (erasesOf(block) == UNKNOWN) store<u32>(ERASES + (block << 2), known);
  }
  return 0;
}

/** Erases a block and writes its "born" part. Returns 0 or JOURNAL_IO. */
export function eraseBlock(block: i32): i32 {
  const slot = block << 2;
  store<u32>(SEQUENCES + slot, UNKNOWN);
  store<u32>(ERASES + slot, erasesOf(block) + 1);
  if (flash_erase(blockAddress(block), blockBytes) < 0) return JOURNAL_IO;
  store<u32>(HEADER, MAGIC);
  store<u32>(HEADER, geometryWord(), 4);
  store<u32>(HEADER, erasesOf(block), 8);
  store<u32>(HEADER, crc32(HEADER, 12, 0), 12);
  if (!program(blockAddress(block), HEADER, BORN_BYTES)) return JOURNAL_IO;
  store<u32>(SEQUENCES + slot, CLEAN);
  return 0;
}

/** Takes a block out of the log for ever, then erases it. Whatever lives in it must have been copied. */
export function retireBlock(block: i32): i32 {
  store<u8>(HEADER, 0);
  // A unit that does not take the mark is no obstacle: the erase follows at once.
  program(blockAddress(block) + retiredAt, HEADER, 1);
  return eraseBlock(block);
}

/** Makes the least erased free block the newest of the log. Returns it, or -1: none is free, or the flash failed. */
export function openBlock(): i32 {
  const sequence = newestSequence() + 1;
  for (let tries = 0; tries < 3; tries++) {
    let best = -1;
    for (let block = 0; block < blockCount; block++) {
      if (!isUsed(block) && (best < 0 || erasesOf(block) < erasesOf(best))) best = block;
    }
    if (best < 0) return -1;
    if (sequenceOf(best) == UNKNOWN && eraseBlock(best) != 0) continue;
    const at = blockAddress(best);
    readFlash(at, HEADER, BORN_BYTES);
    const born = load<u32>(HEADER, 12);
    store<u32>(HEADER, sequence);
    store<u32>(HEADER, crc32(HEADER, 4, born), 4);
    const done = program(at + openAt, HEADER, OPEN_BYTES);
    store<u32>(SEQUENCES + (best << 2), done ? sequence : UNKNOWN);
    if (done) return best;
  }
  return -1;
}

export function freeBlocks(): i32 {
  let free = 0;
  for (let block = 0; block < blockCount; block++) free += isUsed(block) ? 0 : 1;
  return free;
}

export function newestSequence(): u32 {
  let newest: u32 = 0;
  for (let block = 0; block < blockCount; block++) if (isUsed(block)) newest = max(newest, sequenceOf(block));
  return newest;
}

/** The block that follows `sequence` in the log, or -1. `blockAfter(0)` is the oldest. */
export function blockAfter(sequence: u32): i32 {
  let next = -1;
  for (let block = 0; block < blockCount; block++) {
    const own = sequenceOf(block);
    if (isUsed(block) && own > sequence && (next < 0 || own < sequenceOf(next))) next = block;
  }
  return next;
}
