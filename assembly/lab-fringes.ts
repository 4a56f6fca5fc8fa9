// Lab exports for captured fringe pictures of any size (`kanmon depth`): a stack, or a strip of one, row by row to phase and depth.
import { reserveArena } from "./arena";
import { CALIBRATION_BYTES, calibrationFault } from "./face/calibration";
import {
  decodeBegin,
  decodeBytes,
  decodeEnd,
  decodeFlags,
  decodeModulation,
  decodePhase,
  decodeRow,
} from "./face/decode";
import { depthFromPhase } from "./face/depth";
import { PATTERN_BYTES, patternPeriod, patternPeriods } from "./face/pattern";

/** The pattern of a fringe capture (face/pattern.ts), then its calibration (face/calibration.ts): the caller's to fill in. */
const FRINGES: usize = memory.data(PATTERN_BYTES + CALIBRATION_BYTES, 8);

let fringeRow: usize = 0;
let fringeWork: usize = 0;
let fringeWidth: i32 = 0;
let fringeHeight: i32 = 0;

/**
 * Begins a stack of width x height pixels in the pattern of `lab_fringes_view(0)`, or a strip of a capture (`strip`: 0 the first, then
 * STRIP_… of face/decode.ts). Returns where its rows go, one at a time; 0: not supported.
 */
export function lab_fringes(width: i32, height: i32, strip: i32): usize {
  fringeRow = 0;
  if (width < 8 || width > 16384 || height < 8 || height > 16384 || width * height > 1 << 20) return 0;
  const work = decodeBytes(width, height, FRINGES);
  if (!work) return 0;
  // The work space first: what it keeps from strip to strip must stay where it is.
  fringeWork = reserveArena(work + width);
  if (!fringeWork) return 0;
  fringeRow = fringeWork + (work as usize);
  fringeWidth = width;
  fringeHeight = height;
  decodeBegin(fringeWork, width, height, FRINGES, strip);
  return fringeRow;
}

/** Takes the row that lies at `lab_fringes`. */
export function lab_fringe_row(picture: i32, row: i32): void {
  if (fringeRow) decodeRow(picture, row, fringeRow);
}

/** Ends the stack or strip; what is wrong with the capture so far (a REASON of pec/words.ts, or 0). */
export function lab_fringes_end(): i32 {
  return fringeRow ? decodeEnd() : -1;
}

/** 0 pattern and calibration; of the last stack: 1 phase (or depth), 2 amplitude, 3 flags, 4 what is known of the whole (face/head.ts). */
export function lab_fringes_view(id: i32): usize {
  if (id == 0) return FRINGES;
  if (!fringeRow) return 0;
  return id == 1 ? decodePhase() : id == 2 ? decodeModulation() : id == 3 ? decodeFlags() : fringeWork;
}

/**
 * Turns the phase of the last stack, whose first pixel is at (left, top) of a picture of width x height, into depth. Returns the pixels
 * that have one, or the calibration's FAULT (face/calibration.ts), negative; with it the phase stays.
 */
export function lab_depth(left: i32, top: i32, width: i32, height: i32): i32 {
  const calibration = FRINGES + (PATTERN_BYTES as usize);
  const fault = calibrationFault(calibration, width, height, patternPeriod(FRINGES, patternPeriods(FRINGES) - 1));
  if (fault || !fringeRow) return -fault;
  return depthFromPhase(decodePhase(), decodeFlags(), fringeWidth, fringeHeight, left, top, calibration);
}
