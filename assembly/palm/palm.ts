// A stand-in for the palm modality: the mean grey of 8 x 8 cells of each band, so that all around it can be built and tested. It tells
// pictures apart and no palms. The façade is what the real one has.
import { QUALITY_VEIN_CONTRAST, REASON_LOW_CONTRAST, REASON_TOO_BRIGHT, REASON_UNSUPPORTED } from "../pec/words";
import { formBands, formRegion, REGION_WHOLE_HAND } from "../vision/form";
import { NOT_MEASURED, putQuality, QUALITY_BYTES } from "../vision/quality";

const HEAD_BYTES: i32 = 16;
const CODE_BYTES: i32 = 768;
/** Template bytes of one band. */
export const PALM_BAND_BYTES: i32 = HEAD_BYTES + CODE_BYTES;
const SIDE: i32 = 64;
const CELL: i32 = 8;
const REGION_BYTES: i32 = 24;
const WORK_BYTES: i32 = REGION_BYTES + SIDE * SIDE;

let work: usize = 0;

/** Bytes of a template of this form: a head, and a code for each band. */
export function palmTemplateBytes(form: i32): i32 {
  return HEAD_BYTES + CODE_BYTES * formBands(form);
}

/** Bytes of work space, the frame itself not counted; 0: size or form not supported. */
export function palmWorkspace(width: i32, height: i32, form: i32): i32 {
  if (width < SIDE || height < SIDE || width > 1024 || height > 768 || formRegion(form) > REGION_WHOLE_HAND) return 0;
  return WORK_BYTES;
}

/** Extracts a template and its quality from a frame of `formBands(form)` planes. Returns 0, or a REASON; the template is then zeroed. */
export function palmExtract(
  frame: usize,
  width: i32,
  height: i32,
  form: i32,
  workspace: usize,
  template: usize,
  quality: usize,
): i32 {
  work = 0;
  memory.fill(template, 0, palmTemplateBytes(form) as usize);
  memory.fill(quality, NOT_MEASURED, QUALITY_BYTES as usize);
  if (!palmWorkspace(width, height, form)) return REASON_UNSUPPORTED;
  store<f32>(workspace, (width as f32) / 2);
  store<f32>(workspace, (height as f32) / 2, 4);
  store<f32>(workspace, (width as f32) / 2, 8);
  store<f32>(workspace, 0, 12);
  store<f32>(workspace, 0, 16);
  store<f32>(workspace, (height as f32) / 2, 20);
  let least = 255;
  let most = 0;
  for (let band = formBands(form) - 1; band >= 0; band--) {
    const plane = frame + ((band * width * height) as usize);
    const code = template + ((HEAD_BYTES + band * CODE_BYTES) as usize);
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) {
        const grey = load<u8>(plane + (((y * height) / SIDE) * width + (x * width) / SIDE)) as i32;
        store<u8>(workspace + ((y * SIDE + x) as usize), grey as u8, REGION_BYTES);
        const cell = code + (((y / CELL) * CELL + x / CELL) << 1);
        store<u16>(cell, (load<u16>(cell) + grey) as u16);
      }
    }
    for (let i = 0; i < CELL * CELL; i++) {
      const mean = (load<u16>(code + (i << 1)) / (CELL * CELL)) as i32;
      least = min(least, mean);
      most = max(most, mean);
    }
  }
  store<u8>(template, form as u8);
  work = workspace;
  putQuality(quality, 0, (most - least) as f32);
  putQuality(quality, QUALITY_VEIN_CONTRAST, (most - least) as f32);
  if (most - least >= 8) return 0;
  memory.fill(template, 0, palmTemplateBytes(form) as usize);
  return least > 250 ? REASON_TOO_BRIGHT : REASON_LOW_CONTRAST;
}

/** Comparison score of two templates of one form, 0..1_000_000, higher is more alike. */
export function palmCompare(probe: usize, reference: usize): i32 {
  const form = load<u8>(probe) as i32;
  if (form != (load<u8>(reference) as i32)) return 0;
  let differs = 0;
  for (let band = formBands(form) - 1; band >= 0; band--) {
    const code = (HEAD_BYTES + band * CODE_BYTES) as usize;
    for (let i: usize = 0; i < 2 * CELL * CELL; i += 2)
      differs += abs((load<u16>(probe + code + i) as i32) - (load<u16>(reference + code + i) as i32));
  }
  return max(0, 1_000_000 - 8 * (differs / formBands(form)));
}

/** Zeroes what was left in static buffers; returns the bytes zeroed. */
export function palmWipe(): i32 {
  work = 0;
  return 0;
}

/** The raw liveness term of the last extraction, millibits; -1: not measured. */
export function palmLiveness(): i32 {
  return -1;
}

/** For debug views: where the region of the last extraction is (f32: centre, two half axes, in frame pixels; 24 bytes), 0: none found. */
export function palmRegion(): usize {
  return work;
}

/** For debug views: the 64 x 64 region of the first band, normalised. */
export function palmNormalised(): usize {
  return work + REGION_BYTES;
}
