// Where a face may be: points of the head with their normals, and candidates for the tip of the nose, which stands out on all sides.
import { clearHistogram, count, percentile } from "../vision/statistics";
import { cosine, prepareTrig, sine } from "../vision/trig";
import { POINT_BYTES, setNormal } from "./align";
import { gridColumns, gridFactor, gridRows } from "./grid";
import { focal, lookThrough, rayX, rayY } from "./rays";

/** No more points are made: of more, an even choice. */
export const POINTS_MOST: i32 = 12000;
export const CANDIDATES: i32 = 8;
/** Candidates: x, y, z (f32, mm) of a nose's tip each, then how it stands out (f32, about mm). */
export const CANDIDATE_BYTES: i32 = 16;
export const OUTSTANDING: usize = 12;

/** Radius of the ring around a nose, mm, and points on it. */
const RING: f32 = 22;
const RING_POINTS: i32 = 12;
/** What the ring stands behind the middle counts between these, mm. */
const BEFORE: f32 = -20;
const BEHIND: f32 = 25;
/** Surfaces seen at a smaller cosine are not believed, nor are steps of more than JUMP mm across three cells. */
const GRAZING: f32 = 0.25;
const JUMP: f32 = 30;

function depthAt(map: usize, k: i32): f32 {
  return load<f32>(map + ((k as usize) << 2));
}

/** The ray through a grid cell. */
function lookAt(x: i32, y: i32): void {
  const f = gridFactor() as f32;
  const half: f32 = (f - 1) / 2;
  lookThrough((x as f32) * f + half, (y as f32) * f + half);
}

/** How the ring of `radius` cells around cell (x, y) stands behind it, mm; where the ring leaves the head, `far` stands behind. */
function protrusion(map: usize, x: i32, y: i32, radius: f32, far: f32): f32 {
  const columns = gridColumns();
  const centre = depthAt(map, y * columns + x);
  let sum: f32 = 0;
  let least: f32 = BEHIND;
  // The six smallest weigh more: of twelve values, those below the mean of the two in the middle are near enough.
  let opposite: f32 = 0;
  for (let i = 0; i < RING_POINTS; i++) {
    const ray = (i * 32) / 3;
    const u = x + (nearest<f32>(radius * cosine(ray)) as i32);
    const v = y + (nearest<f32>(radius * sine(ray)) as i32);
    let d: f32 = 0;
    if (u >= 0 && v >= 0 && u < columns && v < gridRows()) d = depthAt(map, v * columns + u);
    d = max<f32>(BEFORE, min<f32>(BEHIND, (d > 0 ? d : far) - centre));
    sum += d;
    least = min(least, d);
    opposite += min<f32>(d, 12);
  }
  return sum / (RING_POINTS as f32) + 0.6 * least + (0.25 * opposite) / (RING_POINTS as f32);
}

/**
 * Finds the candidates for a nose's tip on the smoothed head, best first; `scratch` has a f32 for each grid cell. Writes them
 * (CANDIDATE_BYTES each) and returns how many there are.
 */
