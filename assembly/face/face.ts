// The face modality as the rest of the image sees it: a depth map in, template and quality out, two templates compared.
import { REASON_UNSUPPORTED } from "../pec/words";
import { FORM_DEPTH_MAP } from "../vision/form";
import { NOT_MEASURED, QUALITY_BYTES } from "../vision/quality";
import { TEMPLATE_BYTES } from "./encode";
import { EXTRACT_BYTES, extract, extractBytes } from "./extract";
import { MATCH_BYTES, unlikeness } from "./match";
import { MAP_BYTES } from "./surface";

/** An unlikeness (match.ts) of this many millimetres scores 0, none at all scores 1,000,000. */
const WORST: f32 = 10;

export const FACE_VIEW_BYTES: i32 = MAP_BYTES;
let view: usize = 0;

/** Bytes of a template. */
export function faceTemplateBytes(form: i32): i32 {
  return TEMPLATE_BYTES;
}

/** Bytes of work space for a frame of width x height (64x64 to 640x480), the frame itself not counted; 0: size or form not supported. */
export function faceWorkspace(width: i32, height: i32, form: i32): i32 {
  if (width < 64 || height < 64 || width > 640 || height > 480 || form != FORM_DEPTH_MAP) return 0;
  return EXTRACT_BYTES + extractBytes(width, height);
}

/** Bytes of work space for a comparison. */
export function faceCompareBytes(): i32 {
  return MATCH_BYTES;
}

/**
 * Extracts a template (`faceTemplateBytes`) and its quality (QUALITY_BYTES) from a depth map (u16 little-endian, 0.1 mm, 0 = none, row-major) of
 * the sensor with this calibration block. `workspace` is 8-byte aligned and `faceWorkspace` bytes long. Returns 0, or a REASON of
 * pec/words.ts; the template is then zeroed.
 */
export function faceExtract(
  frame: usize,
  width: i32,
  height: i32,
  form: i32,
  calibration: usize,
  workspace: usize,
  template: usize,
  quality: usize,
): i32 {
  view = 0;
  memory.fill(template, 0, TEMPLATE_BYTES as usize);
  memory.fill(quality, NOT_MEASURED, QUALITY_BYTES as usize);
  if (!faceWorkspace(width, height, form)) return REASON_UNSUPPORTED;
  const reason = extract(frame, true, width, height, calibration, workspace, template, quality);
  if (reason == 0) view = workspace;
  return reason;
}

/** Comparison score of two templates, 0..1_000_000, higher is more alike. `work` is 8-byte aligned, `faceCompareBytes` long. */
export function faceCompare(probe: usize, reference: usize, work: usize): i32 {
  return max<f32>(0, min<f32>(1e6, 1e6 - (1e6 / WORST) * unlikeness(probe, reference, work))) as i32;
}

/** The canonical map of the last extraction (surface.ts, FACE_VIEW_BYTES), 0: there is none; for debug views. */
export function faceView(): usize {
  return view;
}
