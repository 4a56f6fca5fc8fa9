// The palm code: which way the dark line through a place runs, and the signs of the second derivative across three directions, from
// the Hessian of the smoothed region (eigen-directions of the Hessian find vessels: Frangi et al. 1998; orientation coded so that the
// Hamming distance is the angle: Kong & Zhang 2004). A cell is six bits; 32 x 32 cells lie at every second pixel.
//
// Template of a band: for each of 4 x 4 blocks, row by row, for each of its 8 rows six bytes, one a plane; the leftmost cell is the
// highest bit. So a row of a block is 48 bits that are read, compared and counted at once.
import { SIDE } from "./normalize";

/** Cells along a side, and along a side of a block. */
export const CELLS: i32 = 32;
export const BLOCK: i32 = 8;
export const BLOCKS: i32 = 16;
export const ROW_BYTES: i32 = 6;
/** Bytes of the code of one band. */
export const CODE_BYTES: i32 = BLOCKS * BLOCK * ROW_BYTES;

/** Two pictures of i32, and a line with four pixels more at either end. */
export const ENCODE_BYTES: i32 = (2 * SIDE * SIDE + SIDE + 8) * 4;
const LINE: usize = SIDE * 4;

/**
 * Smooths rows by the binomial of order 8, [1 8 28 56 70 56 28 8 1] (sigma = sqrt 2 pixels), edge pixels repeated, and writes the
 * result transposed: twice, and both directions are done. `line` is room for a longer line. Nothing is rounded: the second result is 65,536 times the grey value.
 */
function smooth(from: usize, to: usize, line: usize): void {
  for (let y: usize = 0; y < <usize>SIDE; y++) {
    const row = from + y * LINE;
    memory.copy(line + 16, row, LINE);
    for (let x: usize = 0; x < 16; x += 4) {
      store<i32>(line + x, load<i32>(row));
      store<i32>(line + x, load<i32>(row, (SIDE - 1) * 4), (SIDE + 4) * 4);
    }
    let column = to + (y << 2);
    for (let p = line; p < line + LINE; p += 4, column += LINE) {
      store<i32>(
        column,
        70 * load<i32>(p, 16) +
          56 * (load<i32>(p, 12) + load<i32>(p, 20)) +
          28 * (load<i32>(p, 8) + load<i32>(p, 24)) +
          8 * (load<i32>(p, 4) + load<i32>(p, 28)) +
          load<i32>(p) +
          load<i32>(p, 32),
      );
    }
  }
}

/**
 * The six bits of a cell, each in the lowest bit of its byte. xx, yy: second derivatives; xy4: four times the mixed one. The second
 * derivative across direction q is cos²q xx + 2 cos q sin q xy + sin²q yy; large where a dark line runs at right angles to q.
 */
function cell(xx: i32, xy4: i32, yy: i32): u64 {
  const s0 = 256 * xx;
  const s1 = 192 * xx + 55 * xy4 + 64 * yy;
  const s2 = 64 * xx + 55 * xy4 + 192 * yy;
  const s3 = 256 * yy;
  const s4 = 64 * xx - 55 * xy4 + 192 * yy;
  const s5 = 192 * xx - 55 * xy4 + 64 * yy;
  // Of the directions 0, 30, ... 150 degrees the best, as 000, 001, 011, 111, 110, 100.
  let best = s0;
  let planes: u64 = 0;
  if (s1 > best) {
    best = s1;
    planes = 0x000001;
  }
  if (s2 > best) {
    best = s2;
    planes = 0x000101;
  }
  if (s3 > best) {
    best = s3;
    planes = 0x010101;
  }
  if (s4 > best) {
    best = s4;
    planes = 0x010100;
  }
  if (s5 > best) planes = 0x010000;
  return planes | (((s0 > 0) as u64) << 24) | (((s2 > 0) as u64) << 32) | (((s4 > 0) as u64) << 40);
}

/** Encodes a normalised region (SIDE x SIDE bytes) into CODE_BYTES at `code`; `scratch` is ENCODE_BYTES long, 8-byte aligned. */
export function encode(region: usize, code: usize, scratch: usize): void {
  const other = scratch + LINE * SIDE;
  const line = other + LINE * SIDE;
  for (let i: usize = 0; i < <usize>(SIDE * SIDE); i++) store<i32>(scratch + (i << 2), load<u8>(region + i));
  smooth(scratch, other, line);
  smooth(other, scratch, line);
  for (let i: usize = 0; i < <usize>(SIDE * SIDE); i++)
    store<i32>(scratch + (i << 2), load<i32>(scratch + (i << 2)) >> 8);
  for (let j: usize = 0; j < <usize>CELLS; j++) {
    const row = scratch + (2 * j + 1) * LINE;
    const below = j == CELLS - 1 ? row : row + LINE;
    for (let i: usize = 0; i < <usize>CELLS; ) {
      let bits: u64 = 0;
      for (let k = 0; k < BLOCK; k++, i++) {
        const x: usize = (2 * i + 1) << 2;
        const next: usize = i == CELLS - 1 ? x : x + 4;
        const above = row - LINE;
        const twice = 2 * load<i32>(row + x);
        const xx = load<i32>(row + next) + load<i32>(row + x - 4) - twice;
        const yy = load<i32>(below + x) + load<i32>(above + x) - twice;
        const xy4 =
          load<i32>(below + next) + load<i32>(above + x - 4) - load<i32>(above + next) - load<i32>(below + x - 4);
        bits = (bits << 1) | cell(xx, xy4, yy);
      }
      const block = ((j >> 3) << 2) + (i >> 3) - 1;
      const place = code + (block * BLOCK + (j & 7)) * ROW_BYTES;
      store<u32>(place, bits as u32);
      store<u16>(place, (bits >>> 32) as u16, 4);
    }
  }
}
