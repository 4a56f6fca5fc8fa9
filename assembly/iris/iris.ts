// The iris modality as the rest of the image sees it: frame in, template and quality out, two templates compared.
import { REASON_UNSUPPORTED } from "../pec/words";
import { NOT_MEASURED, QUALITY_BYTES } from "../vision/quality";
import { encode, TEMPLATE_BYTES } from "./encode";
import * as l from "./layout";
import { livenessWipe, measureLiveness } from "./liveness";
import { locate } from "./locate";
import { coarseDistance, distance, fineDistance, wipeMatch } from "./match";
import { COARSE_FROM } from "./match-coarse";
import { maskOutliers, unwrap } from "./normalize";
import { measureQuality, notFound } from "./quality";

/** Bytes of an iris template. */
export const IRIS_TEMPLATE_BYTES: i32 = TEMPLATE_BYTES;
/** `irisGlance` reads the reference from this byte on. */
export const IRIS_GLANCE_FROM: i32 = COARSE_FROM;

/** Bytes of work space for a frame of width x height (160x120 to 640x480), the frame itself not counted; 0: size not supported. */
export function irisWorkspace(width: i32, height: i32): i32 {
  return l.layoutBytes(width, height);
}

let chosen: usize = 0;

/** The hypothesis that the last extraction chose (see layout.ts), 0 when it found none; for debug views. */
export function irisChosen(): usize {
  return chosen;
}

/**
 * Extracts a template (IRIS_TEMPLATE_BYTES) and its quality (QUALITY_BYTES) from an 8-bit grey frame, row-major.
 * `workspace` is 8-byte aligned and `irisWorkspace` bytes long. Returns 0, or a REASON of pec/words.ts; the template is then zeroed.
 */
export function irisExtract(
  frame: usize,
  width: i32,
  height: i32,
  workspace: usize,
  template: usize,
  quality: usize,
): i32 {
  chosen = 0;
  memory.fill(template, 0, TEMPLATE_BYTES as usize);
  memory.fill(quality, NOT_MEASURED, QUALITY_BYTES as usize);
  if (!l.layoutBytes(width, height)) return REASON_UNSUPPORTED;
  l.layOut(frame, width, height, workspace);
  let found = locate();
  if (!found) return notFound();
  chosen = found;
  unwrap(found);
  let share = maskOutliers();
  let reason = measureQuality(found, share, quality);
  if (reason == 0) encode(template);
  return reason;
}

/** Adds the raw terms of the last extraction (liveness/evidence.ts). Call it while its work space is still there. */
export function irisLiveness(evidence: usize): void {
  if (chosen) measureLiveness(chosen, evidence);
}

/** Comparison score of two templates, 0..1_000_000, higher is more alike (ISO/IEC 2382-37): 1e6 * (1 - distance). */
export function irisCompare(probe: usize, reference: usize): i32 {
  return score(distance(probe, reference));
}

/** The comparison score where a coarse comparison is enough to tell, -1 where `irisCompareOn` has to look closer. */
export function irisGlance(probe: usize, reference: usize): i32 {
  const coarse = coarseDistance(probe, reference);
  return coarse < 0 ? -1 : score(coarse);
}

/** The comparison score of two templates of which `irisGlance` has just said -1. */
export function irisCompareOn(probe: usize, reference: usize): i32 {
  return score(fineDistance(probe, reference));
}

function score(distance: f32): i32 {
  return ((<f32>1 - distance) * 1e6) as i32;
}

/** Zeroes what extractions and comparisons left in static buffers (the work space is the caller's); returns the bytes zeroed. */
export function irisWipe(): i32 {
  chosen = 0;
  livenessWipe();
  return wipeMatch();
}
