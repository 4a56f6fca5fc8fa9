// A session's samples: each frame goes into the arena piece by piece, or is decoded as it comes where the form is a stack of coded pictures,
// is extracted as soon as it is whole and wiped at once; of the templates only the best few by quality are kept. Where several frames in a row
// are one capture, their templates are fused to one before.
//
// arena:  frame | the modality's work space | template being made | kept templates, REFERENCE_SAMPLES at most | capture, where there are any
import { aligned, arenaBase, arenaBytes, reserveArena } from "../arena";
import { EVIDENCE_BYTES } from "../liveness/evidence";
import { wipe, wipeCount } from "../minimize/wipe";
import {
  modalityBegin,
  modalityCaptureBytes,
  modalityCompareBytes,
  modalityExtract,
  modalityFeed,
  modalityFrameBytes,
  modalityFuse,
  modalityLiveness,
  modalityStreams,
  modalityTemplateBytes,
  modalityWipe,
  modalityWorkspace,
} from "../modality";
import { REASON_INCOMPLETE, REASON_LOW_QUALITY, REASON_MOVED, REASON_NONE } from "../pec/words";
import { QUALITY_BYTES } from "../vision/quality";
import { policyQuality } from "./policy";
import { REFERENCE_SAMPLES, SCRATCH_BYTES } from "./references";

/** Where in the arena the work space of comparisons is. */
const COMPARING: i32 = aligned(SCRATCH_BYTES);
const QUALITY = memory.data(16, 8);
const MEASURED = memory.data(40, 8);
const NOTE_BYTES: i32 = QUALITY_BYTES + EVIDENCE_BYTES;
const NOTES = memory.data(56 * 5, 8); // REFERENCE_SAMPLES of them, and the capture's, see note

let modality: i32 = 0;
let width: i32 = 0;
let height: i32 = 0;
let form: i32 = 0;
let template: i32 = 0;
let work: usize = 0;
let made: usize = 0;
let wanted: i32 = 0;
let kept: i32 = 0;
let capture: usize = 0;
let captured: i32 = 0; // bytes of it
let fused: i32 = 0; // frames that a capture has
let came: i32 = 0; // frames of the capture that came
let joined: i32 = 0; // those of them in it
let unlike: bool = false; // one was not like them
let end: usize = 0;
let broken: bool = false; // the coding of the stack that came

/**
 * Prepares for frames of width x height, of which `fuse` in a row are one capture, and of these the best `count` templates are kept. `ofForm`
 * is one of `modalityForm`. Returns false if that is not supported.
 */
export function samplesOpen(ofModality: i32, ofWidth: i32, ofHeight: i32, ofForm: i32, fuse: i32, count: i32): bool {
  if (fuse > 1 && !modalityCaptureBytes(ofModality)) return false;
  const workspace = modalityWorkspace(ofModality, ofWidth, ofHeight, ofForm);
  if (!workspace) return false;
  modality = ofModality;
  width = ofWidth;
  height = ofHeight;
  form = ofForm;
  template = modalityTemplateBytes(modality, form);
  wanted = min(max(count, 1), REFERENCE_SAMPLES);
  kept = 0;
  broken = false;
  fused = fuse;
  came = joined = 0;
  unlike = false;
  captured = fuse > 1 ? modalityCaptureBytes(modality) : template;
  const frame = modalityStreams(modality, form) ? 0 : aligned(frameBytes());
  // Deciding reuses the place of frame and work space: see references.ts, and `comparing`.
  const first = max(frame + aligned(workspace), COMPARING + modalityCompareBytes(modality));
  const templates = template * (1 + REFERENCE_SAMPLES);
  const base = reserveArena(first + templates + (fuse > 1 ? captured : 0));
  if (!base) return false;
  work = base + (frame as usize);
  made = base + (first as usize);
  end = base + (arenaBytes() as usize);
  capture = fuse > 1 ? made + (templates as usize) : made;
  return true;
}

/** Bytes of a frame; of a coded one, no more than these. */
export function frameBytes(): i32 {
  return modalityFrameBytes(modality, width, height, form);
}

/** Their form. */
export function samplesForm(): i32 {
  return form;
}

/** Bytes of one of their templates. */
export function sampleBytes(): i32 {
  return template;
}

/** The work space of comparisons. */
export function comparing(): usize {
  return arenaBase() + COMPARING;
}

