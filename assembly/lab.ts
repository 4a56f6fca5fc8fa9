// Lab exports: what the evaluation calls, in the runner alone and never over the link. The evaluated image is the shipped image.
import { aligned, arenaBase, arenaBytes, reserveArena } from "./arena";
import { FACE_CALIBRATION, FACE_VIEW_BYTES, faceView } from "./face/face";
import { IRIS_TEMPLATE_BYTES, irisChosen } from "./iris/iris";
import * as layout from "./iris/layout";
import { fillPicture, searchPupils } from "./iris/locate";
import { EVIDENCE_BYTES } from "./liveness/evidence";
import {
  modalityBegin,
  modalityCaptureBytes,
  modalityCompare,
  modalityCompareBytes,
  modalityExtract,
  modalityFeed,
  modalityForm,
  modalityFrameBytes,
  modalityFuse,
  modalityLiveness,
  modalityStreams,
  modalityTemplateBytes,
  modalityWorkspace,
  TEMPLATE_BYTES_MAX,
} from "./modality";
import { palmNormalised, palmRegion } from "./palm/palm";
import { MODALITY_FACE, MODALITY_IRIS, MODALITY_PALM } from "./pec/words";
import { QUALITY_BYTES } from "./vision/quality";

const SLOTS: i32 = 3;

const TEMPLATES: usize = memory.data(SLOTS * TEMPLATE_BYTES_MAX, 8);
const QUALITY: usize = memory.data(QUALITY_BYTES, 8);
const MEASURED: usize = memory.data(EVIDENCE_BYTES, 8);

let frame: usize = 0;
let frameModality: i32 = 0;
let frameWidth: i32 = 0;
let frameHeight: i32 = 0;
let frameForm: i32 = 0;

/** Bytes of a part of a frame that is taken in as it comes. */
const PART_BYTES: i32 = 4096;

function frameBytes(): i32 {
  if (modalityStreams(frameModality, frameForm)) return PART_BYTES;
  return aligned(modalityFrameBytes(frameModality, frameWidth, frameHeight, frameForm));
}

/**
 * Reserves the arena for frames of width x height and returns where the frame goes; 0: not supported. Modalities are those of
 * pec/words.ts, forms those of vision/form.ts (0: one band, cropped, contactless). A stack of coded pictures goes there in parts of at
 * most 4,096 bytes, each followed by `lab_feed`.
 */
export function lab_frame(modality: i32, width: i32, height: i32, form: i32): usize {
  frame = 0;
  frameModality = modality;
  frameForm = modalityForm(modality, form);
  const work = modalityWorkspace(modality, width, height, frameForm);
  if (!work) return 0;
  frameWidth = width;
  frameHeight = height;
  frame = reserveArena(frameBytes() + work);
  if (frame && modalityStreams(modality, frameForm)) modalityBegin(width, height, frameForm, frame + PART_BYTES);
  return frame;
}

/** Takes `length` bytes of a stack. Returns 1: more are wanted, 0: it is whole, -1: they are no coded pictures. */
export function lab_feed(length: i32): i32 {
  const fits = frame && length <= PART_BYTES && modalityStreams(frameModality, frameForm);
  return fits ? modalityFeed(frame, length) : -1;
}

/** Where the 64 bytes of a face sensor's calibration go (face/calibration.ts), for all extractions to come; faces need one. */
export function lab_calibrate(): usize {
  return FACE_CALIBRATION;
}

/** Extracts from the frame into slot 0; 0 or the modality's reason. */
export function lab_extract(): i32 {
  if (!frame) return -1;
  const work = frame + (frameBytes() as usize);
  return modalityExtract(frameModality, frame, frameWidth, frameHeight, frameForm, work, TEMPLATES, QUALITY);
}

/** Slot 0 holds the last extraction's template, slots 1 and 2 are the caller's; 0 beyond them. */
export function lab_template(slot: i32): usize {
  return slot >= 0 && slot < SLOTS ? TEMPLATES + ((slot * TEMPLATE_BYTES_MAX) as usize) : 0;
}

