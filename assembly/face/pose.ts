// How a head is turned, and where: every candidate for its nose is tried in several turns; the best of these are followed up.
import { align, centreCover, coverage, drawToMiddle, POSE_BYTES, placeOrigin } from "./align";
import { CANDIDATE_BYTES, CANDIDATES, OUTSTANDING } from "./locate";
import { noseHeight } from "./nose";

const YAWS: i32 = 5;
const PITCHES: i32 = 3;
/** A hypothesis: its pose, then how good it is (f32), and the candidate that it is about (u32). */
const MERIT: usize = POSE_BYTES as usize;
const CANDIDATE: usize = MERIT + 4;
const HYPOTHESIS_BYTES: i32 = POSE_BYTES + 8;
const HYPOTHESES: i32 = CANDIDATES * YAWS * PITCHES;
export const POSES_BYTES: i32 = HYPOTHESES * HYPOTHESIS_BYTES;
/** Hypotheses that are followed up after a first and a second look. */
const FIRST: i32 = 24;
const SECOND: i32 = 4;
/** What tells a nose from a forehead, in cells of the mean face: a mm by which the candidate stands out; and, at last, a mm of its height, up to a limit. */
const PER_OUTSTANDING: f32 = 3;
const PER_HEIGHT: f32 = 15;
const ENOUGH_HEIGHT: f32 = 16;
/** The sine of the most that a head is inclined to a shoulder. */
const MOST_INCLINED: f32 = 0.55;
/** How much the candidate's being in the middle counts in the alignment, against all points: faces slide to a side along themselves. */
const DRAW: f32 = 0.04;

// cos and sin of 26, 52 and 20 degrees.
const C26: f32 = 0.898794;
const S26: f32 = 0.4383711;
const C52: f32 = 0.6156615;
const S52: f32 = 0.7880108;
const C20: f32 = 0.9396926;
const S20: f32 = 0.3420201;

/** The rotation of yaw number `a` (-2..2, 26 degrees each) and pitch number `b` (-1..1, 20 degrees each). */
function turn(pose: usize, a: i32, b: i32): void {
  const many = abs(a);
  const c: f32 = many == 2 ? C52 : many == 1 ? C26 : 1;
  let s: f32 = many == 2 ? S52 : many == 1 ? S26 : 0;
  if (a < 0) s = -s;
  const d: f32 = b == 0 ? 1 : C20;
  const e: f32 = b == 0 ? 0 : b < 0 ? -S20 : S20;
  store<f32>(pose, c, 0);
  store<f32>(pose, 0, 4);
  store<f32>(pose, s, 8);
  store<f32>(pose, e * s, 12);
  store<f32>(pose, d, 16);
  store<f32>(pose, -e * c, 20);
  store<f32>(pose, -d * s, 24);
  store<f32>(pose, e, 28);
  store<f32>(pose, d * c, 32);
}

function hypothesis(list: usize, n: i32): usize {
  return list + ((n * HYPOTHESIS_BYTES) as usize);
}

/** Brings the best `keep` of `n` hypotheses to the front. */
function select(list: usize, n: i32, keep: i32): void {
  for (let i = 0; i < keep; i++) {
    let best = i;
    for (let k = i + 1; k < n; k++) {
      if (load<f32>(hypothesis(list, k), MERIT) > load<f32>(hypothesis(list, best), MERIT)) best = k;
    }
    const a = hypothesis(list, i);
    const b = hypothesis(list, best);
    for (let at: usize = 0; at < (HYPOTHESIS_BYTES as usize); at += 4) {
      const word = load<f32>(a + at);
      store<f32>(a + at, load<f32>(b + at));
      store<f32>(b + at, word);
    }
  }
}

/** The coverage of the mean face, in cells, the nose counted `nose` times more: cheeks and foreheads fit in many places. */
function merit(points: usize, count: i32, step: i32, pose: usize, cut: f32, facing: f32, nose: f32): f32 {
  const all = coverage(points, count, step, pose, cut, facing);
  return all + nose * centreCover;
}

/** Improves a hypothesis with every `step`th point (align.ts). */
function improve(
  points: usize,
  count: i32,
  step: i32,
  h: usize,
  rounds: i32,
  cut: f32,
  decay: f32,
  least: f32,
  facing: f32,
): void {
  drawToMiddle(load<u32>(h, CANDIDATE) as usize, (DRAW * (count as f32)) / (step as f32));
  align(points, count, step, h, rounds, cut, decay, least, facing);
  drawToMiddle(0, 0);
}

/**
 * Improves the first `n` hypotheses with every `step`th point, judges them by what is within `near` mm, and brings the best `keep` to the
 * front; returns how many these are.
 */
function follow(
  points: usize,
  count: i32,
  step: i32,
  list: usize,
  n: i32,
  rounds: i32,
  cut: f32,
  least: f32,
  near: f32,
  keep: i32,
): i32 {
  for (let k = 0; k < n; k++) {
    const h = hypothesis(list, k);
    improve(points, count, step, h, rounds, cut, 0.8, least, 0.3);
    let good = merit(points, count, step, h, near, 0.3, 3);
    good += PER_OUTSTANDING * load<f32>(load<u32>(h, CANDIDATE) as usize, OUTSTANDING);
    if (keep == 1) good += PER_HEIGHT * min(ENOUGH_HEIGHT, noseHeight(points, count, step, h));
    store<f32>(h, abs(load<f32>(h, 4)) > MOST_INCLINED ? <f32>0 : good, MERIT);
  }
  const kept = min(n, keep);
  select(list, n, kept);
  return kept;
}

/**
 * Finds the pose that takes the points to the surface of `alignTo`, from `candidates` for the nose; `list` is POSES_BYTES of work space and
 * has the pose at its start in the end. Returns the coverage, the nose counted thrice.
 */
export function findPose(points: usize, count: i32, candidates: usize, found: i32, list: usize): f32 {
  let n = 0;
  for (let k = 0; k < found; k++) {
    const c = candidates + ((k * CANDIDATE_BYTES) as usize);
    for (let a = -2; a <= 2; a++) {
      for (let b = -1; b <= 1; b++) {
        const h = hypothesis(list, n++);
        store<u32>(h, c as u32, CANDIDATE);
        turn(h, a, b);
        placeOrigin(h, load<f32>(c), load<f32>(c, 4), load<f32>(c, 8));
      }
    }
  }
  // About the same number of points whatever the sensor: few while there are many hypotheses.
  const few = max<i32>(1, count / 500);
  n = follow(points, count, few, list, n, 3, 20, 10, 8, FIRST);
  n = follow(points, count, few, list, n, 5, 10, 6, 6, SECOND);
  follow(points, count, max<i32>(1, count / 1800), list, n, 10, 10, 5, 4, 1);
  improve(points, count, max<i32>(1, count / 3500), list, 14, 8, 0.87, 4, 0.5);
  return merit(points, count, 1, list, 6, 0.5, 2);
}
