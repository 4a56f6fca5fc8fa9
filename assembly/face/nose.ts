// Does a nose stand where one should? Foreheads, cheeks, planes and balls can be laid on the mean face well enough to be taken for a face; none of
// them has something in its middle that stands out.
import { movedX, movedY, movedZ, moveTo, POINT_BYTES } from "./align";

/** Half the breadth of what is taken for the tip, and where its sides are, mm. */
const TIP: f32 = 6;
const INNER: f32 = 18;
const OUTER: f32 = 30;
/** Heights at which the nose stands out most, mm. */
const LOWEST: f32 = -5;
const HIGHEST: f32 = 15;

/** Of the last `noseHeight`: whether both sides were seen, if only a little of one. Of the edge of a slanting board one is, as far back as a nose's. */
export let noseSides: bool = false;

/**
 * How far what `pose` lays where the nose's tip belongs stands before what is on either side of it (of a turned face, on the
 * side that is seen), mm; 0: not, or it cannot be told.
 */
export function noseHeight(points: usize, count: i32, step: i32, pose: usize): f32 {
  let tip: f32 = 0;
  let tips: f32 = 0;
  let left: f32 = 0;
  let lefts: f32 = 0;
  let right: f32 = 0;
  let rights: f32 = 0;
  const end = points + (count as usize) * POINT_BYTES;
  for (let p = points; p < end; p += (step as usize) * POINT_BYTES) {
    moveTo(pose, p);
    if (movedY < LOWEST || movedY > HIGHEST) continue;
    const x = abs(movedX);
    if (x < TIP) {
      tip += movedZ;
      tips++;
    } else if (x > INNER && x < OUTER) {
      if (movedX < 0) {
        left += movedZ;
        lefts++;
      } else {
        right += movedZ;
        rights++;
      }
    }
  }
  noseSides = min<f32>(lefts, rights) > tips * 0.04;
  if (tips == 0 || lefts + rights == 0) return 0;
  const side = max<f32>(lefts > 0 ? left / lefts : -1000, rights > 0 ? right / rights : -1000);
  return max<f32>(0, tip / tips - side);
}
