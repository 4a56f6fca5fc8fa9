// Coded rows (docs/sensor-protocol.md, "Coded rows"): pictures row by row as prediction errors in a length-limited Rice code (Rice &
// Plaunt 1971; the median predictor and the limit as in JPEG-LS, ISO/IEC 14495-1). A row is taken as its bytes arrive and needs the two
// rows above it and no more. Input is anyone's: lengths are checked before anything is copied, bits after each block of pixels.

/** Kinds of rows: pixels as they are; errors of the median predictor; errors of the mean of the two pixels above. */
const RAW: i32 = 0;
const MEDIAN: i32 = 1;
const ABOVE: i32 = 2;

/** Pixels that share a parameter; its bits; the parameter that says eight plain bits a pixel. */
const BLOCK: i32 = 32;
const PARAMETER_BITS: i32 = 3;
const PLAIN: i32 = 7;
/** So many zeros announce eight plain bits in place of a quotient. */
const LIMIT: i32 = 16;
/** The longest code, bits: what is loaded at once, 25 at least, holds it. A block reads no further beyond the row's end than this. */
const LONGEST: i32 = LIMIT + 8;
const BEYOND: i32 = (BLOCK * LONGEST) / 8 + 8;

/** The state's fields, i32 or addresses; its three rows and the coded row follow. */
const WIDTH: usize = 0;
const HEIGHT: usize = 4;
const ROW: usize = 8; // rows of this picture that are done
const PICTURE: usize = 12; // pictures that are done
const HAVE: usize = 16; // bytes of the coded row that are here
const NEED: usize = 20; // bytes of it that must be; 0: the input was broken
const READY: usize = 24; // the row just finished
const ROWS: usize = 28; // where the row in work, the one above it and the one above that lie
const FIELDS: i32 = 40;

/** Bytes of a row's count and kind. */
const COUNT_BYTES: i32 = 2;
const KIND_BYTES: i32 = 1;

/** Bytes of a row's buffer: whole words. */
function rowBytes(width: i32): i32 {
  return (width + 3) & ~3;
}

/** Bytes of the state for rows of `width` pixels, 1 to 4,096. */
export function rowsBytes(width: i32): i32 {
  return (FIELDS + 4 * rowBytes(width) + COUNT_BYTES + KIND_BYTES + BEYOND + 3) & ~3;
}

/** Prepares `state` (rowsBytes, 4-aligned) for the first byte of pictures of width x height. */
export function rowsBegin(state: usize, width: i32, height: i32): void {
  memory.fill(state, 0, rowsBytes(width) as usize);
  store<i32>(state, width, WIDTH);
  store<i32>(state, height, HEIGHT);
  store<i32>(state, COUNT_BYTES, NEED);
  for (let i = 0; i < 3; i++)
    store<u32>(state + ((i << 2) as usize), (state as u32) + FIELDS + i * rowBytes(width), ROWS);
}

/**
 * Takes bytes up to the end of a row at most: see `rowsReady`. Returns how many of `length` were taken; -1: they are no coded rows, and
 * no more are taken until `rowsBegin`.
 */
export function rowsTake(state: usize, data: usize, length: i32): i32 {
  const width = load<i32>(state, WIDTH);
  const coded = state + ((FIELDS + 3 * rowBytes(width)) as usize);
  let have = load<i32>(state, HAVE);
  let need = load<i32>(state, NEED);
  let taken = 0;
  store<u32>(state, 0, READY);
  if (!need) return -1;
  while (taken < length) {
    const part = min(length - taken, need - have);
    memory.copy(coded + (have as usize), data + (taken as usize), part as usize);
    taken += part;
    have += part;
    if (have < need) break;
    const bytes = load<u16>(coded) as i32;
    if (need > COUNT_BYTES) {
      need = COUNT_BYTES;
      have = 0;
      if (!finish(state, width, coded + COUNT_BYTES, bytes)) need = 0;
      break;
    }
    // A row is never longer than its pixels.
    need = bytes > KIND_BYTES && bytes <= width + KIND_BYTES ? COUNT_BYTES + bytes : 0;
    if (!need) break;
  }
  store<i32>(state, have, HAVE);
  store<i32>(state, need, NEED);
  return need ? taken : -1;
}

/** Where the row lies (u8 pixels) that the last `rowsTake` finished, until the next one; 0: none was. */
export function rowsReady(state: usize): usize {
  return load<u32>(state, READY) as usize;
}

