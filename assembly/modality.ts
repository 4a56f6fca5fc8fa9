// The modalities this image has, by the ids of pec/words.ts. A new modality is a folder with the same rooms and a line in each function.
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
import { MODALITY_IRIS } from "./pec/words";

/** No modality's template is longer. */
export const TEMPLATE_BYTES_MAX: i32 = 4096;

/** Bytes of work space for a frame of width x height, the frame itself not counted; 0: not a modality or size of this image. */
export function modalityWorkspace(modality: i32, width: i32, height: i32): i32 {
  return modality == MODALITY_IRIS ? irisWorkspace(width, height) : 0;
}

/** Bytes of a template; 0: not a modality of this image. */
export function modalityTemplateBytes(modality: i32): i32 {
  return modality == MODALITY_IRIS ? IRIS_TEMPLATE_BYTES : 0;
}

/** Extracts a template and its quality from a frame (8-bit grey, row-major). Returns 0, or why not, as a REASON of pec/words.ts. */
export function modalityExtract(
  modality: i32,
  frame: usize,
  width: i32,
  height: i32,
  workspace: usize,
  template: usize,
  quality: usize,
): i32 {
  return modality == MODALITY_IRIS ? irisExtract(frame, width, height, workspace, template, quality) : -1;
}

/** Comparison score of two templates, 0..1_000_000, higher is more alike; -1: not a modality of this image. */
export function modalityCompare(modality: i32, probe: usize, reference: usize): i32 {
  return modality == MODALITY_IRIS ? irisCompare(probe, reference) : -1;
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
export function modalityCompareOn(modality: i32, probe: usize, reference: usize): i32 {
  return modality == MODALITY_IRIS ? irisCompareOn(probe, reference) : -1;
}

/** Zeroes what the modalities left in static buffers; returns the bytes zeroed. */
export function modalityWipe(): i32 {
  return irisWipe();
}

/** Raw liveness term of the last extraction (LIVENESS_GRADIENT of pec/words.ts), millibits; -1: not measured. Call it before the work space is wiped. */
export function modalityLiveness(modality: i32): i32 {
  return modality == MODALITY_IRIS ? irisLiveness() : -1;
}