export function findNoses(map: usize, scratch: usize, candidates: usize): i32 {
  const columns = gridColumns();
  const rows = gridRows();
  clearHistogram();
  for (let k = 0; k < columns * rows; k++) {
    const d = depthAt(map, k);
    if (d > 0) count(min<i32>(255, (d * 0.125) as i32) as u32);
  }
  const far = ((percentile(990) << 3) + 4) as f32;
  const pixel = focal() / ((gridFactor() * ((percentile(500) << 3) + 4)) as f32);
  const radius = RING * pixel;
  prepareTrig();
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const k = y * columns + x;
      store<f32>(scratch + ((k as usize) << 2), depthAt(map, k) > 0 ? protrusion(map, x, y, radius, far) : -100);
    }
  }
  const apart = max<i32>(2, (radius * 0.5) as i32);
  for (let n = 0; n < CANDIDATES; n++) {
    let best: f32 = 0;
    let bx = -1;
    let by = 0;
    for (let y = 1; y < rows - 1; y++) {
      for (let x = 1; x < columns - 1; x++) {
        const p = scratch + (((y * columns + x) as usize) << 2);
        const down = (columns << 2) as usize;
        // A little smoothed, so that a stray value is no nose.
        const score: f32 =
          0.5 * load<f32>(p) + 0.125 * (load<f32>(p - 4) + load<f32>(p, 4) + load<f32>(p - down) + load<f32>(p + down));
        if (score <= best) continue;
        best = score;
        bx = x;
        by = y;
      }
    }
    if (bx < 0) return n;
    lookAt(bx, by);
    const d = depthAt(map, by * columns + bx);
    store<f32>(candidates, rayX * d);
    store<f32>(candidates, rayY * d, 4);
    store<f32>(candidates, -d, 8);
    store<f32>(candidates, best, OUTSTANDING);
    candidates += CANDIDATE_BYTES as usize;
    for (let y = max<i32>(0, by - apart); y <= min<i32>(rows - 1, by + apart); y++) {
      for (let x = max<i32>(0, bx - apart); x <= min<i32>(columns - 1, bx + apart); x++) {
        store<f32>(scratch + (((y * columns + x) as usize) << 2), -100);
      }
    }
  }
  return CANDIDATES;
}

/** Writes the point of cell (x, y) at `point`; whether it can be believed. */
function makePoint(map: usize, x: i32, y: i32, point: usize): bool {
  const columns = gridColumns();
  const k = y * columns + x;
  const d = depthAt(map, k);
  const left = depthAt(map, k - 1);
  const right = depthAt(map, k + 1);
  const up = depthAt(map, k - columns);
  const down = depthAt(map, k + columns);
  if (d == 0 || left == 0 || right == 0 || up == 0 || down == 0) return false;
  if (abs(right - left) >= JUMP || abs(down - up) >= JUMP) return false;
  lookAt(x + 1, y);
  let ax = rayX * right;
  let ay = rayY * right;
  lookAt(x - 1, y);
  ax -= rayX * left;
  ay -= rayY * left;
  const az = left - right;
  lookAt(x, y - 1);
  let bx = rayX * up;
  let by = rayY * up;
  lookAt(x, y + 1);
  bx -= rayX * down;
  by -= rayY * down;
  const bz = down - up;
  // Right times up points to the camera.
  const nx = ay * bz - az * by;
  const ny = az * bx - ax * bz;
  const nz = ax * by - ay * bx;
  lookAt(x, y);
  const length: f32 = sqrt<f32>(nx * nx + ny * ny + nz * nz);
  const towards = nz - nx * rayX - ny * rayY;
  if (!(towards > GRAZING * length * sqrt<f32>(1 + rayX * rayX + rayY * rayY))) return false;
  store<f32>(point, rayX * d);
  store<f32>(point, rayY * d, 4);
  store<f32>(point, -d, 8);
  setNormal(point, nx, ny, nz);
  return true;
}

/** Makes the points of the smoothed head (align.ts), POINTS_MOST at most; returns how many. */
export function makePoints(map: usize, points: usize): i32 {
  const columns = gridColumns();
  const rows = gridRows();
  let heads = 0;
  for (let k = 0; k < columns * rows; k++) if (depthAt(map, k) > 0) heads++;
  let made = 0;
  let share = 0;
  for (let y = 1; y < rows - 1; y++) {
    for (let x = 1; x < columns - 1; x++) {
      if (depthAt(map, y * columns + x) == 0) continue;
      share += POINTS_MOST;
      if (share < heads && heads > POINTS_MOST) continue;
      if (heads > POINTS_MOST) share -= heads;
      if (makePoint(map, x, y, points + (made as usize) * POINT_BYTES)) made++;
    }
  }
  return made;
}
