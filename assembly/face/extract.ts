// From a depth map to a template, step by step, and why there may be none.
import { REASON_NO_FACE, REASON_NONE, REASON_TOO_FAR, REASON_TOO_NEAR, REASON_TWO_FACES } from "../pec/words";
import { ALIGN_BYTES, alignTo, POINT_BYTES } from "./align";
import { leaveSides } from "./beside";
import { FARTHEST, NEAREST } from "./calibration";
import { encode, TEMPLATE_BYTES } from "./encode";
import { bin, cutHead, gridCells, tooFar, tooNear } from "./grid";
import { CANDIDATE_BYTES, CANDIDATES, findNoses, makePoints, POINTS_MOST } from "./locate";
import { makeMean, makeWeights } from "./mean";
import { splat } from "./normalize";
import { noseHeight, noseSides } from "./nose";
import { findPose, POSES_BYTES } from "./pose";
import { judge, LEAST_NOSE } from "./quality";
import { useCamera } from "./rays";
import { MAP_BYTES } from "./surface";

// Work space: the canonical map first (it is what remains), then what the alignment needs, then the grid, smoothed, and points or scratch.
const MEAN: usize = MAP_BYTES as usize;
const WEIGHTS: usize = MEAN + (MAP_BYTES as usize);
const CANDIDATE: usize = WEIGHTS + (MAP_BYTES as usize);
const POSES: usize = CANDIDATE + ((CANDIDATES * CANDIDATE_BYTES) as usize);
const ALIGN: usize = POSES + (POSES_BYTES as usize);
const GRID: usize = ALIGN + (((ALIGN_BYTES + 7) & ~7) as usize);
/** Bytes of work space whatever the depth map's size is. */
export const EXTRACT_BYTES: i32 = GRID as i32;

/** A head has at least so many grid cells, and so many points. */
const LEAST_CELLS: i32 = 600;
const LEAST_POINTS: i32 = 400;
/** A second head has at least one of so many cells of the first, or of both, where they are one piece. */
const COMPARABLE: i32 = 4;
/** Coverage of the mean face by a second face; what is so large beside one that is alone comes to 400. */
const LEAST_SECOND: f32 = 450;

/** Points of the head that `place` laid on the mean face. */
let points: i32 = 0;

/** More bytes of work space, for a depth map of width x height. */
export function extractBytes(width: i32, height: i32): i32 {
  const cells = (gridCells(width, height) + 7) & ~7;
  return 8 * cells + max<i32>(4 * cells, POINTS_MOST * (POINT_BYTES as i32));
}

/** Lays the smoothed head on the mean face; its pose is then at `work` + POSES, its points at `rest`. Returns its coverage, -1: it has no face. */
function place(smoothed: usize, rest: usize, work: usize): f32 {
  const found = findNoses(smoothed, rest, work + CANDIDATE);
  points = makePoints(smoothed, rest);
  if (found == 0 || points < LEAST_POINTS) return -1;
  return findPose(rest, points, work + CANDIDATE, found, work + POSES);
}

/**
 * Extracts a template and its quality from a depth map (f32 mm, or u16 of 0.1 mm with `fine`; 0 = none) of the sensor with this calibration
 * block. An f32 map may lie anywhere, and is not changed. Returns 0, or a REASON of pec/words.ts.
 */
export function extract(
  depth: usize,
  fine: bool,
  width: i32,
  height: i32,
  calibration: usize,
  work: usize,
  template: usize,
  quality: usize,
): i32 {
  const cells = (gridCells(width, height) + 7) & ~7;
  const grid = work + GRID;
  const smoothed = grid + ((4 * cells) as usize);
  const rest = smoothed + ((4 * cells) as usize);
  const near = load<f32>(calibration, NEAREST);
  const far = load<f32>(calibration, FARTHEST);
  useCamera(calibration);
  bin(depth, fine, width, height, near, far, grid);
  const head = cutHead(grid, smoothed, rest, false);
  if (head < LEAST_CELLS)
    return tooNear() > LEAST_CELLS ? REASON_TOO_NEAR : tooFar() > LEAST_CELLS ? REASON_TOO_FAR : REASON_NO_FACE;
  makeMean(work + MEAN);
  makeWeights(work + WEIGHTS);
  alignTo(work + MEAN, work + WEIGHTS, work + ALIGN);
  const cover = place(smoothed, rest, work);
  if (cover < 0) return REASON_NO_FACE;
  const nose = noseHeight(rest, points, 1, work + POSES);
  // The grid and the smoothed head are not needed any more.
  splat(rest, points, work + POSES, work, grid, grid + (MAP_BYTES as usize));
  const reason = judge(work, work + POSES, cover, nose, quality);
  if (reason) return reason;
  encode(work, work + MEAN, load<u8>(quality), template);
  // Once more, without the head that was found.
  bin(depth, fine, width, height, near, far, grid);
  leaveSides(grid, work + POSES, rest);
  if (cutHead(grid, smoothed, rest, true) < max(LEAST_CELLS, head / COMPARABLE)) return REASON_NONE;
  if (place(smoothed, rest, work) < LEAST_SECOND) return REASON_NONE;
  if (noseHeight(rest, points, 1, work + POSES) < LEAST_NOSE || !noseSides) return REASON_NONE;
  memory.fill(template, 0, TEMPLATE_BYTES as usize);
  return REASON_TWO_FACES;
}
