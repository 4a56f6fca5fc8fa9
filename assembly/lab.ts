// Lab exports: what the evaluation calls, in the runner alone and never over the link. The evaluated image is the shipped image.
import { arenaBytes, reserveArena } from "./arena";
import { IRIS_TEMPLATE_BYTES, irisChosen, irisCompare, irisExtract, irisWorkspace } from "./iris/iris";
import * as layout from "./iris/layout";
import { fillPicture, searchPupils } from "./iris/locate";
import { QUALITY_BYTES } from "./vision/quality";

/** The modality ids of the link. */
const IRIS: i32 = 1;
const SLOTS: i32 = 4;
const SLOT_BYTES: i32 = 4096;

const TEMPLATES: usize = memory.data(SLOTS * SLOT_BYTES, 8);
const QUALITY: usize = memory.data(QUALITY_BYTES, 8);

let frame: usize = 0;
let frameWidth: i32 = 0;
let frameHeight: i32 = 0;

/** Reserves the arena for frames of width x height and returns where the frame goes; 0: not supported. */
export function lab_frame(modality: i32, width: i32, height: i32): usize {
  frame = 0;
  let work = modality == IRIS ? irisWorkspace(width, height) : 0;
  if (!work) return 0;
  frameWidth = width;
  frameHeight = height;
  frame = reserveArena(((width * height + 15) & ~15) + work);
  return frame;
}

/** Extracts from the frame into slot 0; 0 or the modality's reason. */
export function lab_extract(): i32 {
  if (!frame) return -1;
  let work = frame + (((frameWidth * frameHeight + 15) & ~15) as usize);
  return irisExtract(frame, frameWidth, frameHeight, work, TEMPLATES, QUALITY);
}

/** Slot 0 holds the last extraction's template, slots 1..3 are the caller's; 0 beyond them. */
export function lab_template(slot: i32): usize {
  return slot >= 0 && slot < SLOTS ? TEMPLATES + ((slot * SLOT_BYTES) as usize) : 0;
}

/** Bytes of a template; 0: no such modality. */
export function lab_template_bytes(modality: i32): i32 {
  return modality == IRIS ? IRIS_TEMPLATE_BYTES : 0;
}

/** The quality record of the last extraction. */
export function lab_quality(): usize {
  return QUALITY;
}

/** Comparison score 0..1_000_000; -1: no such modality. */
export function lab_compare(modality: i32, a: usize, b: usize): i32 {
  return modality == IRIS ? irisCompare(a, b) : -1;
}

/**
 * Maps behind a debug picture: 0 the chosen hypothesis (layout.ts: f32 fields and two contours, in working-picture pixels), 1 the
 * unwrapped iris (32 rows of 256), 2 its mask (1 = usable), 3 the code (planes of 256 u16), 4 the working picture filled.
 */
export function lab_view(id: i32): usize {
  if (!irisChosen()) return 0;
  if (id == 0) return irisChosen();
  if (id == 1) return layout.unwrapped();
  if (id == 2) return layout.usable();
  if (id == 3) return TEMPLATES;
  return id == 4 ? layout.filledPicture() : 0;
}

/** Bytes of a view; 0 when there is none. */
export function lab_view_bytes(id: i32): i32 {
  if (!irisChosen() || arenaBytes() == 0) return 0;
  if (id == 0) return layout.HYPOTHESIS_BYTES;
  if (id == 1 || id == 2) return layout.COLUMNS * layout.BANDS;
  if (id == 3) return IRIS_TEMPLATE_BYTES;
  return id == 4 ? layout.pictureW() * layout.pictureH() : 0;
}

/**
 * One step of the last extraction again, to be measured alone, and where its result lies: 0 bright spots filled (the working picture),
 * 1 the pupil search (`seedPupils`). Others: nothing is done; where the quarter-scale picture lies that is searched.
 */
export function lab_step(id: i32): usize {
  if (!irisChosen()) return 0;
  if (id == 0) return fillPicture();
  return id == 1 ? searchPupils() : layout.quarterPicture();
}
