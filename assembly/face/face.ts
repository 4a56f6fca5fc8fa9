// The 3D face modality as the rest of the image sees it: a depth map, or a stack of coded pictures under fringes as it comes, in; template and
// quality out; two templates compared.
import { aligned } from "../arena";
import { REASON_UNSUPPORTED } from "../pec/words";
import { formKind, KIND_DEPTH, KIND_PHASE_GRAY } from "../vision/form";
import { NOT_MEASURED, QUALITY_BYTES } from "../vision/quality";
import { rowsBegin, rowsBytes, rowsPicture, rowsReady, rowsRow, rowsTake } from "../vision/rows";
import { A, CALIBRATION_BYTES } from "./calibration";
import { decodeBegin, decodeBytes, decodeEnd, decodeFlags, decodePhase, decodeRow } from "./decode";
import { depthFromPhase } from "./depth";
import { TEMPLATE_BYTES } from "./encode";
import { EXTRACT_BYTES, extract, extractBytes } from "./extract";
import { CAPTURE_BYTES, fuse } from "./fuse";
import { HEAD_BYTES } from "./head";
import { measureLiveness } from "./liveness";
import { MATCH_BYTES, unlikeness } from "./match";
import { PATTERN_GRAY, PATTERN_SHIFT, patternPeriod, patternPeriods, patternPictures } from "./pattern";
import { MAP_BYTES } from "./surface";

/** An unlikeness (match.ts) of this many millimetres scores 0, none at all scores 1,000,000. */
const WORST: f32 = 10;
/** Fringes over the projector's width whose phase a calibration says. */
export const CALIBRATED_FRINGES: i32 = 64;

/** The calibration of the sensor whose frames are extracted (calibration.ts): whoever extracts faces writes it there first. */
export const FACE_CALIBRATION: usize = memory.data(64, 8);

export const FACE_VIEW_BYTES: i32 = MAP_BYTES;
let view: usize = 0;

// Work space for a stack: a copy of the calibration, the state of the coded rows, then what decode.ts needs. Depth takes the place of the
// phase there, and what extract.ts needs lies behind it, where the decoder has nothing more to do.
let rows: usize = 0;
let pictures: i32 = 0;

function patternOf(form: i32): usize {
  return formKind(form) == KIND_PHASE_GRAY ? PATTERN_GRAY : PATTERN_SHIFT;
}

/** Whether frames of this form are stacks of coded pictures, which are decoded as they come. */
export function faceStreams(form: i32): bool {
  return formKind(form) != KIND_DEPTH;
}

/** Bytes of a frame: of a depth map, two a pixel; of a stack, the most that it can have. */
export function faceFrameBytes(width: i32, height: i32, form: i32): i32 {
  return faceStreams(form) ? patternPictures(patternOf(form)) * height * (width + 3) : 2 * width * height;
}

/** Bytes of a template. */
export function faceTemplateBytes(): i32 {
  return TEMPLATE_BYTES;
}

/** Bytes of work space for a frame of width x height (64x64 to 640x480), the frame itself not counted; 0: size or form not supported. */
export function faceWorkspace(width: i32, height: i32, form: i32): i32 {
  if (width < 64 || height < 64 || width > 640 || height > 480 || formKind(form) > KIND_PHASE_GRAY) return 0;
  const extracting = EXTRACT_BYTES + extractBytes(width, height);
  if (!faceStreams(form)) return extracting;
  const depth = aligned(4 * width * height);
  const before = CALIBRATION_BYTES + aligned(rowsBytes(width)); // the decoder is given a 16-byte boundary
  return before + max(aligned(decodeBytes(width, height, patternOf(form))), aligned(HEAD_BYTES) + depth + extracting);
}

/** Prepares `workspace` for the first byte of a stack. */
export function faceBegin(width: i32, height: i32, form: i32, workspace: usize): void {
  rows = workspace + (CALIBRATION_BYTES as usize);
  pictures = patternPictures(patternOf(form));
  rowsBegin(rows, width, height);
  decodeBegin(rows + (aligned(rowsBytes(width)) as usize), width, height, patternOf(form));
}

