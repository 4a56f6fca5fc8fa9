// The modalities this image has, by the ids of pec/words.ts. A new modality is a folder with the same rooms and a line in each function.
// `form` says how the sensor presents what it sees (vision/form.ts); it is one that `modalityForm` gave.
import {
  faceBegin,
  faceCaptureBytes,
  faceCompare,
  faceCompareBytes,
  faceExtract,
  faceFeed,
  faceFrameBytes,
  faceFuse,
  faceLiveness,
  faceStreams,
  faceTemplateBytes,
  faceWipe,
  faceWorkspace,
} from "./face/face";
import {
  IRIS_GLANCE_FROM,
  IRIS_TEMPLATE_BYTES,
  irisCompare,
  irisCompareOn,
  irisExtract,
  irisGlance,
  irisLiveness,
  irisWipe,
  irisWorkspace,
} from "./iris/iris";
import { palmCompare, palmExtract, palmLiveness, palmTemplateBytes, palmWipe, palmWorkspace } from "./palm/palm";
import { MODALITY_FACE, MODALITY_IRIS, MODALITY_PALM } from "./pec/words";
import { BAND_UP_TO_900, FORM_BANDS, formBands, formKind, formOf } from "./vision/form";
import { wipeStatistics } from "./vision/statistics";

/** No modality's template is longer. */
export const TEMPLATE_BYTES_MAX: i32 = IRIS_TEMPLATE_BYTES;

/** The form as the modality has it: what means the same is the same, so that references are found by it. */
export function modalityForm(modality: i32, form: i32): i32 {
  if (modality == MODALITY_FACE) return formOf(0, 0, 0, formKind(form));
  if (modality != MODALITY_PALM) return 0;
  return form & FORM_BANDS ? form : form | BAND_UP_TO_900;
}

/** Bytes of a frame of width x height: its planes one after the other, each 8-bit grey, row-major; of a face see faceFrameBytes. */
export function modalityFrameBytes(modality: i32, width: i32, height: i32, form: i32): i32 {
  return modality == MODALITY_FACE ? faceFrameBytes(width, height, form) : width * height * formBands(form);
}

/** Whether frames of this form are taken in as they come, by `modalityBegin` and `modalityFeed`, and need no place of their own. */
export function modalityStreams(modality: i32, form: i32): bool {
  return modality == MODALITY_FACE && faceStreams(form);
}

/** Prepares `workspace` for the first byte of a frame that is taken in as it comes. */
export function modalityBegin(width: i32, height: i32, form: i32, workspace: usize): void {
  faceBegin(width, height, form, workspace);
}

/** Takes the next bytes of such a frame. Returns 1: more are wanted, 0: it is whole, -1: they are nothing of the kind. */
export function modalityFeed(bytes: usize, length: i32): i32 {
  return faceFeed(bytes, length);
}

/** Bytes of work space for a frame of width x height, the frame itself not counted; 0: not a modality, size or form of this image. */
export function modalityWorkspace(modality: i32, width: i32, height: i32, form: i32): i32 {
  if (modality == MODALITY_IRIS) return irisWorkspace(width, height);
  if (modality == MODALITY_FACE) return faceWorkspace(width, height, form);
  return modality == MODALITY_PALM ? palmWorkspace(width, height, form) : 0;
}

/** Bytes of a template; 0: not a modality of this image. */
export function modalityTemplateBytes(modality: i32, form: i32): i32 {
  if (modality == MODALITY_IRIS) return IRIS_TEMPLATE_BYTES;
  if (modality == MODALITY_FACE) return faceTemplateBytes();
  return modality == MODALITY_PALM ? palmTemplateBytes(form) : 0;
}

/** Extracts a template and its quality from a frame. Returns 0, or why not, as a REASON of pec/words.ts. */
export function modalityExtract(
  modality: i32,
  frame: usize,
  width: i32,
  height: i32,
  form: i32,
  workspace: usize,
  template: usize,
  quality: usize,
): i32 {
  if (modality == MODALITY_IRIS) return irisExtract(frame, width, height, workspace, template, quality);
  if (modality == MODALITY_FACE) return faceExtract(frame, width, height, form, workspace, template, quality);
  return modality == MODALITY_PALM ? palmExtract(frame, width, height, form, workspace, template, quality) : -1;
}

/** Bytes of work space that a comparison needs. */
export function modalityCompareBytes(modality: i32): i32 {
  return modality == MODALITY_FACE ? faceCompareBytes() : 0;
}

/**
 * Comparison score of two templates of one form, 0..1_000_000, higher is more alike; -1: not a modality of this image. `work` is
 * `modalityCompareBytes` long.
 */
export function modalityCompare(modality: i32, probe: usize, reference: usize, work: usize): i32 {
  if (modality == MODALITY_FACE) return faceCompare(probe, reference, work);
  if (modality == MODALITY_IRIS) return irisCompare(probe, reference);
  return modality == MODALITY_PALM ? palmCompare(probe, reference) : -1;
}

/** Bytes of a capture of several frames, which begins with a template; 0: the modality has none. */
export function modalityCaptureBytes(modality: i32): i32 {
  return modality == MODALITY_FACE ? faceCaptureBytes() : 0;
}

/** Adds a frame's template to a capture, zeroed before its first; false: it is not of the same presentation. `work` as for `modalityCompare`. */
export function modalityFuse(capture: usize, template: usize, work: usize): bool {
  return faceFuse(capture, template, work);
}

/** The byte from which on `modalityGlance` reads a reference. */
export function modalityGlanceFrom(modality: i32): i32 {
  return modality == MODALITY_IRIS ? IRIS_GLANCE_FROM : 0;
}

/** The comparison score where a part of the reference says enough, -1 where `modalityCompareOn` is to follow. */
export function modalityGlance(modality: i32, probe: usize, reference: usize): i32 {
  return modality == MODALITY_IRIS ? irisGlance(probe, reference) : -1;
}

/** The comparison score of two templates of which `modalityGlance` has just said -1; -1: not a modality of this image. */
export function modalityCompareOn(modality: i32, probe: usize, reference: usize, work: usize): i32 {
  return modality == MODALITY_IRIS
    ? irisCompareOn(probe, reference)
    : modalityCompare(modality, probe, reference, work);
}

/** Zeroes what the modalities left in static buffers; returns the bytes zeroed. */
export function modalityWipe(): i32 {
  return wipeStatistics() + irisWipe() + palmWipe() + faceWipe();
}

/** Adds the raw liveness terms of the last extraction to what was measured (liveness/evidence.ts). Call it before the work space is wiped. */
export function modalityLiveness(modality: i32, evidence: usize): void {
  if (modality == MODALITY_IRIS) irisLiveness(evidence);
  else if (modality == MODALITY_FACE) faceLiveness(evidence);
  else if (modality == MODALITY_PALM) palmLiveness(evidence);
}
