// The face that all others are laid on: a surface made by formula from published anthropometry (adult means of Farkas, "Anthropometry of the
// Head and Face", 1994: nose height 50 and protrusion 20 mm, width 35 mm, inner and outer canthi 32 and 90 mm apart, subnasale to stomion
// 23 mm, stomion to the chin's point 35 mm). An elliptic front whose midline follows a profile, a nose on it, eyes, cheekbones. Learned from
// nobody's face.
import { CELLS, inEllipse, smooth, xOf, yOf } from "./surface";

// Every 10 mm from y = -70 on: how far the midline without its nose lies behind the tip, how high the nose stands on it, how far its foot
// reaches to a side, and half the face's breadth (all mm).
const KNOTS: i32 = 17;
// biome-ignore format: one table a line
const TABLES: usize = memory.data<u8>([
  23, 22, 24, 23, 21, 19, 22, 28, 31, 33, 33, 30, 24, 19, 20, 22, 25, 0, 0, 0, 0, 0, 0, 5, 28, 27, 22, 16, 9, 3, 0, 0,
  0, 0, 20, 20, 20, 20, 20, 20, 20, 20, 18, 17, 16, 16, 16, 16, 16, 16, 16, 60, 62, 64, 66, 69, 72, 74, 76, 78, 79, 79,
  78, 77, 77, 76, 75, 74,
]);
/** How deep the elliptic front is, mm. */
const DEPTH: f32 = 95;

/** The value of a table at y mm. */
function at(table: i32, y: f32): f32 {
  const k = max<f32>(0, min<f32>(15.999, (y + 70) / 10));
  const i = k as i32;
  const p = TABLES + ((table * KNOTS + i) as usize);
  const low = load<u8>(p) as f32;
  return low + (k - (i as f32)) * ((load<u8>(p, 1) as f32) - low);
}

/** A round bump of `height` mm, `radius` mm wide, at (cx, cy) and at (-cx, cy). */
function bump(x: f32, y: f32, cx: f32, cy: f32, radius: f32, height: f32): f32 {
  const u = abs(x) - cx;
  const v = y - cy;
  const t: f32 = 1 - (u * u + v * v) / (radius * radius);
  return t > 0 ? height * t * t : <f32>0;
}

/** Makes the mean face (MAP_BYTES). */
export function makeMean(map: usize): void {
  for (let n = 0; n < CELLS; n++) {
    const x = xOf(n);
    const y = yOf(n);
    const side = x / at(3, y);
    const foot = x / at(2, y);
    let z = -at(0, y) - DEPTH * (1 - sqrt<f32>(max<f32>(0.1, 1 - side * side)));
    const nose: f32 = 1 - foot * foot;
    if (nose > 0) z += at(1, y) * nose * nose;
    z += bump(x, y, 31, 34, 15, 4) + bump(x, y, 42, 8, 24, 4) - bump(x, y, 17, 32, 10, 3);
    store<f32>(map + ((n as usize) << 2), z);
  }
  smooth(map, 0.25, 2);
}

/**
 * How much each cell counts when a scan is laid on the mean face (MAP_BYTES, 0..1): the face without hair, ears and neck; the nose most, since
 * all else may slide along itself.
 */
export function makeWeights(map: usize): void {
  for (let n = 0; n < CELLS; n++) {
    const x = xOf(n);
    const y = yOf(n);
    const weight: f32 = inEllipse(x, y, 24, 18, 34) ? 1 : inEllipse(x, y, 62, 10, 74) ? 0.35 : 0;
    store<f32>(map + ((n as usize) << 2), weight);
  }
  smooth(map, 0.25, 2);
}
