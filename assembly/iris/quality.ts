// Is this an iris, how good is it, and if it cannot be used, why not. The measures follow ISO/IEC 29794-6 (usable area, contrasts,
// sharpness, grey spread, pupil ratio, concentricity and margin, circularity, size), each mapped to 0..100; their order is that of
// QUALITY_MEASURES. Everything compares grey values with each other, nothing with a fixed brightness.
import {
  REASON_EYE_CLOSED,
  REASON_LOW_CONTRAST,
  REASON_NONE,
  REASON_NOT_FOUND,
  REASON_OFF_CENTRE,
  REASON_OUT_OF_FOCUS,
} from "../pec/words";
import { levelSpread, stretched } from "../vision/levels";
import { fault, grade, putQuality } from "../vision/quality";
import { bilinear } from "../vision/sample";
import { clearHistogram, count, counted, entropy } from "../vision/statistics";
import { cosine, RAYS, sine } from "../vision/trig";
import * as l from "./layout";

/** Grey levels between the darkest and the brightest hundredth of a frame, below which it shows nothing. */
const BLANK: i32 = 16;

/** Why nothing was found in the frame that `locate` has searched: it shows next to nothing, or no iris. */
export function notFound(): i32 {
  return levelSpread() < BLANK ? REASON_LOW_CONTRAST : REASON_NOT_FOUND;
}

/**
 * What must hold of an eye: joint evidence, a step at the pupil that goes all around, one at the outer boundary, a contour that
 * keeps to its ellipse and is no smaller than any pupil (2 mm of 12), a pupil that is darker than the iris by some part of the
 * iris's own grey value, and an iris that is even.
 */
function isEye(c: usize, grey: f32, unevenness: f32): bool {
  return (
    load<f32>(c, l.JOINT) > 4.2 &&
    load<f32>(c, l.IRIS_SCORE) > 4 &&
    load<f32>(c, l.PUPIL_STEP) > 0.45 &&
    load<f32>(c, l.PUPIL_WEAK_STEP) > 0.25 &&
    load<f32>(c, l.PUPIL_RESIDUAL) < 0.85 &&
    load<f32>(c, l.PR) > 0.14 * load<f32>(c, l.IR) &&
    load<f32>(c, l.PUPIL_CONTRAST) > 0.12 * (grey + 20) &&
    unevenness < 0.42
  );
}

/** Mean of |second difference| along the radius of usable samples, grey levels: how much fine texture there is. */
function texture(): f32 {
  let sum = 0;
  let n = 0;
  for (let o: usize = l.COLUMNS; o < <usize>(l.COLUMNS * (l.BANDS - 1)); o++) {
    let m = l.usable() + o;
    if (!(load<u8>(m - l.COLUMNS) & load<u8>(m) & load<u8>(m + l.COLUMNS))) continue;
    let u = l.unwrapped() + o;
    sum += abs(2 * (load<u8>(u) as i32) - (load<u8>(u - l.COLUMNS) as i32) - (load<u8>(u + l.COLUMNS) as i32));
    n++;
  }
  return n ? (sum as f32) / (n as f32) : 0;
}

/** Mean grey value on both sides just outside the iris, where the sclera is. */
function scleraGrey(c: usize): f32 {
  let sum: f32 = 0;
  for (let k = 0; k < 32; k++) {
    let i = k < 16 ? k - 4 : k + 40; // -11..31 degrees below the horizontal, and its mirror image
    let r: f32 = 1.15 * load<f32>(c + (((i & 127) as usize) << 2), l.IRIS_CONTOUR);
    let x = load<f32>(c, l.IX) + r * cosine(i);
    let y = load<f32>(c, l.IY) + r * sine(i);
    sum += bilinear(l.filledPicture(), l.pictureW(), l.pictureH(), x, y);
  }
  return sum * (1.0 / 32.0);
}

