// The iris code: signs of complex Gabor responses along the angle (Daugman 2004), 16 bands x 2 wavelengths x 256 angles, and one
// mask. One-dimensional filters suffice and are cheap. Layout: five planes of 256 u16, one bit a band; planes 0..3 are the even
// and odd parts at each wavelength, plane 4 is the mask. A rotation of the eye is then a byte offset.
import { FILTERS, halfLength, PART, REACH, WAVELENGTHS } from "./filters";
import * as l from "./layout";

export const PLANE_BYTES: i32 = 512;
export const CODE_PLANES: i32 = 4;
/** Bytes of a template. */
export const TEMPLATE_BYTES: i32 = PLANE_BYTES * (CODE_PLANES + 1);

const BAND_COUNT: i32 = 16;
/**
 * One band of two rows, averaged with the row on either side of it; columns without a usable sample are interpolated around the
 * circle. Writes the mask bits too.
 */
function makeBand(band: i32, row: usize, share: usize, template: usize): void {
  let last = -1;
  let first = -1;
  let from = max(0, 2 * band - 1);
  let to = min(l.BANDS, 2 * band + 3);
  for (let j = 0; j < 256; j++) {
    let n = 0;
    let sum = 0;
    for (let k = from; k < to; k++) {
      let o = (k * 256 + j) as usize;
      let usable = load<u8>(l.usable() + o) as i32;
      n += usable;
      sum += usable * (load<u8>(l.unwrapped() + o) as i32);
    }
    let own = (2 * band * 256 + j) as usize;
    let m = load<u8>(l.usable() + own) + load<u8>(l.usable() + own, 256);
    store<f32>(share + ((j as usize) << 2), (m as f32) * 0.5);
    if (!n) continue;
    store<f32>(row + ((j as usize) << 2), (sum as f32) / (n as f32));
    if (last >= 0) bridge(row, last, j);
    else first = j;
    last = j;
  }
  if (last < 0) {
    for (let j: usize = 0; j < 1024; j += 4) store<f32>(row + j, 128);
  } else bridge(row, last, first + 256);
  for (let j = 0; j < 256; j++) {
    let sum: f32 = 0;
    for (let d = -2; d <= 2; d++) sum += load<f32>(share + ((((j + d) & 255) as usize) << 2));
    if (load<f32>(share + ((j as usize) << 2)) > 0.4 && sum > 3) setBit(template + CODE_PLANES * PLANE_BYTES, j, band);
  }
}

/** Linear interpolation between the values at columns a and b (b may be beyond the seam). */
function bridge(row: usize, a: i32, b: i32): void {
  let va = load<f32>(row + (((a & 255) as usize) << 2));
  let vb = load<f32>(row + (((b & 255) as usize) << 2));
  for (let j = a + 1; j < b; j++) {
    store<f32>(row + (((j & 255) as usize) << 2), va + ((vb - va) * ((j - a) as f32)) / ((b - a) as f32));
  }
}

function setBit(plane: usize, column: i32, band: i32): void {
  let p = plane + ((column as usize) << 1);
  store<u16>(p, load<u16>(p) | ((<u16>1) << (band as u16)));
}

/** Filters a row of 256 f32, continued by REACH on both sides, and sets the bits of a band where the responses are positive. */
function filterBand(i: i32, extended: usize, plane: usize, band: i32): void {
  let half = halfLength(i);
  let filter = FILTERS + (i as usize) * 2 * PART;
  let p = extended + (((REACH - half) as usize) << 2);
  let length = ((2 * half + 1) as usize) << 2;
  for (let j = 0; j < 256; j++, p += 4) {
    let even: f32 = 0;
    let odd: f32 = 0;
    for (let o: usize = 0; o < length; o += 4) {
      let v = load<f32>(p + o);
      even += v * load<f32>(filter + o);
      odd += v * load<f32>(filter + o, PART);
    }
    if (even > 0) setBit(plane, j, band);
    if (odd > 0) setBit(plane + PLANE_BYTES, j, band);
  }
}

/** Encodes the unwrapped iris into a template of TEMPLATE_BYTES. */
export function encode(template: usize): void {
  memory.fill(template, 0, TEMPLATE_BYTES as usize);
  let row = l.columnRows();
  let extended = l.gainMap(); // 256 + 2 * REACH values; the gain map is free by now
  for (let band = 0; band < BAND_COUNT; band++) {
    makeBand(band, row, row + 1024, template);
    for (let j = -REACH; j < 256 + REACH; j++) {
      store<f32>(extended + (((j + REACH) as usize) << 2), load<f32>(row + (((j & 255) as usize) << 2)));
    }
    for (let i = 0; i < WAVELENGTHS; i++) filterBand(i, extended, template + ((2 * i * PLANE_BYTES) as usize), band);
  }
}
