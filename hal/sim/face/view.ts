// A head in its place before the module: what each pixel of the camera sees, and how the projector lights it. Made once for a pose; the
// pictures of a stack differ only in the pattern (light.ts).
import type { Mesh } from "./mesh.ts";
import { cover, makeCoverage, type Seen } from "./raster.ts";
import { fringePlace, pixelRay, type Unit, WORKING_MM } from "./unit.ts";

/** Where a mesh is: its origin in camera coordinates (mm) and how it is turned (radians, as a presentation says). */
export interface Pose {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly yaw: number;
  readonly pitch: number;
  readonly roll: number;
}

/** A mesh and where it is. */
export interface Thing {
  readonly mesh: Mesh;
  readonly pose: Pose;
}

/** What each pixel sees; arrays of width * height. */
export interface View {
  /** Z in mm, 0: nothing. */
  readonly depth: Float32Array;
  /** Change of Z with X and with Y of the surface, at most ±STEEP: how Z at a pixel changes when the surface moves. */
  readonly slopeX: Float32Array;
  readonly slopeY: Float32Array;
  /** What comes back of the projector's full light, against a white surface that faces it at the working distance; 0 in its shadow. */
  readonly lit: Float32Array;
  /** The same of the ambient light. */
  readonly ambient: Float32Array;
  /** Share of the light that wanders beneath the surface. */
  readonly scatter: Float32Array;
}

/** A pixel's rays, X and Y at Z = 1; the same for every picture of a unit. */
export interface Rays {
  readonly x: Float32Array;
  readonly y: Float32Array;
}

const STEEP = 2.5;
/** The head is turned about this point of head coordinates: between the ears, where the neck begins. */
const PIVOT = [0, 0, -95] as const;
/** Of the projector's view, for its shadow: pixels, and half its height at distance 1. */
const SHADOW = { width: 400, height: 400, half: 0.425 };
/** Surfaces so much behind what the projector sees are in its shadow, share of the distance. */
const BIAS = 0.008;
const WALL_ALBEDO = 0.5;

export function makeRays(unit: Unit): Rays {
  const x = new Float32Array(unit.width * unit.height);
  const y = new Float32Array(x.length);
  for (let i = 0; i < x.length; i++)
    [x[i], y[i]] = pixelRay(unit, i % unit.width, Math.floor(i / unit.width)) as [number, number];
  return { x, y };
}

/** Looks at things before a wall (distance in mm). */
export function look(unit: Unit, rays: Rays, things: readonly Thing[], wall: number): View {
  const { width, height } = unit;
  const coverage = makeCoverage(width, height);
  const shadow = makeCoverage(SHADOW.width, SHADOW.height);
  const size = width * height;
  const [depth, slopeX, slopeY, lit, ambient, scatter] = Array.from({ length: 6 }, () => new Float32Array(size)) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const placed = things.map((thing) => place(thing));
  const lights = placed.map(({ places }) => fromProjector(unit, places));
  for (const [k, { mesh }] of things.entries()) cover(shadow, lights[k]!, mesh.triangles);
  const owner = new Uint8Array(size);
  const seen = placed.map(({ places }) => fromCamera(unit, places));
  for (const [k, { mesh }] of things.entries()) {
    const before = coverage.triangle.slice();
    cover(coverage, seen[k]!, mesh.triangles);
    for (let i = 0; i < size; i++) if (coverage.triangle[i] !== before[i]) owner[i] = k;
  }
  const view = { depth, slopeX, slopeY, lit, ambient, scatter };
  const normal = [0, 0, -1];
  for (let i = 0; i < size; i++) {
    const t = coverage.triangle[i]!;
    let z = wall;
    let albedo = WALL_ALBEDO;
    if (t >= 0) {
      const k = owner[i]!;
      z = 1 / coverage.near[i]!;
      albedo = blend(
        things[k]!.mesh,
        placed[k]!.normals,
        seen[k]!,
        t,
        i % width,
        Math.floor(i / width),
        normal,
        view,
        i,
      );
    } else [normal[0], normal[1], normal[2]] = [0, 0, -1];
    shade(unit, rays, shadow.near, z, albedo, normal, view, i);
  }
  return view;
}