/** Takes the next `length` bytes of the stack. Returns 1: more are wanted, 0: it is whole, -1: they are not coded rows, or too many. */
export function faceFeed(bytes: usize, length: i32): i32 {
  while (length > 0) {
    const picture = rowsPicture(rows);
    const row = rowsRow(rows);
    if (picture >= pictures) return -1;
    const taken = rowsTake(rows, bytes, length);
    if (taken < 0) return -1;
    const pixels = rowsReady(rows);
    if (pixels) decodeRow(picture, row, pixels);
    bytes += taken as usize;
    length -= taken;
  }
  return rowsPicture(rows) < pictures ? 1 : 0;
}

/**
 * Extracts a template (`faceTemplateBytes`) and its quality (QUALITY_BYTES) from a depth map (u16 little-endian, 0.1 mm, 0 = none, row-major), or
 * from the stack that `faceFeed` took, of the sensor of FACE_CALIBRATION. `workspace` is 16-byte aligned and `faceWorkspace` bytes long.
 * Returns 0, or a REASON of pec/words.ts; the template is then zeroed.
 */
export function faceExtract(
  frame: usize,
  width: i32,
  height: i32,
  form: i32,
  workspace: usize,
  template: usize,
  quality: usize,
): i32 {
  view = 0;
  memory.fill(template, 0, TEMPLATE_BYTES as usize);
  memory.fill(quality, NOT_MEASURED, QUALITY_BYTES as usize);
  if (!faceWorkspace(width, height, form)) return REASON_UNSUPPORTED;
  let depth = frame;
  let work = workspace;
  if (faceStreams(form)) {
    const fault = decodeEnd();
    if (fault) return fault;
    scaleCalibration(workspace, patternOf(form));
    depth = decodePhase();
    depthFromPhase(depth, decodeFlags(), width, height, 0, 0, workspace);
    work = depth + (aligned(4 * width * height) as usize);
  }
  const reason = extract(depth, !faceStreams(form), width, height, FACE_CALIBRATION, work, template, quality);
  if (reason == 0) view = work;
  return reason;
}

/** Copies the calibration, its phase that of the pattern's finest fringes. */
function scaleCalibration(to: usize, pattern: usize): void {
  const fringes = patternPeriod(pattern, patternPeriods(pattern) - 1) as f32;
  memory.copy(to, FACE_CALIBRATION, CALIBRATION_BYTES as usize);
  for (let p = to + A; p < to + A + 16; p += 4) store<f32>(p, (load<f32>(p) * fringes) / (CALIBRATED_FRINGES as f32));
}

/** Bytes of work space for a comparison. */
export function faceCompareBytes(): i32 {
  return MATCH_BYTES;
}

/** Comparison score of two templates, 0..1_000_000, higher is more alike. `work` is 8-byte aligned, `faceCompareBytes` long. */
export function faceCompare(probe: usize, reference: usize, work: usize): i32 {
  return max<f32>(0, min<f32>(1e6, 1e6 - (1e6 / WORST) * unlikeness(probe, reference, work))) as i32;
}

/** Bytes of a capture (fuse.ts). */
export function faceCaptureBytes(): i32 {
  return CAPTURE_BYTES;
}

/** Adds the template of a frame to a capture, zeroed before its first; false: it is not of the same presentation. `work` as for `faceCompare`. */
export function faceFuse(capture: usize, frame: usize, work: usize): bool {
  return fuse(capture, frame, work);
}

/** Nothing of a person stays in static buffers but what was counted (vision/statistics.ts): all else is in the work space. */
export function faceWipe(): i32 {
  view = 0;
  return 0;
}

/** Adds the raw terms of the last extraction (liveness/evidence.ts). Call it while frame and work space are still there. */
export function faceLiveness(evidence: usize): void {
  measureLiveness(evidence);
}

/** The canonical map of the last extraction (surface.ts, FACE_VIEW_BYTES), 0: there is none; for debug views. */
export function faceView(): usize {
  return view;
}
