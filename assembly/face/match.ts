// Comparison of two faces: each is laid on the surface of the other, and what remains between them counts, cell by cell. The better of the
// two sides is taken: noise and holes spoil one side more than the other.
import {
  ALIGN_BYTES,
  align,
  alignTo,
  movedX,
  movedY,
  movedZ,
  moveTo,
  POINT_BYTES,
  POSE_BYTES,
  setNormal,
} from "./align";
import { decode, FIELD, inField, qualityOf } from "./encode";
import { makeMean } from "./mean";
import { BOTTOM, CELLS, COLUMNS, LEFT, MAP_BYTES, PITCH, ROWS, smooth, xOf, yOf } from "./surface";

// Work space: for each of the two faces its surface, where it is known, and its points; then maps that both use.
const KNOWN: usize = MAP_BYTES as usize;
const POINTS: usize = (2 * MAP_BYTES) as usize;
const FACE_BYTES: i32 = 2 * MAP_BYTES + ((FIELD * (POINT_BYTES as i32) + 7) & ~7);
export const SECOND: usize = FACE_BYTES as usize;
export const MEAN: usize = 2 * SECOND;
const WEIGHTS: usize = MEAN + (MAP_BYTES as usize);
export const POSE: usize = WEIGHTS + (MAP_BYTES as usize);
const ALIGN: usize = POSE + (POSE_BYTES as usize);
/** Bytes of work space of a comparison. */
export const MATCH_BYTES: i32 = 2 * FACE_BYTES + 2 * MAP_BYTES + POSE_BYTES + ALIGN_BYTES;

/** A distance of this many mm counts half of the most, which is MOST (Geman and McClure's function). */
const HALF: f32 = 1.4;
const MOST: f32 = 8;
/** Added where less than COMMON of what counts has a partner. */
const APART: f32 = 2;
const COMMON: f32 = 0.35;
/** Where so much of what is around is known, the surface is believed. */
const BELIEVED: f32 = 0.9;
/** A poor scan is unlike everybody. What is added for each point of the overall qualities makes up for it: good scans have to be more alike. */
const PER_QUALITY: f32 = 0.012;
/** A quality above it counts as this: what two perfect scans of one face leave must stay below every sensible threshold. */
const MOST_QUALITY: f32 = 75;

/** Unpacks a template to a surface without holes, smoothed `passes` times, and its points; returns how many points. */
function unpack(template: usize, face: usize, work: usize, passes: i32): i32 {
  const known = face + KNOWN;
  const filled = work + WEIGHTS;
  // The weights spread as what is known does, in the place of the points that come last.
  const spread = face + POINTS;
  decode(template, face, known);
  memory.copy(filled, face, MAP_BYTES as usize);
  memory.copy(spread, known, MAP_BYTES as usize);
  smooth(filled, 0.25, 8);
  smooth(spread, 0.25, 8);
  for (let at: usize = 0; at < (MAP_BYTES as usize); at += 4) {
    const w = load<f32>(spread + at);
    let z = load<f32>(face + at);
    if (load<f32>(known + at) == 0) z = w > 1e-4 ? load<f32>(filled + at) / w : 0;
    store<f32>(face + at, z + load<f32>(work + MEAN + at));
  }
  smooth(face, 0.18, passes);
  let made = 0;
  for (let n = 0; n < CELLS; n++) {
    if (!inField(n) || load<f32>(known + ((n as usize) << 2)) == 0) continue;
    const m = face + ((n as usize) << 2);
    const p = face + POINTS + (made++ as usize) * POINT_BYTES;
    store<f32>(p, xOf(n));
    store<f32>(p, yOf(n), 4);
    store<f32>(p, load<f32>(m), 8);
    const across = load<f32>(m - 4) - load<f32>(m, 4);
    setNormal(p, across, load<f32>(m - 4 * COLUMNS) - load<f32>(m, 4 * COLUMNS), 2 * PITCH);
  }
  return made;
}

/** How much the distance at (x, y) counts: eyes and forehead, and more than these the nose, in which people differ most; not what speaks and smiles. */
function share(x: f32, y: f32): f32 {
  const side = abs(x);
  if (y <= -14 || y >= 70) return 0;
  const t = side / 18;
  const fall: f32 = 1 - t * t * t * t;
  const nose: f32 = y < 46 && fall > 0 ? fall * fall : 0;
  const upper = (side < 46 && y > 18 && y < 46) || (side < 44 && y >= 44);
  return upper || (side < 22 && y > -12 && y < 48) ? 0.5 + nose : 0;
}

/** Of the last `meet`: how far the point stands before the surface, mm along z, and the surface's slopes, mm a cell. */
export let metOff: f32 = 0;
let metRun: f32 = 0;
let metRise: f32 = 0;

