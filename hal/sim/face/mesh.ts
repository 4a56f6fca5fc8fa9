// Surfaces as triangles: what the head, its ears and neck, glasses and prints are made of before they are seen.

/** Vertices (x, y, z of each, head coordinates in mm; normals alike; albedo and scattered share of each) and triangles of their numbers. */
export interface Mesh {
  readonly places: Float32Array;
  readonly normals: Float32Array;
  /** Reflectance 0..1, and share 0..1 of the light that wanders beneath the surface before it comes back. */
  readonly shades: Float32Array;
  readonly triangles: Uint32Array;
}

/**
 * A grid of `columns` x `rows` vertices as a mesh, seen from the side on which columns run to the right when rows run down.
 * @param wrap the last column is followed by the first
 */
export function gridMesh(
  columns: number,
  rows: number,
  wrap: boolean,
  vertex: (column: number, row: number, place: Float32Array, at: number) => readonly [albedo: number, scatter: number],
): Mesh {
  const places = new Float32Array(columns * rows * 3);
  const shades = new Float32Array(columns * rows * 2);
  for (let row = 0, i = 0; row < rows; row++)
    for (let column = 0; column < columns; column++, i++) {
      const [albedo, scatter] = vertex(column, row, places, 3 * i);
      shades[2 * i] = albedo;
      shades[2 * i + 1] = scatter;
    }
  const across = wrap ? columns : columns - 1;
  const triangles = new Uint32Array(across * (rows - 1) * 6);
  for (let row = 0, n = 0; row + 1 < rows; row++)
    for (let column = 0; column < across; column++) {
      const a = row * columns + column;
      const b = row * columns + ((column + 1) % columns);
      triangles.set([a, a + columns, b, b, a + columns, b + columns], n);
      n += 6;
    }
  return { places, normals: normalsOf(places, triangles), shades, triangles };
}

/** Unit normals of the vertices: the mean of their triangles', by area. */
export function normalsOf(places: Float32Array, triangles: Uint32Array): Float32Array {
  const normals = new Float32Array(places.length);
  for (let t = 0; t < triangles.length; t += 3) {
    const a = 3 * triangles[t]!;
    const b = 3 * triangles[t + 1]!;
    const c = 3 * triangles[t + 2]!;
    const ux = places[b]! - places[a]!;
    const uy = places[b + 1]! - places[a + 1]!;
    const uz = places[b + 2]! - places[a + 2]!;
    const vx = places[c]! - places[a]!;
    const vy = places[c + 1]! - places[a + 1]!;
    const vz = places[c + 2]! - places[a + 2]!;
    const nx = uy * vz - uz * vy;
    const ny = uz * vx - ux * vz;
    const nz = ux * vy - uy * vx;
    for (const v of [a, b, c]) {
      normals[v]! += nx;
      normals[v + 1]! += ny;
      normals[v + 2]! += nz;
    }
  }
  for (let i = 0; i < normals.length; i += 3) {
    const length = Math.hypot(normals[i]!, normals[i + 1]!, normals[i + 2]!) || 1;
    normals[i]! /= length;
    normals[i + 1]! /= length;
    normals[i + 2]! /= length;
  }
  return normals;
}

/** A tube of `radius` around a path of points. */
export function tube(
  path: readonly (readonly [x: number, y: number, z: number])[],
  radius: number,
  shade: readonly [albedo: number, scatter: number],
): Mesh {
  const sides = 7;
  return gridMesh(sides, path.length, true, (column, row, places, at) => {
    const here = path[row]!;
    const before = path[Math.max(0, row - 1)]!;
    const after = path[Math.min(path.length - 1, row + 1)]!;
    const along = unit([after[0] - before[0], after[1] - before[1], after[2] - before[2]]);
    const side = unit(cross(along, Math.abs(along[2]) < 0.9 ? [0, 0, 1] : [0, 1, 0]));
    const up = cross(side, along);
    const angle = (2 * Math.PI * column) / sides;
    for (let k = 0; k < 3; k++)
      places[at + k] = here[k]! + radius * (Math.cos(angle) * side[k]! + Math.sin(angle) * up[k]!);
    return shade;
  });
}

type Vector = readonly [number, number, number];

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function unit(v: Vector): Vector {
  const length = Math.hypot(...v) || 1;
  return [v[0] / length, v[1] / length, v[2] / length];
}

/** Meshes as one. */
export function joined(meshes: readonly Mesh[]): Mesh {
  const total = (of: (m: Mesh) => ArrayLike<number>): number => meshes.reduce((n, m) => n + of(m).length, 0);
  const places = new Float32Array(total((m) => m.places));
  const normals = new Float32Array(places.length);
  const shades = new Float32Array(total((m) => m.shades));
  const triangles = new Uint32Array(total((m) => m.triangles));
  let vertex = 0;
  let corner = 0;
  for (const m of meshes) {
    places.set(m.places, 3 * vertex);
    normals.set(m.normals, 3 * vertex);
    shades.set(m.shades, 2 * vertex);
    for (let i = 0; i < m.triangles.length; i++) triangles[corner++] = m.triangles[i]! + vertex;
    vertex += m.places.length / 3;
  }
  return { places, normals, shades, triangles };
}
