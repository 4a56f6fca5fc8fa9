// Comparison of two faces: each is laid on the surface of the other, as a whole and by nose and eyes alone, and the distances that remain count.
import { ALIGN_BYTES, align, alignTo, POINT_BYTES, POSE_BYTES } from "./align";
import { coverageOf, decode, FIELD, inField } from "./encode";
import { makeMean } from "./mean";
import { BOTTOM, CELLS, COLUMNS, LEFT, MAP_BYTES, PITCH, ROWS, smooth } from "./surface";

// Work space: for each of the two faces its surface, where it is known, and its points; then maps that both use.
const POINTS: usize = (2 * MAP_BYTES) as usize;
const FACE_BYTES: i32 = 2 * MAP_BYTES + ((FIELD * (POINT_BYTES as i32) + 7) & ~7);
const MEAN: usize = (2 * FACE_BYTES) as usize;
const WEIGHTS: usize = MEAN + (MAP_BYTES as usize);
const POSE: usize = WEIGHTS + (MAP_BYTES as usize);
const ALIGN: usize = POSE + (POSE_BYTES as usize);
export const MATCH_BYTES: i32 = 2 * FACE_BYTES + 2 * MAP_BYTES + POSE_BYTES + ALIGN_BYTES;

/** A distance counts at most this much, mm. */
const CLIP: f32 = 2.5;
/** The parts of a face: whole, nose, eyes and forehead. */
const WHOLE: i32 = 0;
const NOSE: i32 = 1;
const EYES: i32 = 2;

let probePoints: i32 = 0;
let referencePoints: i32 = 0;

/** Whether (x, y) counts for the alignment by this part. */
function holds(part: i32, x: f32, y: f32): bool {
  const side = abs(x);
  if (part == WHOLE) return side < 46 && y > -14 && y < 66;
  return part == NOSE ? side < 26 && y > -14 && y < 50 : side < 48 && y > 16 && y < 66;
}

/** Whether the distance at (x, y) counts after the alignment by this part. */
function counts(part: i32, x: f32, y: f32): bool {
  const side = abs(x);
  if (part != EYES && side < 22 && y > -12 && y < 48) return true;
  return part != NOSE && ((side < 46 && y > 18 && y < 46) || (side < 44 && y >= 44 && y < 70));
}

/** Unpacks a template to a surface without holes, and its points; returns how many points. */
function unpack(template: usize, face: usize, work: usize): i32 {
  const valid = face + (MAP_BYTES as usize);
  const filled = work + WEIGHTS;
  decode(template, face, valid);
  // Holes: what lies around, weighted by nearness.
  memory.copy(filled, face, MAP_BYTES as usize);
  smooth(filled, 0.25, 8);
  // The weights spread in the same way, in the place of the points that come last.
  const around = face + POINTS;
  memory.copy(around, valid, MAP_BYTES as usize);
  smooth(around, 0.25, 8);
  for (let at: usize = 0; at < (MAP_BYTES as usize); at += 4) {
    if (load<f32>(valid + at) == 0) {
      const w = load<f32>(around + at);
      store<f32>(face + at, w > 1e-4 ? load<f32>(filled + at) / w : 0);
    }
    store<f32>(face + at, load<f32>(face + at) + load<f32>(work + MEAN + at));
  }
  smooth(face, 0.18, 1);
  let made = 0;
  for (let n = 0; n < CELLS; n++) {
    if (!inField(n) || load<f32>(valid + ((n as usize) << 2)) == 0) continue;
    const m = face + ((n as usize) << 2);
    const gx = (load<f32>(m, 4) - load<f32>(m - 4)) / (2 * PITCH);
    const gy = (load<f32>(m, 4 * COLUMNS) - load<f32>(m - 4 * COLUMNS)) / (2 * PITCH);
    const unit: f32 = 32767 / sqrt<f32>(1 + gx * gx + gy * gy);
    const p = face + POINTS + (made++ as usize) * POINT_BYTES;
    store<f32>(p, LEFT + PITCH * ((n % COLUMNS) as f32));
    store<f32>(p, BOTTOM + PITCH * ((n / COLUMNS) as f32), 4);
    store<f32>(p, load<f32>(m), 8);
    store<i16>(p, (-gx * unit) as i16, 12);
    store<i16>(p, (-gy * unit) as i16, 14);
    store<i16>(p, unit as i16, 16);
  }
  return made;
}

