// Points of two cameras that see the same fringes, for the benchmark: rectification as OpenCV's stereo calibration describes it, the same
// absolute phase looked for on the same row, and planes fitted to what comes out. Not part of the decoder.
import { readFileSync } from "node:fs";

type Matrix = readonly number[];

/** A camera: intrinsics (3x3), distortion k1 k2 p1 p2 k3, rectifying rotation (3x3) and projection (3x4), row by row. */
export interface Camera {
  readonly m: Matrix;
  readonly d: Matrix;
  readonly r: Matrix;
  readonly p: Matrix;
}

/** An absolute phase of each pixel, NaN where none. */
export interface PhaseMap {
  readonly width: number;
  readonly height: number;
  readonly phase: Float32Array;
}

/** Matrices of an OpenCV YAML file, by name. */
export function readMatrices(path: string): Record<string, Matrix> {
  const found = readFileSync(path, "utf8").matchAll(/^(\w+): !!opencv-matrix[^[]*\[([^\]]*)\]/gm);
  return Object.fromEntries([...found].map(([, name, numbers]) => [name!, numbers!.split(",").map(Number)]));
}

function distort({ d }: Camera, x: number, y: number): [number, number] {
  const [k1, k2, p1, p2, k3] = d as [number, number, number, number, number];
  const q = x * x + y * y;
  const radial = 1 + q * (k1 + q * (k2 + q * k3));
  return [x * radial + 2 * p1 * x * y + p2 * (q + 2 * x * x), y * radial + p1 * (q + 2 * y * y) + 2 * p2 * x * y];
}

/** Where a pixel of the picture is in the rectified one. */
function rectify(camera: Camera, px: number, py: number): [number, number] {
  const { m, r, p } = camera;
  const [u, v] = [(px - m[2]!) / m[0]!, (py - m[5]!) / m[4]!];
  let [x, y] = [u, v];
  for (let k = 0; k < 8; k++) {
    const [dx, dy] = distort(camera, x, y);
    x += u - dx;
    y += v - dy;
  }
  const at = (row: number): number => r[row]! * x + r[row + 1]! * y + r[row + 2]!;
  const w = at(6);
  return [(p[0]! * at(0)) / w + p[2]!, (p[5]! * at(3)) / w + p[6]!];
}

/** The phase at a place of the rectified picture, between pixels; NaN where one of four has none. */
function phaseAt({ width, height, phase }: PhaseMap, camera: Camera, u: number, v: number): number {
  const { m, r, p } = camera;
  const [x, y] = [(u - p[2]!) / p[0]!, (v - p[6]!) / p[5]!];
  const back = (column: number): number => r[column]! * x + r[column + 3]! * y + r[column + 6]!;
  const w = back(2);
  const [dx, dy] = distort(camera, back(0) / w, back(1) / w);
  const [px, py] = [m[0]! * dx + m[2]!, m[4]! * dy + m[5]!];
  const [ix, iy] = [Math.floor(px), Math.floor(py)];
  if (ix < 0 || iy < 0 || ix + 1 >= width || iy + 1 >= height) return Number.NaN;
  const i = iy * width + ix;
  const top = phase[i]! + (px - ix) * (phase[i + 1]! - phase[i]!);
  const low = phase[i + width]! + (px - ix) * (phase[i + width + 1]! - phase[i + width]!);
  return top + (py - iy) * (low - top);
}

/** Points (X, Y, Z mm, left camera, rectified) of the left picture's pixels in a rectangle. */
export function triangulate(
  left: PhaseMap,
  right: PhaseMap,
  cameras: readonly [Camera, Camera],
  [x0, y0, x1, y1]: readonly [number, number, number, number],
): [number, number, number][] {
  const [first, second] = cameras;
  const focal = first.p[0]!;
  const base = -second.p[3]! / focal;
  const points: [number, number, number][] = [];
  const rows = new Map<number, Float64Array>();
  const rowOf = (v: number): Float64Array => {
    const known = rows.get(v);
    if (known !== undefined) return known;
    const row = Float64Array.from({ length: 4096 }, (_, i) => phaseAt(right, second, i - 1024, v));
    rows.set(v, row);
    return row;
  };
  for (let y = y0; y < y1; y++)
    for (let x = x0; x < x1; x++) {
      const wanted = left.phase[y * left.width + x]!;
      if (Number.isNaN(wanted)) continue;
      const [u, v] = rectify(first, x, y);
      const row = rowOf(Math.round(v));
      const i = row.findIndex((value, k) => value <= wanted && row[k + 1]! > wanted && row[k + 1]! - value < 1);
      if (i < 0) continue;
      // Once more on the very row.
      const at = (k: number): number => phaseAt(right, second, k - 1024, v);
      const near = [i - 1, i, i + 1].find((k) => at(k) <= wanted && at(k + 1) > wanted);
      if (near === undefined) continue;
      const ur = near - 1024 + (wanted - at(near)) / (at(near + 1) - at(near));
      const z = (focal * base) / (u - first.p[2]! - (ur - second.p[2]!));
      points.push([((u - first.p[2]!) * z) / focal, ((v - first.p[6]!) * z) / focal, z]);
    }
  return points;
}

/** Root mean square of the distance along Z from the best plane; points beyond four times it are left out, twice. */
export function planeRms(points: readonly [number, number, number][]): { rms: number; points: number; z: number } {
  let kept = points;
  let rms = 0;
  let z = 0;
  for (let round = 0; round < 3; round++) {
    const n = kept.length;
    const mean = [0, 1, 2].map((axis) => kept.reduce((sum, point) => sum + point[axis as 0]!, 0) / n);
    let [xx, xy, yy, xz, yz] = [0, 0, 0, 0, 0];
    for (const point of kept) {
      const [x, y, h] = [point[0] - mean[0]!, point[1] - mean[1]!, point[2] - mean[2]!];
      xx += x * x;
      xy += x * y;
      yy += y * y;
      xz += x * h;
      yz += y * h;
    }
    const det = xx * yy - xy * xy;
    const [a, b] = [(xz * yy - yz * xy) / det, (yz * xx - xz * xy) / det];
    const off = ([x, y, h]: readonly [number, number, number]): number =>
      h - mean[2]! - a * (x - mean[0]!) - b * (y - mean[1]!);
    rms = Math.sqrt(kept.reduce((sum, point) => sum + off(point) ** 2, 0) / n);
    z = mean[2]!;
    if (round < 2) kept = kept.filter((point) => Math.abs(off(point)) < 4 * rms);
  }
  return { rms, points: kept.length, z };
}