/** Turns and moves a mesh: head coordinates to camera coordinates. */
function place({ mesh, pose }: Thing): { places: Float32Array; normals: Float32Array } {
  const [cy, sy, cp, sp, cr, sr] = [pose.yaw, -pose.pitch, pose.roll].flatMap((a) => [Math.cos(a), Math.sin(a)]) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  // Yaw about the upright, then nod, then tilt; y and z change sign on the way to the camera's axes.
  const m = [
    cr * cy - sr * sp * sy,
    -sr * cp,
    cr * sy + sr * sp * cy,
    -(sr * cy + cr * sp * sy),
    -cr * cp,
    -(sr * sy - cr * sp * cy),
    cp * sy,
    -sp,
    -cp * cy,
  ] as const;
  const turned = (from: Float32Array, by: readonly number[], to: readonly number[]): Float32Array => {
    const out = new Float32Array(from.length);
    for (let i = 0; i < from.length; i += 3) {
      const x = from[i]! - by[0]!;
      const y = from[i + 1]! - by[1]!;
      const z = from[i + 2]! - by[2]!;
      out[i] = m[0] * x + m[1] * y + m[2] * z + to[0]!;
      out[i + 1] = m[3] * x + m[4] * y + m[5] * z + to[1]!;
      out[i + 2] = m[6] * x + m[7] * y + m[8] * z + to[2]!;
    }
    return out;
  };
  return {
    places: turned(mesh.places, PIVOT, [pose.x, pose.y, pose.z - PIVOT[2]]),
    normals: turned(mesh.normals, [0, 0, 0], [0, 0, 0]),
  };
}

function fromCamera(unit: Unit, places: Float32Array): Seen {
  const n = places.length / 3;
  const seen = { px: new Float32Array(n), py: new Float32Array(n), near: new Float32Array(n) };
  for (let i = 0; i < n; i++) {
    const z = places[3 * i + 2]!;
    if (z < 20) continue;
    const x = places[3 * i]! / z;
    const y = places[3 * i + 1]! / z;
    const r2 = x * x + y * y;
    const scale = 1 + r2 * (unit.k1 + unit.k2 * r2);
    seen.px[i] = unit.cx + unit.fx * x * scale;
    seen.py[i] = unit.cy + unit.fy * y * scale;
    seen.near[i] = 1 / z;
  }
  return seen;
}

/** Where places lie in the shadow's picture: its x is the fringe's place, its y that across. */
function fromProjector(unit: Unit, places: Float32Array): Seen {
  const n = places.length / 3;
  const seen = { px: new Float32Array(n), py: new Float32Array(n), near: new Float32Array(n) };
  const at = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    projected(unit, places[3 * i]!, places[3 * i + 1]!, places[3 * i + 2]!, at);
    seen.px[i] = at[0]!;
    seen.py[i] = at[1]!;
    seen.near[i] = at[2]!;
  }
  return seen;
}

/** Shadow-picture pixel and 1/distance along the projector's axis. */
function projected(unit: Unit, x: number, y: number, z: number, into: number[]): void {
  const { projector: p, right: r, axis: a } = unit;
  const dx = x - p[0];
  const dy = y - p[1];
  const dz = z - p[2];
  const along = dx * a[0] + dy * a[1] + dz * a[2];
  if (along < 20) {
    into[2] = 0;
    return;
  }
  into[0] = (0.5 + (dx * r[0] + dy * r[1] + dz * r[2]) / (along * unit.field)) * SHADOW.width;
  into[1] = (0.5 + dy / (along * 2 * SHADOW.half)) * SHADOW.height;
  into[2] = 1 / along;
}

