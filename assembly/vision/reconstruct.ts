// Fills bright spots that do not touch the frame's edge: grey-scale reconstruction by dilation of the picture's one-pixel border
// under the picture (Vincent 1993, "Morphological grayscale reconstruction", the raster algorithm with 8-connected neighbours).
// Specular glints disappear, so that they cannot break a contour.

// @ts-ignore: decorator
@inline
function at(p: usize): u32 {
  return load<u8>(p) as u32;
}

/**
 * `filled` (width x height) gets the reconstruction of `source`; the two must not overlap. Stops when a pair of passes changes
 * nothing, at the latest after `pairs` pairs: further pairs only matter to spiral-shaped valleys. Returns the pairs made.
 */
export function fillBright(source: usize, width: i32, height: i32, filled: usize, pairs: i32): i32 {
  let w = width as usize;
  let size = (width * height) as usize;
  memory.fill(filled, 0, size);
  memory.copy(filled, source, w);
  memory.copy(filled + size - w, source + size - w, w);
  for (let row: usize = 0; row < size; row += w) {
    store<u8>(filled + row, load<u8>(source + row));
    store<u8>(filled + row + w - 1, load<u8>(source + row + w - 1));
  }
  let pair = 0;
  let changed: u32 = 1;
  while (changed && pair++ < pairs) {
    changed = 0;
    for (let y = 1; y < height - 1; y++) {
      let m = filled + ((y * width) as usize);
      let s = source + ((y * width) as usize);
      let left = at(m);
      let a = at(m - w);
      let b = at(m - w + 1);
      for (let end = m + w - 1; ++m < end; ) {
        s++;
        let c = at(m - w + 1);
        let old = at(m);
        let v = max(max(left, old), max(max(a, b), c));
        a = b;
        b = c;
        left = min(at(s), v);
        changed |= left ^ old;
        store<u8>(m, left as u8);
      }
    }
    for (let y = height - 2; y > 0; y--) {
      let m = filled + ((y * width) as usize) + w - 1;
      let s = source + ((y * width) as usize) + w - 1;
      let right = at(m);
      let a = at(m + w);
      let b = at(m + w - 1);
      for (let end = m - w + 1; --m > end; ) {
        s--;
        let c = at(m + w - 1);
        let old = at(m);
        let v = max(max(right, old), max(max(a, b), c));
        a = b;
        b = c;
        right = min(at(s), v);
        changed |= right ^ old;
        store<u8>(m, right as u8);
      }
    }
  }
  return pair;
}