/** The mean distance of the points of `from` that count for this part to the surface of `to`, mm; 1 more where few of them have a partner. */
function distance(from: usize, count: i32, to: usize, pose: usize, part: i32): f32 {
  let sum: f32 = 0;
  let met: f32 = 0;
  let all: f32 = 0;
  const end = from + POINTS + (count as usize) * POINT_BYTES;
  for (let p = from + POINTS; p < end; p += POINT_BYTES) {
    const px = load<f32>(p);
    const py = load<f32>(p, 4);
    if (!counts(part, px, py)) continue;
    all++;
    const pz = load<f32>(p, 8);
    const x = load<f32>(pose) * px + load<f32>(pose, 4) * py + load<f32>(pose, 8) * pz + load<f32>(pose, 36);
    const y = load<f32>(pose, 12) * px + load<f32>(pose, 16) * py + load<f32>(pose, 20) * pz + load<f32>(pose, 40);
    const z = load<f32>(pose, 24) * px + load<f32>(pose, 28) * py + load<f32>(pose, 32) * pz + load<f32>(pose, 44);
    const u = (x - LEFT) / PITCH;
    const v = (y - BOTTOM) / PITCH;
    if (!(u >= 0 && v >= 0 && u < ((COLUMNS - 1) as f32) && v < ((ROWS - 1) as f32))) continue;
    const i = u as i32;
    const j = v as i32;
    const fu = u - (i as f32);
    const fv = v - (j as f32);
    const m = to + (((j * COLUMNS + i) << 2) as usize);
    const k = m + (MAP_BYTES as usize);
    const k0 = load<f32>(k) + fu * (load<f32>(k, 4) - load<f32>(k));
    const k1 = load<f32>(k, 4 * COLUMNS) + fu * (load<f32>(k, 4 * COLUMNS + 4) - load<f32>(k, 4 * COLUMNS));
    if (k0 + fv * (k1 - k0) < 0.9) continue;
    const z00 = load<f32>(m);
    const z01 = load<f32>(m, 4 * COLUMNS);
    const d0 = load<f32>(m, 4) - z00;
    const d1 = load<f32>(m, 4 * COLUMNS + 4) - z01;
    const gx = (d0 + fv * (d1 - d0)) / PITCH;
    const low = z00 + fu * d0;
    const rise = z01 + fu * d1 - low;
    const gy = rise / PITCH;
    sum += min<f32>(CLIP, abs(z - low - fv * rise) / sqrt<f32>(1 + gx * gx + gy * gy));
    met++;
  }
  if (met == 0) return CLIP + 1;
  return sum / met + (met < 0.35 * all ? <f32>1 : <f32>0);
}

/** Makes the weights of the alignment by this part. */
function weigh(part: i32, map: usize): void {
  for (let n = 0; n < CELLS; n++) {
    const x = LEFT + PITCH * ((n % COLUMNS) as f32);
    const y = BOTTOM + PITCH * ((n / COLUMNS) as f32);
    store<f32>(map + ((n as usize) << 2), holds(part, x, y) ? 1 : 0);
  }
  smooth(map, 0.25, 2);
}

/** Lays the points of `from` on the surface of `to` by this part; the distance that remains, mm. */
function oneWay(from: usize, count: i32, to: usize, part: i32, work: usize): f32 {
  const pose = work + POSE;
  memory.fill(pose, 0, POSE_BYTES as usize);
  store<f32>(pose, 1);
  store<f32>(pose, 1, 16);
  store<f32>(pose, 1, 32);
  alignTo(to, work + WEIGHTS, work + ALIGN);
  align(from + POINTS, count, 1, pose, 12, 12, 0.8, 2.5, 0.5);
  return distance(from, count, to, pose, part);
}

/** How unlike two templates are: millimetres, about 1 to 8. `work`: MATCH_BYTES. */
export function unlikeness(probe: usize, reference: usize, work: usize): f32 {
  const a = work;
  const b = work + (FACE_BYTES as usize);
  makeMean(work + MEAN);
  probePoints = unpack(probe, a, work);
  referencePoints = unpack(reference, b, work);
  let sum: f32 = 0;
  for (let part = WHOLE; part <= EYES; part++) {
    weigh(part, work + WEIGHTS);
    const there = oneWay(a, probePoints, b, part, work);
    const back = oneWay(b, referencePoints, a, part, work);
    sum += (part == WHOLE ? <f32>0.5 : <f32>0.25) * (there + back);
  }
  return sum + 0.0006 * (coverageOf(probe) + coverageOf(reference));
}