/** Interpolates a triangle's shades and normal at a pixel, perspective-correctly. Returns the albedo. */
function blend(
  { triangles, shades }: Mesh,
  normals: Float32Array,
  { px, py, near }: Seen,
  t: number,
  x: number,
  y: number,
  normal: number[],
  view: View,
  i: number,
): number {
  const a = triangles[t]!;
  const b = triangles[t + 1]!;
  const c = triangles[t + 2]!;
  const abx = px[b]! - px[a]!;
  const aby = py[b]! - py[a]!;
  const acx = px[c]! - px[a]!;
  const acy = py[c]! - py[a]!;
  const dx = x - px[a]!;
  const dy = y - py[a]!;
  const scale = 1 / (abx * acy - aby * acx);
  const sb = (dx * acy - dy * acx) * scale;
  const sc = (dy * abx - dx * aby) * scale;
  const total = 1 / ((1 - sb - sc) * near[a]! + sb * near[b]! + sc * near[c]!);
  const wa = (1 - sb - sc) * near[a]! * total;
  const wb = sb * near[b]! * total;
  const wc = sc * near[c]! * total;
  for (let k = 0; k < 3; k++)
    normal[k] = wa * normals[3 * a + k]! + wb * normals[3 * b + k]! + wc * normals[3 * c + k]!;
  view.scatter[i] = wa * shades[2 * a + 1]! + wb * shades[2 * b + 1]! + wc * shades[2 * c + 1]!;
  return wa * shades[2 * a]! + wb * shades[2 * b]! + wc * shades[2 * c]!;
}

const point = [0, 0, 0];

/** Depth, slopes and light of a pixel. */
function shade(
  unit: Unit,
  rays: Rays,
  shadow: Float32Array,
  z: number,
  albedo: number,
  normal: readonly number[],
  view: View,
  i: number,
): void {
  const x = rays.x[i]! * z;
  const y = rays.y[i]! * z;
  const [nx, ny, nz] = normal as [number, number, number];
  const length = Math.hypot(nx, ny, nz) || 1;
  const steep = Math.min(-0.05, nz / length) * length;
  const slope = (n: number): number => Math.max(-STEEP, Math.min(STEEP, -n / steep));
  view.depth[i] = z;
  view.slopeX[i] = slope(nx);
  view.slopeY[i] = slope(ny);
  // A room is lit from above and from all sides.
  view.ambient[i] = albedo * Math.max(0.15, 0.6 - (0.25 * ny + 0.15 * nz) / length);
  projected(unit, x, y, z, point);
  const sx = Math.round(point[0]!);
  const sy = Math.round(point[1]!);
  if (!(point[2]! > 0) || sx < 0 || sy < 0 || sx >= SHADOW.width || sy >= SHADOW.height) return;
  if (shadow[sy * SHADOW.width + sx]! > point[2]! * (1 + BIAS)) return;
  const p = unit.projector;
  const [lx, ly, lz] = [p[0] - x, p[1] - y, p[2] - z];
  const away = Math.hypot(lx, ly, lz);
  const facing = (nx * lx + ny * ly + nz * lz) / (length * away);
  if (facing > 0) view.lit[i] = albedo * facing * (WORKING_MM / away) ** 2;
}

/** The fringe's place (0..1 over the projected picture; NaN: not lit) at each pixel when the surface has moved by `moved` mm since the view was made. */
export function fringePlaces(
  unit: Unit,
  rays: Rays,
  view: View,
  moved: readonly [x: number, y: number, z: number],
  into: Float32Array,
): void {
  for (let i = 0; i < into.length; i++) {
    const z = view.depth[i]! + moved[2] - view.slopeX[i]! * moved[0] - view.slopeY[i]! * moved[1];
    into[i] = view.lit[i]! > 0 ? fringePlace(unit, rays.x[i]! * z, rays.y[i]! * z, z) : Number.NaN;
  }
}
