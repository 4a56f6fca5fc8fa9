// Reading an 8-bit picture (row-major, `width` bytes a row) between its pixels, and changing its scale by whole factors.

/** Bilinear value at (x, y) in pixels, 0..255; coordinates are clamped to the picture (which is at least 2x2). */
// @ts-ignore: decorator
@inline
export function bilinear(picture: usize, width: i32, height: i32, x: f32, y: f32): f32 {
  let cx = max<f32>(0, min<f32>(x, (width as f32) - 1.001));
  let cy = max<f32>(0, min<f32>(y, (height as f32) - 1.001));
  let ix = cx as i32;
  let iy = cy as i32;
  let fx = cx - (ix as f32);
  let fy = cy - (iy as f32);
  let p = picture + ((iy * width + ix) as usize);
  let q = p + (width as usize);
  let top = load<u8>(p) as f32;
  let bottom = load<u8>(q) as f32;
  top += fx * ((load<u8>(p, 1) as f32) - top);
  bottom += fx * ((load<u8>(q, 1) as f32) - bottom);
  return top + fy * (bottom - top);
}

/** Radii along which a coordinate that moves by `by` from `at` stays between 0 and `end`. */
function stepsInside(at: f32, by: f32, end: f32): f32 {
  return (by > 0 ? end - at : at) / abs(by);
}

/**
 * Reads the picture at n points from (x, y) on, (dx, dy) apart (at most a pixel), bilinearly. `sums` (n + 1 i32) gets the running sums
 * of the values in 1/256 grey levels, 0 first. Beyond the picture the last value within continues. Returns how many points lie within.
 */
export function readRay(
  picture: usize,
  width: i32,
  height: i32,
  x: f32,
  y: f32,
  dx: f32,
  dy: f32,
  n: i32,
  sums: usize,
): i32 {
  // Coordinates are 16.16 from here on: the hundredth of a pixel is more than their steps' rounding adds up to.
  let right = (width as f32) - 1.01;
  let bottom = (height as f32) - 1.01;
  let inside = 0;
  if (x >= 0 && y >= 0 && x <= right && y <= bottom) {
    inside = min<f32>((n - 1) as f32, min<f32>(stepsInside(x, dx, right), stepsInside(y, dy, bottom))) as i32 + 1;
  }
  let fx = (x * 65536) as i32;
  let fy = (y * 65536) as i32;
  let stepX = (dx * 65536) as i32;
  let stepY = (dy * 65536) as i32;
  let sum = 0;
  let value = 0;
  let end = sums + ((inside as usize) << 2);
  store<i32>(sums, 0);
  while (sums < end) {
    let p = picture + (((fy >> 16) * width + (fx >> 16)) as usize);
    // The pixels above and below in one word.
    let pixels = (load<u16>(p) as i32) | ((load<u16>(p + (width as usize)) as i32) << 16);
    let left = pixels & 0xff00ff;
    let row = (left << 8) + (((pixels >>> 8) & 0xff00ff) - left) * ((fx >>> 8) & 0xff);
    let top = row & 0xffff;
    value = ((top << 8) + ((row >>> 16) - top) * ((fy >>> 8) & 0xff)) >> 8;
    sum += value;
    sums += 4;
    store<i32>(sums, sum);
    fx += stepX;
    fy += stepY;
  }
  for (let k = inside; k < n; k++) {
    sum += value;
    sums += 4;
    store<i32>(sums, sum);
  }
  return inside;
}

/** Means of factor x factor blocks (truncated): `target` is (width/factor) x (height/factor), the rest at the edges is dropped. */
export function reduce(source: usize, width: i32, height: i32, factor: i32, target: usize): void {
  let w = width / factor;
  let h = height / factor;
  let area = factor * factor;
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      let sum = 0;
      let p = source + ((y * factor * width + x * factor) as usize);
      for (let j = 0; j < factor; j++) {
        for (let i = 0; i < factor; i++) sum += load<u8>(p + (i as usize));
        p += width as usize;
      }
      store<u8>(target++, (sum / area) as u8);
    }
  }
}

/** Twice as large by bilinear interpolation: `target` is 2*width x 2*height; its pixel X lies at X/2 - 1/4 of the source. */
export function enlarge(source: usize, width: i32, height: i32, target: usize): void {
  for (let y = 0; y < 2 * height; y++) {
    let sy = (y as f32) * 0.5 - 0.25;
    for (let x = 0; x < 2 * width; x++) {
      store<u8>(target++, (bilinear(source, width, height, (x as f32) * 0.5 - 0.25, sy) + 0.5) as u8);
    }
  }
}
