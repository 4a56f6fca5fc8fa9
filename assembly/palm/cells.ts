// A code laid out for comparison: its rows as 64-bit words, eight bits a plane and the seventh byte for which cells there are; and its
// cells one by one, a byte each, so that they can be read through any warp. Bits are moved between the two by multiplication (Hacker's
// Delight, section 7-5): no two of the products' terms meet.
import { BLOCK, BLOCKS, CELLS, ROW_BYTES } from "./encode";

/** The lowest bit of each plane. */
const LOWEST: u64 = 0x010101010101;
/** Brings the lowest bits of six bytes together at bit 56. */
const GATHER: u64 = 0x0102040810200000;
/** Takes seven bits apart, into the lowest bits of seven bytes. */
const SCATTER: u64 = 0x0002040810204081;
/** Of a cell's byte: it is there. */
const PRESENT: i32 = 0x40;
const ALL_PRESENT: u64 = 0xff000000000000;

/** The rows of the blocks: BLOCKS x BLOCK u64. */
export const ROWS_BYTES: i32 = BLOCKS * BLOCK * 8;
/** Single cells: CELLS x CELLS bytes, a plane a bit, and PRESENT. */
export const CELLS_BYTES: i32 = CELLS * CELLS;
export const LAID_OUT_BYTES: i32 = ROWS_BYTES + CELLS_BYTES;

/** Lays out the code of one band, which two bytes of anything precede: rows at `out`, then cells. */
export function layOut(code: usize, out: usize): void {
  const cells = out + (ROWS_BYTES as usize);
  for (let block: usize = 0; block < <usize>BLOCKS; block++) {
    let cell = cells + (block >> 2) * (BLOCK * CELLS) + (block & 3) * BLOCK;
    for (let k = 0; k < BLOCK; k++) {
      const row = load<u64>(code - 2) >>> 16;
      store<u64>(out, row | ALL_PRESENT);
      out += 8;
      code += ROW_BYTES;
      for (let i: usize = 0; i < <usize>BLOCK; i++) {
        const lowest = (row >>> (7 - i)) & LOWEST;
        store<u8>(cell + i, ((((lowest * GATHER) >>> 56) as i32) & 0x3f) | PRESENT);
      }
      cell += CELLS;
    }
  }
}

/** A row of eight cells moved on by one: the leftmost leaves, the cell `byte` (0: none) comes in at the right. */
export function push(row: u64, byte: u64): u64 {
  return ((row << 1) & 0xfefefefefefefe) | ((byte * SCATTER) & 0x01010101010101);
}

/** The corner cells of eight rows, in the first and in the last row. */
const CORNERS: u64 = 0x81000000000000;

/**
 * The share of bits that differ between eight rows of the probe at `a`, whose cells may be missing, and eight of the reference at `b`: 0..1; -1
 * where fewer than a quarter of the cells are present. Windows are cut by straight edges, so one whose corners are present is whole.
 */
export function shareDiffering(a: usize, b: usize): f32 {
  if ((load<u64>(a) & load<u64>(a, 56) & CORNERS) == CORNERS) {
    const bits =
      popcnt(load<u64>(a) ^ load<u64>(b)) +
      popcnt(load<u64>(a, 8) ^ load<u64>(b, 8)) +
      popcnt(load<u64>(a, 16) ^ load<u64>(b, 16)) +
      popcnt(load<u64>(a, 24) ^ load<u64>(b, 24)) +
      popcnt(load<u64>(a, 32) ^ load<u64>(b, 32)) +
      popcnt(load<u64>(a, 40) ^ load<u64>(b, 40)) +
      popcnt(load<u64>(a, 48) ^ load<u64>(b, 48)) +
      popcnt(load<u64>(a, 56) ^ load<u64>(b, 56));
    return (bits as f32) * <f32>(1.0 / 384);
  }
  let bits = 0;
  let bitsPresent = 0;
  for (let k: usize = 0; k < 64; k += 8) {
    const row = load<u64>(a + k);
    const mask = ((row >>> 48) & 0xff) * LOWEST;
    bitsPresent += popcnt(mask) as i32;
    bits += popcnt((row ^ load<u64>(b + k)) & mask) as i32;
  }
  return bitsPresent < 6 * 16 ? -1 : (bits as f32) / (bitsPresent as f32);
}
