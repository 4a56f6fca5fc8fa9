// Fills bright spots that do not touch the frame's edge: grey-scale reconstruction by dilation of the picture's one-pixel border
// under the picture (Vincent 1993, "Morphological grayscale reconstruction", the raster algorithm with 8-connected neighbours).
// Specular glints disappear, so that they cannot break a contour. After the first pair of passes little changes: a run of eight
// pixels is looked at again only when something next to it was raised since it was looked at last.

const RUN: usize = 8;
/** Of a run: the last pass downwards, or upwards, raised something in it. */
const DOWN: u32 = 1;
const UP: u32 = 2;

/** Runs that are passed over together when neither their flags nor their neighbours' are set: of eight flags the outer two are neighbours. */
const SKIPPED: usize = 6;

/** Bytes of the flags of runs that `fillBright` needs. */
export function fillBytes(width: i32, height: i32): i32 {
  return (flagStride(width as usize) as i32) * height + 8;
}

/** Flags of a line: one more at both ends, which stay 0. */
function flagStride(width: usize): usize {
  return (width - 2 + RUN - 1) / RUN + 2;
}

// @ts-ignore: decorator
@inline
function at(p: usize): u32 {
  return load<u8>(p) as u32;
}

/** The highest of `v` and the three pixels about `p` in the line before, but no more than `ceiling`. */
// @ts-ignore: decorator
@inline
function raised(ceiling: u32, v: u32, p: usize): u32 {
  // All three at once, from one address: compiled ahead of time, they share a bounds check.
  let q = p - 1;
  let left = at(q);
  let middle = load<u8>(q, 1) as u32;
  let right = load<u8>(q, 2) as u32;
  return min(ceiling, max(max(v, middle), max(left, right)));
}

/** The first pass, downwards. What `filled` holds but its border is not looked at. */
function firstPass(source: usize, width: usize, height: i32, filled: usize): void {
  for (let y = 2; y < height; y++) {
    source += width;
    filled += width;
    let left = at(source);
    for (let s = source + 1, m = filled + 1, end = source + width - 1; s < end; s++, m++) {
      left = raised(at(s), left, m - width);
      store<u8>(m, left as u8);
    }
  }
}

/** The pixels of `m` under those of `s` up to `end`, in the direction of `step`; the line before lies `before` bytes away. Bits that changed. */
// @ts-ignore: decorator
@inline
function raise(s: usize, end: usize, m: usize, step: usize, before: usize): u32 {
  let changed: u32 = 0;
  let v = at(m - step);
  for (; s != end; s += step, m += step) {
    let old = at(m);
    let ceiling = at(s);
    if (old < ceiling) {
      v = raised(ceiling, max(v, old), m + before);
      changed |= v ^ old;
      store<u8>(m, v as u8);
    } else v = old;
  }
  return changed;
}

/**
 * `filled` (width x height) gets the reconstruction of `source`; the two must not overlap. `flags` is work space of `fillBytes`. Stops
 * when a pair of passes changes nothing, at the latest after `pairs` pairs: further pairs only matter to spiral-shaped valleys.
 * Returns the pairs made.
 */
export function fillBright(source: usize, width: i32, height: i32, filled: usize, flags: usize, pairs: i32): i32 {
  let w = width as usize;
  let size = (width * height) as usize;
  let stride = flagStride(w);
  memory.copy(filled, source, w);
  memory.copy(filled + size - w, source + size - w, w);
  for (let row: usize = 0; row < size; row += w) {
    store<u8>(filled + row, load<u8>(source + row));
    store<u8>(filled + row + w - 1, load<u8>(source + row + w - 1));
  }
  firstPass(source, w, height, filled);
  memory.fill(flags, 0, fillBytes(width, height));
  for (let f = flags + stride, end = flags + stride * ((height - 1) as usize); f < end; f += stride) memory.fill(f + 1, DOWN as u8, stride - 2);
  let down = filled - source;
  let pair = 0;
  let changed: u32 = 1;
  while (changed && pair++ < pairs) {
    changed = pair == 1 ? 1 : 0;
    if (pair > 1) {
      let line = flags;
      for (let row = source + w; row < source + size - w; row += w) {
        let end = row + w - 1;
        line += stride;
        let f = line;
        for (let s = row + 1; s < end; s += RUN) {
          if (!(load<u64>(f) | load<u64>(f - stride))) {
            f += SKIPPED;
            s += (SKIPPED - 1) * RUN;
            continue;
          }
          let dirty = (load<u16>(f) & 0x0203) | (load<u32>(f - stride) & 0x030303);
          f++;
          if (dirty) {
            let bits = raise(s, min(s + RUN, end), s + down, 1, -w);
            changed |= bits;
            store<u8>(f, (load<u8>(f) & UP) | (bits ? DOWN : 0));
          } else store<u8>(f, load<u8>(f) & UP);
        }
      }
    }
    let line = flags + stride * ((height - 1) as usize) - 2;
    for (let row = source + size - 2 * w; row > source; row -= w) {
      let f = line;
      line -= stride;
      for (let s = row + 1 + (stride - 3) * RUN; s > row; s -= RUN) {
        if (!(load<u64>(f - SKIPPED) | load<u64>(f + stride - SKIPPED))) {
          f -= SKIPPED;
          s -= (SKIPPED - 1) * RUN;
          continue;
        }
        let dirty = (load<u16>(f) & 0x0301) | (load<u32>(f + stride - 1) & 0x030303);
        if (dirty) {
          let last = min(s + RUN, row + w - 1) - 1;
          let bits = raise(last, s - 1, last + down, -1, w);
          changed |= bits;
          store<u8>(f, (load<u8>(f) & DOWN) | (bits ? UP : 0));
        } else store<u8>(f, load<u8>(f) & DOWN);
        f--;
      }
    }
  }
  return pair;
}
