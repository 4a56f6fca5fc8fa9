// The palm vein modality as the rest of the image sees it: frame in, template and quality out, two templates compared.
//
// Template: 16 bytes of head (the form, then zeros), then the code of each band (encode.ts).
import { REASON_UNSUPPORTED } from "../pec/words";
import { formBands, formGuided, formKnown } from "../vision/form";
import { NOT_MEASURED, QUALITY_BYTES } from "../vision/quality";
import { CODE_BYTES, ENCODE_BYTES, encode } from "./encode";
import { measureLiveness } from "./liveness";
import { locate, locateBytes } from "./locate";
import { likeness, wipeMatch } from "./match";
import { normalize, SIDE } from "./normalize";
import { measureQuality, wipeQuality } from "./quality";
import { wipeValleys } from "./valleys";

const HEAD_BYTES: i32 = 16;
/** Score of a likeness of 1 (match.ts): 5 and more are full marks. */
const SCORE: f32 = 200_000;

// Work space: the region, then each band normalised, then scratch of whichever step runs.
const NORMALISED: i32 = 32;
const REGION_PIXELS: i32 = SIDE * SIDE;

let region: usize = 0;

/** Bytes of a template of this form: a head, and a code for each band. */
export function palmTemplateBytes(form: i32): i32 {
  return HEAD_BYTES + CODE_BYTES * formBands(form);
}

/** Bytes of work space for a frame of width x height (64x64 to 1024x768), the frame itself not counted; 0: size or form not supported. */
export function palmWorkspace(width: i32, height: i32, form: i32): i32 {
  if (width < SIDE || height < SIDE || width > 1024 || height > 768) return 0;
  if (!formKnown(form)) return 0;
  return NORMALISED + REGION_PIXELS * formBands(form) + max(ENCODE_BYTES, locateBytes(width, height));
}

/**
 * Extracts a template (`palmTemplateBytes`) and its quality (QUALITY_BYTES) from a frame of `formBands(form)` planes, 8-bit grey, row-major.
 * `workspace` is 8-byte aligned and `palmWorkspace` bytes long. Returns 0, or a REASON of pec/words.ts; the template is then zeroed.
 */
export function palmExtract(
  frame: usize,
  width: i32,
  height: i32,
  form: i32,
  workspace: usize,
  template: usize,
  quality: usize,
): i32 {
  region = 0;
  memory.fill(template, 0, palmTemplateBytes(form) as usize);
  memory.fill(quality, NOT_MEASURED, QUALITY_BYTES as usize);
  if (!palmWorkspace(width, height, form)) return REASON_UNSUPPORTED;
  const bands = formBands(form);
  const normalised = workspace + NORMALISED;
  const scratch = normalised + ((REGION_PIXELS * bands) as usize);
  let reason = locate(frame, width, height, form, scratch, workspace);
  if (reason) return reason;
  region = workspace;
  for (let band = 0; band < bands; band++) {
    const plane = frame + ((band * width * height) as usize);
    normalize(plane, width, height, region, normalised + ((band * REGION_PIXELS) as usize));
  }
  reason = measureQuality(normalised, bands, quality);
  if (reason) return reason;
  store<u8>(template, form as u8);
  for (let band = 0; band < bands; band++) {
    const code = template + ((HEAD_BYTES + band * CODE_BYTES) as usize);
    encode(normalised + ((band * REGION_PIXELS) as usize), code, scratch);
  }
  return 0;
}

/** Comparison score of two templates, 0..1_000_000, higher is more alike; 0 where their forms differ. The bands' scores are averaged. */
export function palmCompare(probe: usize, reference: usize): i32 {
  const form = load<u8>(probe) as i32;
  if (form != (load<u8>(reference) as i32)) return 0;
  let sum: f32 = 0;
  const bands = formBands(form);
  for (let band = 0; band < bands; band++) {
    const code = (HEAD_BYTES + band * CODE_BYTES) as usize;
    sum += likeness(probe + code, reference + code, formGuided(form));
  }
  return max<f32>(0, min<f32>(1e6, (SCORE * sum) / (bands as f32))) as i32;
}

/** Zeroes what extractions and comparisons left in static buffers (the work space is the caller's); returns the bytes zeroed. */
export function palmWipe(): i32 {
  region = 0;
  return wipeMatch() + wipeQuality() + wipeValleys();
}

/** Adds the raw terms of the last extraction (liveness/evidence.ts). Call it while frame and work space are still there. */
export function palmLiveness(evidence: usize): void {
  measureLiveness(evidence);
}

/** Where the last extraction found the region (REGION_BYTES, normalize.ts), 0: it found none; for debug views. */
export function palmRegion(): usize {
  return region;
}

/** The normalised region of the first band, SIDE x SIDE bytes; for debug views. */
export function palmNormalised(): usize {
  return region + NORMALISED;
}