/** Takes the next `length` bytes of the frame, which begin at `offset`. Returns whether the frame is whole: then `samplesTake` follows. */
export function samplesPut(offset: i32, bytes: usize, length: i32): bool {
  if (modalityStreams(modality, form)) {
    if (!offset) modalityBegin(width, height, form, work);
    const left = modalityFeed(bytes, length);
    broken = left < 0;
    return left <= 0;
  }
  memory.copy(arenaBase() + (offset as usize), bytes, length as usize);
  return offset + length == frameBytes();
}

/** How many templates are kept. */
export function samplesKept(): i32 {
  return kept;
}

/** The kept templates, one after the other, the best first. */
export function samplesTemplates(): usize {
  return made + (template as usize);
}

/** Quality record of the last extraction, and of the best template. */
export function lastQuality(): usize {
  return QUALITY;
}
export function bestQuality(): usize {
  return note(0);
}

/** What was measured of kept sample `i` for its liveness (liveness/evidence.ts). */
export function sampleEvidence(i: i32): usize {
  return note(i) + QUALITY_BYTES;
}

/** Extracts from the whole frame, adds its template to the capture, and wipes the frame. Returns a REASON. */
export function samplesTake(): i32 {
  memory.fill(QUALITY, 255, QUALITY_BYTES);
  let reason = REASON_INCOMPLETE;
  if (!broken) reason = modalityExtract(modality, arenaBase(), width, height, form, work, made, QUALITY);
  if (reason == REASON_NONE && policyQuality(modality, QUALITY) >= 0) reason = REASON_LOW_QUALITY;
  memory.fill(MEASURED, 0, EVIDENCE_BYTES);
  if (reason == REASON_NONE && fused == 1) modalityLiveness(modality, MEASURED);
  wipe(arenaBase(), (work - arenaBase()) as i32);
  wipe(work, (made - work) as i32);
  if (reason == REASON_NONE) reason = join();
  if (++came == fused && !samplesClose()) reason = REASON_MOVED;
  wipe(made, template);
  return reason;
}

/**
 * Adds the template just made to the capture, whose quality is its best frame's. Of one of several frames nothing is measured for its
 * liveness: which of them was alive could not be told. */
function join(): i32 {
  const noted = note(REFERENCE_SAMPLES);
  if (fused > 1) {
    const alike = modalityFuse(capture, made, comparing());
    wipe(comparing(), modalityCompareBytes(modality));
    if (!alike) {
      unlike = true;
      return REASON_MOVED;
    }
  }
  if (!joined || load<u8>(QUALITY) > load<u8>(noted)) memory.copy(noted, QUALITY, QUALITY_BYTES as usize);
  memory.copy(noted + QUALITY_BYTES, MEASURED, EVIDENCE_BYTES as usize);
  joined++;
  return REASON_NONE;
}

/**
 * Ends the capture, whole or not, and keeps its template if it is among the best. One with a frame that was not like the others is dropped:
 * which of them is meant could not be told. Returns false if it was.
 */
export function samplesClose(): bool {
  const dropped = unlike;
  if (joined && !dropped) keep();
  if (fused > 1) wipe(capture, captured);
  came = joined = 0;
  unlike = false;
  return !dropped;
}

/** Inserts the capture's template by its quality. */
function keep(): void {
  const noted = note(REFERENCE_SAMPLES);
  let at = kept;
  while (at > 0 && load<u8>(note(at - 1)) < load<u8>(noted)) at--;
  if (at == wanted) return;
  if (kept < wanted) kept++;
  for (let i = kept - 1; i > at; i--) {
    memory.copy(place(i), place(i - 1), template as usize);
    memory.copy(note(i), note(i - 1), NOTE_BYTES as usize);
  }
  memory.copy(place(at), capture, template as usize);
  memory.copy(note(at), noted, NOTE_BYTES as usize);
}

/** What is noted of kept template `i` (REFERENCE_SAMPLES: of the capture): its quality record, what was measured for its liveness. */
function note(i: i32): usize {
  return (NOTES + i * NOTE_BYTES) as usize;
}

function place(i: i32): usize {
  return (samplesTemplates() + i * template) as usize;
}

/** Wipes all that the session had, in the arena and in the modality's own buffers. */
export function samplesWipe(): void {
  wipeCount(modalityWipe());
  if (end) wipe(arenaBase(), (end - arenaBase()) as i32);
  kept = 0;
  memory.fill(NOTES, 0, NOTE_BYTES * (REFERENCE_SAMPLES + 1));
  memory.fill(QUALITY, 0, QUALITY_BYTES);
  memory.fill(MEASURED, 0, EVIDENCE_BYTES);
}
