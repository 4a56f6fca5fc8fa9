// Whether a face is seen well enough to be compared, and how well. A limit that refuses lies where the alignment is no longer to be believed;
// everything else lowers the quality, and policies say how much of that they want.
import {
  QUALITY_FACE_COVERAGE,
  QUALITY_FRONTALITY,
  REASON_COVERED,
  REASON_NO_FACE,
  REASON_NONE,
  REASON_TURNED_AWAY,
} from "../pec/words";
import { grade, putQuality } from "../vision/quality";
import { inField } from "./encode";
import { NONE } from "./normalize";
import { noseSides } from "./nose";
import { CELLS, xOf, yOf } from "./surface";

/** Coverage of faces at best (pose.ts), and what is no face with less. */
const BEST_COVER: f32 = 1600;
const LEAST_COVER: f32 = 350;
/** Degrees beyond which half of a face is hidden. */
const MOST_TURN: f32 = 50;
/** Cells of the template that must have a value, of about 700 on each side; and where one side of the nose is not known. */
const LEAST_SIDE: i32 = 180;
const LEAST_FAR_SIDE: i32 = 280;
/** The nose stands at least so far before what is on either side, mm: planes, balls, backs of heads and cheeks have none. */
export const LEAST_NOSE: f32 = 4.5;
/** What a degree of yaw costs, in cells. */
const CELLS_PER_DEGREE: f32 = 15;

/** Degrees of the angle that has this sine, within a degree up to 60. */
function degrees(sine: f32): f32 {
  const s2 = sine * sine;
  return 57.29578 * sine * (1 + s2 * (0.1666667 + s2 * (0.075 + s2 * 0.0446429)));
}

/** Degrees that the face of this pose is turned to a side: positive, to the picture's right. */
export function yawOf(pose: usize): f32 {
  const x = load<f32>(pose, 24);
  const z = load<f32>(pose, 32);
  return degrees(x / sqrt<f32>(max<f32>(0.01, x * x + z * z)));
}

/**
 * Judges a canonical map, laid by `pose` so that it covers `cover` cells of the mean face and its nose stands `nose` mm out, and writes the quality record. Returns 0, or a
 * REASON of pec/words.ts.
 */
export function judge(map: usize, pose: usize, cover: f32, nose: f32, quality: usize): i32 {
  const yaw = abs(yawOf(pose));
  let left = 0;
  let right = 0;
  for (let n = 0; n < CELLS; n++) {
    if (!inField(n) || load<f32>(map + ((n as usize) << 2)) == NONE) continue;
    if (xOf(n) < 0) left++;
    else right++;
  }
  putQuality(quality, 0, 100 * grade(cover - CELLS_PER_DEGREE * yaw, 0, BEST_COVER));
  putQuality(quality, QUALITY_FACE_COVERAGE, 100 * grade(cover, 0, BEST_COVER));
  putQuality(quality, QUALITY_FRONTALITY, 100 * grade(yaw, MOST_TURN, 0));
  const side = min(left, right);
  if (cover < LEAST_COVER || nose < LEAST_NOSE || (!noseSides && side < LEAST_FAR_SIDE)) return REASON_NO_FACE;
  if (yaw > MOST_TURN || abs(degrees(load<f32>(pose, 28))) > MOST_TURN) return REASON_TURNED_AWAY;
  return side < LEAST_SIDE ? REASON_COVERED : REASON_NONE;
}
