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
