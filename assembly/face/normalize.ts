// The face in the canonical frame: every point, moved by the pose, is spread over the cells around it (splatting); of what lies one behind the
// other only the front counts.
import { movedX, movedY, movedZ, moveTo, POINT_BYTES } from "./align";
import { BOTTOM, CELLS, COLUMNS, LEFT, PITCH, ROWS } from "./surface";

/** What lies farther behind the front of its cell is hidden by it, mm. */
const HIDDEN: f32 = 12;
/** A cell with less than this weight of points has no value. */
const LEAST: f32 = 0.25;
/** The weight (1 - d^2 / 8.1)^5 at d cells is close to a Gaussian of 0.9. */
const REACH: f32 = 8.1;
/** No surface. */
export const NONE: f32 = -10000;

/** Either (`spread` false) notes the front of each cell, or adds a point to the cells around it. */
function place(points: usize, count: i32, pose: usize, spread: bool, map: usize, weights: usize, front: usize): void {
  const end = points + (count as usize) * POINT_BYTES;
  for (let p = points; p < end; p += POINT_BYTES) {
    moveTo(pose, p);
    const z = movedZ;
    const u = (movedX - LEFT) / PITCH;
    const v = (movedY - BOTTOM) / PITCH;
    if (!(u > -2 && v > -2 && u < ((COLUMNS + 1) as f32) && v < ((ROWS + 1) as f32))) continue;
    const i = nearest<f32>(u) as i32;
    const j = nearest<f32>(v) as i32;
    const inside = i >= 0 && j >= 0 && i < COLUMNS && j < ROWS;
    const at = ((j * COLUMNS + i) as usize) << 2;
    if (!spread) {
      if (inside) store<f32>(front + at, max(load<f32>(front + at), z));
      continue;
    }
    for (let b = max<i32>(0, j - 2); b <= min<i32>(ROWS - 1, j + 2); b++) {
      for (let a = max<i32>(0, i - 2); a <= min<i32>(COLUMNS - 1, i + 2); a++) {
        const du = u - (a as f32);
        const dv = v - (b as f32);
        const t: f32 = 1 - (du * du + dv * dv) / REACH;
        if (t <= 0) continue;
        const cell = ((b * COLUMNS + a) as usize) << 2;
        if (z < load<f32>(front + cell) - HIDDEN) continue;
        const t2 = t * t;
        const w = t2 * t2 * t;
        store<f32>(map + cell, load<f32>(map + cell) + w * z);
        store<f32>(weights + cell, load<f32>(weights + cell) + w);
      }
    }
  }
}

/** Splats the points to `map` (MAP_BYTES, NONE where nothing is); `weights` and `front` are maps of work space. */
export function splat(points: usize, count: i32, pose: usize, map: usize, weights: usize, front: usize): void {
  memory.fill(map, 0, (4 * CELLS) as usize);
  memory.fill(weights, 0, (4 * CELLS) as usize);
  for (let k: usize = 0; (k < 4 * CELLS) as usize; k += 4) store<f32>(front + k, NONE);
  place(points, count, pose, false, map, weights, front);
  place(points, count, pose, true, map, weights, front);
  for (let k: usize = 0; (k < 4 * CELLS) as usize; k += 4) {
    const w = load<f32>(weights + k);
    store<f32>(map + k, w > LEAST ? load<f32>(map + k) / w : NONE);
  }
}