/** The picture and the row in it that are to come next; a broken row does not count. */
export function rowsPicture(state: usize): i32 {
  return load<i32>(state, PICTURE);
}
export function rowsRow(state: usize): i32 {
  return load<i32>(state, ROW);
}

/** Decodes a row of `bytes` (kind and the rest); false: it is broken. */
function finish(state: usize, width: i32, coded: usize, bytes: i32): bool {
  const row = load<u32>(state, ROWS) as usize;
  const above = load<u32>(state, ROWS + 4) as usize;
  const second = load<u32>(state, ROWS + 8) as usize;
  const kind = load<u8>(coded) as i32;
  if (!load<i32>(state, ROW)) {
    // Above a picture all is dark.
    memory.fill(above, 0, width as usize);
    memory.fill(second, 0, width as usize);
  }
  coded += KIND_BYTES;
  bytes -= KIND_BYTES;
  if (kind == RAW) {
    if (bytes != width) return false;
    memory.copy(row, coded, width as usize);
  } else {
    if (kind > ABOVE || !errors(coded, bytes, row, width)) return false;
    if (kind == MEDIAN) addMedian(row, above, width);
    else addAbove(row, above, second, width);
  }
  store<u32>(state, row as u32, READY);
  store<u32>(state, second as u32, ROWS);
  store<u32>(state, row as u32, ROWS + 4);
  store<u32>(state, above as u32, ROWS + 8);
  const next = load<i32>(state, ROW) + 1;
  const last = next == load<i32>(state, HEIGHT);
  store<i32>(state, last ? 0 : next, ROW);
  store<i32>(state, load<i32>(state, PICTURE) + (last as i32), PICTURE);
  return true;
}

/** Decodes the numbers that stand for the prediction errors of `width` pixels (0, 1, 2, 3, 4 … for 0, -1, 1, -2, 2 …) from exactly `bytes`; false: there are not exactly so many. */
function errors(coded: usize, bytes: i32, to: usize, width: i32): bool {
  const last = to + (width as usize);
  const bits = bytes << 3;
  let at = 0;
  while (to < last) {
    const end = min(last, to + (BLOCK as usize));
    const k = window(coded, at) & PLAIN;
    at += PARAMETER_BITS;
    if (k == PLAIN) {
      for (; to < end; to++, at += 8) store<u8>(to, window(coded, at));
    } else {
      const mask = (1 << k) - 1;
      for (; to < end; to++) {
        const word = window(coded, at);
        const quotient = ctz(word | (1 << LIMIT));
        if (quotient < LIMIT) {
          store<u8>(to, (quotient << k) | ((word >>> (quotient + 1)) & mask));
          at += quotient + 1 + k;
        } else {
          store<u8>(to, word >>> LIMIT);
          at += LONGEST;
        }
      }
    }
    if (at > bits) return false;
  }
  return (at + 7) >>> 3 == bytes;
}

/** The next 25 bits at least. */
// @ts-ignore: decorator
@inline
function window(coded: usize, at: i32): i32 {
  return (load<u32>(coded + ((at >>> 3) as usize)) >>> (at & 7)) as i32;
}

/** Adds the median of left, above and left + above - above left to each error. */
function addMedian(row: usize, above: usize, width: i32): void {
  let left = load<u8>(above) as i32;
  let corner = left;
  for (const last = row + (width as usize); row < last; row++, above++) {
    const up = load<u8>(above) as i32;
    const low = min(left, up);
    const high = max(left, up);
    const error = load<u8>(row) as i32;
    left = (((error >>> 1) ^ -(error & 1)) + max(low, min(high, left + up - corner))) & 255;
    corner = up;
    store<u8>(row, left);
  }
}

/** Adds the mean (rounded up) of the two pixels above to each error, four pixels at a time (Hacker's Delight 2-5 and 2-18). */
function addAbove(row: usize, above: usize, second: usize, width: i32): void {
  for (const last = row + (width as usize); row < last; row += 4, above += 4, second += 4) {
    const a = load<u32>(above);
    const b = load<u32>(second);
    const mean = (a | b) - (((a ^ b) >>> 1) & 0x7f7f7f7f);
    const numbers = load<u32>(row);
    const error = ((numbers >>> 1) & 0x7f7f7f7f) ^ ((numbers & 0x01010101) * 255);
    store<u32>(row, ((mean & 0x7f7f7f7f) + (error & 0x7f7f7f7f)) ^ ((mean ^ error) & 0x80808080));
  }
}