/** Share of the outer contour's lower half and sides that lies in the frame: the upper part is the lid's. */
function inFrame(c: usize): f32 {
  let inside = 0;
  let rays = 0;
  for (let i = 0; i < RAYS; i++) {
    if (sine(i) < -0.5) continue;
    let r = load<f32>(c + ((i as usize) << 2), l.IRIS_CONTOUR);
    let x = load<f32>(c, l.IX) + r * cosine(i);
    let y = load<f32>(c, l.IY) + r * sine(i);
    rays++;
    if (x >= 0 && y >= 0 && x < (l.pictureW() as f32) && y < (l.pictureH() as f32)) inside++;
  }
  return (inside as f32) / (rays as f32);
}

/** Writes the measures of hypothesis c, unwrapped and masked; returns 0 or a reason of pec/words.ts. */
export function measureQuality(c: usize, usableShare: f32, record: usize): i32 {
  clearHistogram();
  let sum = 0;
  let squares = 0;
  let outer = 0; // usable samples of the outer half, which lids and lashes cover first
  for (let o: usize = 0; o < <usize>(l.COLUMNS * l.BANDS); o++) {
    if (!load<u8>(l.usable() + o)) continue;
    if (o >= <usize>(l.COLUMNS * (l.BANDS / 2))) outer++;
    let v = load<u8>(l.unwrapped() + o) as i32;
    count(v);
    sum += v;
    squares += v * v;
  }
  let n = max<f32>(1, counted() as f32);
  let mean: f32 = (sum as f32) / n;
  let deviation = sqrt<f32>(max<f32>(0, (squares as f32) / n - mean * mean));
  let grey = stretched(mean); // as the contours' grey values are
  let fine: f32 = (texture() + 1) / (deviation + 1);

  let pupil = load<f32>(c, l.PUPIL_GREY);
  let weber: f32 = max<f32>(0, grey - pupil) / (20 + pupil);
  let limbus: f32 = (scleraGrey(c) - grey) / max<f32>(1, scleraGrey(c) + grey - 2 * pupil);
  let ir = load<f32>(c, l.IR);
  let ratio: f32 = load<f32>(c, l.PR) / ir;
  let dx = load<f32>(c, l.PX) - load<f32>(c, l.IX);
  let dy = load<f32>(c, l.PY) - load<f32>(c, l.IY);
  let concentric: f32 = 1 - sqrt<f32>(dx * dx + dy * dy) / ir;
  let inside = inFrame(c);
  let sharp = grade(fine, 0.13, 0.45);
  let radius: f32 = l.scale() < 0 ? 2 * ir : l.scale() > 0 ? 0.5 * ir : ir;

  let badness =
    fault(load<f32>(c, l.JOINT), 3.5, 6.5) +
    fault(load<f32>(c, l.IRIS_SCORE), 2, 13) +
    fault(load<f32>(c, l.PUPIL_STEP), 0.4, 1) +
    fault(load<f32>(c, l.PUPIL_RESIDUAL), 1, 0.2) +
    fault((outer as f32) / ((l.COLUMNS * (l.BANDS / 2)) as f32), 0.1, 1) +
    fault(load<f32>(c, l.PUPIL_CONTRAST) / (grey + 20), 0, 0.8) +
    fault(ratio, 0.75, 0.3) +
    fault(sharp, 0, 1);
  putQuality(record, 0, 100 * grade(64 / (badness * badness), 0.42, 0.75));
  putQuality(record, 1, 100 * usableShare);
  putQuality(record, 2, 100 * min<f32>(weber / (0.75 + weber), 6 * limbus));
  putQuality(record, 3, 100 * sharp);
  putQuality(record, 4, 12.5 * entropy());
  putQuality(record, 5, 100 * min<f32>(grade(ratio, 0.1, 0.25), grade(ratio, 0.8, 0.6)));
  putQuality(record, 6, 100 * min<f32>(grade(concentric, 0.7, 1), inside));
  putQuality(record, 7, 100 * grade(load<f32>(c, l.PUPIL_RESIDUAL), 1, 0.1));
  putQuality(record, 8, 100 * grade(radius, 20, 80));

  if (!isEye(c, grey, deviation / (mean + 8))) return notFound();
  if (inside < 0.35) return REASON_OFF_CENTRE;
  if (usableShare < 0.3) return REASON_EYE_CLOSED;
  return fine < 0.07 ? REASON_OUT_OF_FOCUS : REASON_NONE;
}
