// Finds pupil and iris in a frame: several hypotheses are followed to both contours, and the joint evidence decides. Deciding on the
// pupil alone takes glint halos and clumps of lashes for pupils.
import { measureLevels, stretchLevels } from "../vision/levels";
import { fillBright } from "../vision/reconstruct";
import { enlarge, reduce } from "../vision/sample";
import { prepareTrig } from "../vision/trig";
import * as l from "./layout";
import { traceIris } from "./outer";
import { brightness, seedPupils, tracePupil } from "./pupil";

/** Few pictures need more than ten; the later ones cost next to nothing. */
const FILL_PAIRS: i32 = 16;

/** A pupil so much weaker than the strongest cannot be saved by its iris. */
const HOPELESS: f32 = 2.5;

/** Evidence for the pupil alone. */
function pupilEvidence(c: usize): f32 {
  return (
    load<f32>(c, l.SEED) * 0.7 +
    load<f32>(c, l.PUPIL_STEP) * 1.5 +
    load<f32>(c, l.PUPIL_WEAK_STEP) -
    brightness(load<f32>(c, l.PUPIL_GREY)) * 2 -
    load<f32>(c, l.PUPIL_RESIDUAL)
  );
}

/** Evidence for pupil and iris together. */
function joint(c: usize): f32 {
  return pupilEvidence(c) + load<f32>(c, l.IRIS_SCORE) * 0.2 + 0.3 * Mathf.log(load<f32>(c, l.IR));
}

/** What a hypothesis loses for having its pupil in the pupil of others: it is a glint's halo, or a ring of glints. */
function haloLoss(c: usize): f32 {
  let loss: f32 = 0;
  for (let i = 0; i < l.HYPOTHESES; i++) {
    let d = l.hypothesis(i);
    if (d == c || load<f32>(d, l.VALID) == 0) continue;
    let pr = load<f32>(d, l.PR);
    let dx = load<f32>(c, l.PX) - load<f32>(d, l.PX);
    let dy = load<f32>(c, l.PY) - load<f32>(d, l.PY);
    if (sqrt<f32>(dx * dx + dy * dy) + load<f32>(c, l.PR) > 1.1 * pr) continue;
    // Its outer boundary is that pupil's edge and not brighter up to there, or it is nothing next to that pupil's own iris.
    let edge =
      load<f32>(c, l.IR) < 1.4 * pr &&
      load<f32>(d, l.PUPIL_GREY) - load<f32>(c, l.PUPIL_GREY) < 0.4 * load<f32>(c, l.PUPIL_CONTRAST);
    if (edge || load<f32>(d, l.IRIS_SCORE) > load<f32>(c, l.IRIS_SCORE) + 4) loss += 2;
  }
  return loss;
}

/** Whether hypothesis i has come to the same pupil as an earlier one. */
function repeats(i: i32): bool {
  let c = l.hypothesis(i);
  for (let k = 0; k < i; k++) {
    let d = l.hypothesis(k);
    if (load<f32>(d, l.VALID) == 0) continue;
    let limit = 0.1 * load<f32>(c, l.PR);
    if (abs(load<f32>(c, l.PX) - load<f32>(d, l.PX)) > limit || abs(load<f32>(c, l.PY) - load<f32>(d, l.PY)) > limit)
      continue;
    if (abs(load<f32>(c, l.PR) - load<f32>(d, l.PR)) < limit) return true;
  }
  return false;
}

/** Fills the bright spots of the working picture into the filled one, as it was before its levels are stretched; returns where. */
export function fillPicture(): usize {
  let filled = l.filledPicture();
  fillBright(l.picture(), l.pictureW(), l.pictureH(), filled, l.gainMap(), FILL_PAIRS);
  return filled;
}

/** Starts hypotheses on the quarter-scale picture; returns what `seedPupils` does. */
export function searchPupils(): usize {
  return seedPupils(l.quarterPicture(), l.pictureW() >> 2, l.pictureH() >> 2);
}

/** Locates the iris of the frame that was laid out. Returns the chosen hypothesis, or 0 when there is none. */
export function locate(): usize {
  prepareTrig();
  let w = l.pictureW();
  let h = l.pictureH();
  if (l.scale() < 0) reduce(l.frame(), l.frameW(), l.frameH(), 2, l.picture());
  else if (l.scale() > 0) enlarge(l.frame(), l.frameW(), l.frameH(), l.picture());
  let filled = fillPicture();
  reduce(filled, w, h, 4, l.quarterPicture());
  let cells = (w >> 2) * (h >> 2);
  measureLevels(l.quarterPicture(), cells);
  stretchLevels(l.quarterPicture(), cells);
  stretchLevels(filled, w * h);
  searchPupils();
  let strongest: f32 = -1e9;
  for (let i = 0; i < l.HYPOTHESES; i++) {
    let c = l.hypothesis(i);
    if (load<f32>(c, l.VALID) == 0) continue;
    if (!tracePupil(filled, w, h, c) || repeats(i)) store<f32>(c, 0, l.VALID);
    else strongest = max(strongest, pupilEvidence(c));
  }
  for (let i = 0; i < l.HYPOTHESES; i++) {
    let c = l.hypothesis(i);
    if (load<f32>(c, l.VALID) == 0) continue;
    if (pupilEvidence(c) < strongest - HOPELESS || !traceIris(filled, w, h, c)) store<f32>(c, 0, l.VALID);
  }
  let best: usize = 0;
  for (let i = 0; i < l.HYPOTHESES; i++) {
    let c = l.hypothesis(i);
    if (load<f32>(c, l.VALID) == 0) continue;
    store<f32>(c, joint(c) - haloLoss(c), l.JOINT);
    if (!best || load<f32>(c, l.JOINT) > load<f32>(best, l.JOINT)) best = c;
  }
  return best;
}