/** Bytes of a template; 0: no such modality. */
export function lab_template_bytes(modality: i32, form: i32): i32 {
  return modalityTemplateBytes(modality, modalityForm(modality, form));
}

/** The quality record of the last extraction. */
export function lab_quality(): usize {
  return QUALITY;
}

/** What was measured of the last extraction for its liveness (EVIDENCE_BYTES, liveness/evidence.ts); to be called before the next frame. */
export function lab_measured(): usize {
  memory.fill(MEASURED, 0, EVIDENCE_BYTES);
  modalityLiveness(frameModality, MEASURED);
  return MEASURED;
}

/** Comparison score 0..1_000_000 of two templates of one form; -1: no such modality. It may work where a frame was. */
export function lab_compare(modality: i32, a: usize, b: usize): i32 {
  const work = modalityCompareBytes(modality);
  if (arenaBytes() < work && !reserveArena(work)) return -1;
  return modalityCompare(modality, a, b, arenaBase());
}

/**
 * Adds the template in slot 0 to the capture that begins at slot 1 (and takes slot 2's place too), `first`: to an empty one. Returns 1, 0: it is not of
 * the same presentation, -1: this modality has no captures.
 */
export function lab_fuse(modality: i32, first: i32): i32 {
  const bytes = modalityCaptureBytes(modality);
  const work = modalityCompareBytes(modality);
  if (!bytes || (arenaBytes() < work && !reserveArena(work))) return -1;
  if (first) memory.fill(lab_template(1), 0, bytes);
  return modalityFuse(lab_template(1), TEMPLATES, arenaBase()) ? 1 : 0;
}

/**
 * Maps behind a debug picture, 0 where there is none. Iris: 0 the chosen hypothesis (layout.ts: f32 fields and two contours, in
 * working-picture pixels), 1 the unwrapped iris (32 rows of 256), 2 its mask (1 = usable), 3 the code (planes of 256 u16), 4 the working
 * picture filled. Palm: 0 the region (f32: its centre, and from there to the middle of its right and of its lower side, in frame pixels),
 * 1 the region of the first band, normalised (64 rows of 64), 2 the template. Face: 0 the canonical map (60 rows of 52 f32 from below, mm
 * towards the camera, below -9000 where there is none).
 */
export function lab_view(id: i32): usize {
  if (!lab_view_bytes(id)) return 0;
  if (frameModality == MODALITY_FACE) return faceView();
  if (frameModality == MODALITY_PALM) return id == 0 ? palmRegion() : id == 1 ? palmNormalised() : TEMPLATES;
  if (id == 0) return irisChosen();
  if (id == 1) return layout.unwrapped();
  if (id == 2) return layout.usable();
  return id == 3 ? TEMPLATES : layout.filledPicture();
}

/** Bytes of a view; 0 when there is none. */
export function lab_view_bytes(id: i32): i32 {
  if (arenaBytes() == 0) return 0;
  if (frameModality == MODALITY_FACE) return id == 0 && faceView() ? FACE_VIEW_BYTES : 0;
  if (frameModality == MODALITY_PALM) {
    if (!palmRegion()) return 0;
    return id == 0 ? 24 : id == 1 ? 64 * 64 : id == 2 ? modalityTemplateBytes(MODALITY_PALM, frameForm) : 0;
  }
  if (frameModality != MODALITY_IRIS || !irisChosen()) return 0;
  if (id == 0) return layout.HYPOTHESIS_BYTES;
  if (id == 1 || id == 2) return layout.COLUMNS * layout.BANDS;
  if (id == 3) return IRIS_TEMPLATE_BYTES;
  return id == 4 ? layout.pictureW() * layout.pictureH() : 0;
}

/**
 * One step of the last extraction of an iris again, to be measured alone, and where its result lies: 0 bright spots filled (the working
 * picture), 1 the pupil search (`seedPupils`). Others: nothing is done; where the quarter-scale picture lies that is searched.
 */
export function lab_step(id: i32): usize {
  if (!irisChosen()) return 0;
  if (id == 0) return fillPicture();
  return id == 1 ? searchPupils() : layout.quarterPicture();
}
