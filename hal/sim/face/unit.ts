// One simulated structured-light module as it was built: its camera, and its projector to the right of it. Units differ a little, as
// real ones do; the calibration block is computed from the true geometry, as a perfect calibration would find it.
import { finestPeriods, PHASE_SHIFT } from "../../face/patterns.ts";
import { childSeed, makeRandom } from "../eye/random.ts";

/** Camera and projector. Camera coordinates: mm, X right, Y down, Z away; the camera is the origin. Pixel centres are integers. */
export interface Unit {
  readonly serial: string;
  readonly width: number;
  readonly height: number;
  /** Focal lengths and principal point, pixels. */
  readonly fx: number;
  readonly fy: number;
  readonly cx: number;
  readonly cy: number;
  /** Brown's radial distortion of normalised coordinates: x (1 + k1 r² + k2 r⁴). */
  readonly k1: number;
  readonly k2: number;
  /** The projector's place, and the unit vectors of its right and of its axis. */
  readonly projector: readonly [x: number, y: number, z: number];
  readonly right: readonly [x: number, y: number, z: number];
  readonly axis: readonly [x: number, y: number, z: number];
  /** Width of the projected picture at distance 1 on the axis. */
  readonly field: number;
  /** Light out is a pattern's value (0..1) to this power. */
  readonly gamma: number;
  /** Distances that the unit measures, mm. */
  readonly nearest: number;
  readonly farthest: number;
}

/** Distance for which the unit is made, mm: the axes of camera and projector meet there. */
export const WORKING_MM = 400;

/** A unit by its serial number: 320 x 240 pixels, about 400 pixels of focal length, 60 mm from camera to projector. */
export function makeUnit(serial: string): Unit {
  const random = makeRandom(childSeed(0, `unit ${serial}`));
  const around = (range: number): number => random.uniform(-range, range);
  const focal = 400 + around(4);
  const x = 60 + around(0.5);
  const turn = Math.atan2(-x, WORKING_MM) + around(0.004);
  const tip = around(0.004);
  return {
    serial,
    width: 320,
    height: 240,
    fx: focal,
    fy: focal * (1 + around(0.001)),
    cx: 159.5 + around(2),
    cy: 119.5 + around(2),
    k1: -0.05 + around(0.01),
    k2: 0.02 + around(0.005),
    projector: [x, around(0.5), around(0.5)],
    right: [Math.cos(turn), 0, -Math.sin(turn)],
    axis: [Math.sin(turn) * Math.cos(tip), Math.sin(tip), Math.cos(turn) * Math.cos(tip)],
    field: 0.85 * (1 + around(0.005)),
    gamma: 1.25 + around(0.1),
    nearest: 250,
    farthest: 600,
  };
}

/** Where a point lies on the projected picture: 0 its left edge, 1 its right one; NaN behind the projector. */
export function fringePlace(unit: Unit, x: number, y: number, z: number): number {
  const { projector: p, right: r, axis: a } = unit;
  const dx = x - p[0];
  const dy = y - p[1];
  const dz = z - p[2];
  const along = dx * a[0] + dy * a[1] + dz * a[2];
  return along > 0 ? 0.5 + (dx * r[0] + dy * r[1] + dz * r[2]) / (along * unit.field) : Number.NaN;
}

/** A pixel's ray: X and Y at Z = 1, the lens's distortion undone. */
export function pixelRay(unit: Unit, px: number, py: number): [x: number, y: number] {
  const dx = (px - unit.cx) / unit.fx;
  const dy = (py - unit.cy) / unit.fy;
  let x = dx;
  let y = dy;
  for (let i = 0; i < 8; i++) {
    const r2 = x * x + y * y;
    const scale = 1 / (1 + r2 * (unit.k1 + unit.k2 * r2));
    x = dx * scale;
    y = dy * scale;
  }
  return [x, y];
}

/**
 * The unit's calibration block: 16 f32, little-endian: fx, fy, cx, cy, k1, k2, then a and b, four each, so that the absolute phase of
 * the finest fringe (radians; `periods` of it) is (a·[X Y Z 1]) / (b·[X Y Z 1]), then the nearest and the farthest distance, mm.
 */
export function calibrationBlock(unit: Unit, periods = finestPeriods(PHASE_SHIFT)): Uint8Array {
  const { projector: p, right, axis, field } = unit;
  const turns = 2 * Math.PI * periods;
  const row = (v: readonly number[]): number[] => [...v, -(v[0]! * p[0] + v[1]! * p[1] + v[2]! * p[2])];
  const a = right.map((r, i) => turns * (0.5 * axis[i]! + r / field));
  const values = [
    ...[unit.fx, unit.fy, unit.cx, unit.cy, unit.k1, unit.k2],
    ...row(a),
    ...row(axis),
    ...[unit.nearest, unit.farthest],
  ];
  const block = new DataView(new ArrayBuffer(64));
  for (const [i, value] of values.entries()) block.setFloat32(4 * i, value, true);
  return new Uint8Array(block.buffer);
}