/** Whether the surface of the unpacked face `to` is known, to at least `believed`, where `moveTo` has put a point. */
export function meet(to: usize, believed: f32): bool {
  const u = (movedX - LEFT) / PITCH;
  const v = (movedY - BOTTOM) / PITCH;
  if (!(u >= 0 && v >= 0 && u < ((COLUMNS - 1) as f32) && v < ((ROWS - 1) as f32))) return false;
  const i = u as i32;
  const j = v as i32;
  const fu = u - (i as f32);
  const fv = v - (j as f32);
  const m = to + (((j * COLUMNS + i) << 2) as usize);
  const k = m + KNOWN;
  const known = load<f32>(k) + fu * (load<f32>(k, 4) - load<f32>(k));
  const above = load<f32>(k, 4 * COLUMNS) + fu * (load<f32>(k, 4 * COLUMNS + 4) - load<f32>(k, 4 * COLUMNS));
  if (known + fv * (above - known) < believed) return false;
  const z0 = load<f32>(m);
  const z1 = load<f32>(m, 4 * COLUMNS);
  const d0 = load<f32>(m, 4) - z0;
  const d1 = load<f32>(m, 4 * COLUMNS + 4) - z1;
  const low = z0 + fu * d0;
  metRise = z1 + fu * d1 - low;
  metRun = d0 + fv * (d1 - d0);
  metOff = movedZ - low - fv * metRise;
  return true;
}

/** What remains between the points of one face, moved by the pose, and the surface of another: 0 to MOST, and APART more. */
function remains(from: usize, count: i32, to: usize, pose: usize): f32 {
  let sum: f32 = 0;
  let met: f32 = 0;
  let all: f32 = 0;
  const end = from + POINTS + (count as usize) * POINT_BYTES;
  for (let p = from + POINTS; p < end; p += POINT_BYTES) {
    const weight = share(load<f32>(p), load<f32>(p, 4));
    all += weight;
    moveTo(pose, p);
    if (!meet(to, BELIEVED)) continue;
    // The distance to the plane, squared.
    const d2 = (metOff * metOff) / (1 + (metRun * metRun + metRise * metRise) / (PITCH * PITCH));
    sum += (weight * d2) / (d2 + HALF * HALF);
    met += weight;
  }
  if (met == 0) return MOST + APART;
  return (MOST * sum) / met + (met < COMMON * all ? APART : <f32>0);
}

/** Lays the points of one face on the surface of another; what remains. */
function oneSide(from: usize, count: i32, to: usize, work: usize): f32 {
  const pose = work + POSE;
  memory.fill(pose, 0, POSE_BYTES as usize);
  store<f32>(pose, 1);
  store<f32>(pose, 1, 16);
  store<f32>(pose, 1, 32);
  alignTo(to, work + WEIGHTS, work + ALIGN);
  align(from + POINTS, count, 1, pose, 12, 12, 0.8, 2.5, 0.5);
  return remains(from, count, to, pose);
}

let firstPoints: i32 = 0;
let secondPoints: i32 = 0;

/** Unpacks two templates, smoothed `passes` times, and the weights that they are aligned by: all that does not speak or smile. */
function unpackBoth(first: usize, second: usize, work: usize, passes: i32): void {
  const weights = work + WEIGHTS;
  makeMean(work + MEAN);
  firstPoints = unpack(first, work, work, passes);
  secondPoints = unpack(second, work + SECOND, work, passes);
  for (let n = 0; n < CELLS; n++) {
    const y = yOf(n);
    store<f32>(weights + ((n as usize) << 2), abs(xOf(n)) < 46 && y > -14 && y < 66 ? 1 : 0);
  }
  smooth(weights, 0.25, 2);
}

/** How unlike two templates are: 0 to about 12, different people from about 3 on. `work`: MATCH_BYTES. */
export function unlikeness(probe: usize, reference: usize, work: usize): f32 {
  const b = work + SECOND;
  unpackBoth(probe, reference, work, 1);
  const remaining = min(oneSide(work, firstPoints, b, work), oneSide(b, secondPoints, work, work));
  return remaining + PER_QUALITY * (min(MOST_QUALITY, qualityOf(probe)) + min(MOST_QUALITY, qualityOf(reference)));
}

/**
 * Lays one template on the surface of another as they are, for fusing: what remains (as far as `unlikeness` has it, without what quality adds). Their surfaces are
 * then at `work` and `work` + SECOND, what moves the one to the other at `work` + POSE. `work`: MATCH_BYTES.
 */
export function lay(first: usize, second: usize, work: usize): f32 {
  unpackBoth(first, second, work, 0);
  return oneSide(work, firstPoints, work + SECOND, work);
}
