// The pictures that `kanmon depth` writes: mask, depth in 16 bits, and a preview for people.
import sharp from "sharp";

/** 255 where there is a phase, 0 elsewhere. */
export function maskPicture(phase: Float32Array, width: number, height: number): Promise<Buffer> {
  const mask = Uint8Array.from(phase, (value) => (Number.isNaN(value) ? 0 : 255));
  return sharp(mask, { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer();
}

/** 16 bits, tenths of a millimetre; 0: none. */
export function depthPicture(depth: Float32Array, width: number, height: number): Promise<Buffer> {
  const tenths = Uint16Array.from(depth, (mm) => Math.min(65535, Math.round(10 * mm)));
  return sharp(tenths, { raw: { width, height, channels: 1 } })
    .toColourspace("grey16")
    .png()
    .toBuffer();
}

/** Relief under light from the upper left, coloured from near (warm) to far: of the depth, or of what the phase is over a plane through it. */
export function previewPicture(
  relief: Float32Array,
  has: (value: number) => boolean,
  detrend: boolean,
  width: number,
  height: number,
): Promise<Buffer> {
  const heights = detrend ? overPlane(relief, has, width) : relief;
  const values = Float64Array.from(heights.filter((_, i) => has(relief[i]!))).sort();
  const low = values[Math.floor(0.02 * values.length)] ?? 0;
  const range = Math.max(1e-6, (values[Math.floor(0.98 * (values.length - 1))] ?? 1) - low);
  const rgb = new Uint8Array(width * height * 3);
  // A slope of the whole range over 40 pixels is as dark or bright as it gets.
  const gain = 40 / range;
  for (let i = 0; i < heights.length; i++) {
    if (!has(relief[i]!)) continue;
    const next = (step: number): number => (has(relief[i + step] ?? Number.NaN) ? heights[i + step]! - heights[i]! : 0);
    const slope = Math.max(-1, Math.min(1, gain * (next(1) + next(width))));
    const light = 0.62 + 0.38 * slope;
    const t = Math.max(0, Math.min(1, (heights[i]! - low) / range));
    rgb[3 * i] = 255 * light * (1 - 0.75 * t);
    rgb[3 * i + 1] = 255 * light * (0.85 - 0.45 * Math.abs(2 * t - 0.8));
    rgb[3 * i + 2] = 255 * light * (0.3 + 0.7 * t);
  }
  return sharp(rgb, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** Values less the plane that fits them best (least squares about their mean). */
function overPlane(values: Float32Array, has: (value: number) => boolean, width: number): Float32Array {
  let [n, mx, my, mz] = [0, 0, 0, 0];
  for (const [i, z] of values.entries()) {
    if (!has(z)) continue;
    n++;
    mx += i % width;
    my += Math.floor(i / width);
    mz += z;
  }
  [mx, my, mz] = [mx / n, my / n, mz / n];
  let [xx, xy, yy, xz, yz] = [1e-9, 0, 1e-9, 0, 0];
  for (const [i, z] of values.entries()) {
    if (!has(z)) continue;
    const [x, y] = [(i % width) - mx, Math.floor(i / width) - my];
    xx += x * x;
    xy += x * y;
    yy += y * y;
    xz += x * (z - mz);
    yz += y * (z - mz);
  }
  const det = xx * yy - xy * xy;
  const [a, b] = [(xz * yy - yz * xy) / det, (yz * xx - xz * xy) / det];
  return values.map((z, i) => z - mz - a * ((i % width) - mx) - b * (Math.floor(i / width) - my));
}
