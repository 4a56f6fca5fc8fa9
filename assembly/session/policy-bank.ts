// Where the limits of a policy are kept once it is parsed: one bank is in force, another takes the document that may replace it.
import { UNANSWERED } from "../link/buffers";

// A bank of limits.
export const DIGEST: i32 = 0; // 32
export const ISSUED: i32 = 32; // u64
export const TRIES: i32 = 40;
export const DELAY: i32 = 44;
export const DELAY_MAX: i32 = 48;
export const RETENTION: i32 = 52;
export const ROTATION: i32 = 56;
export const DEVELOPMENT: i32 = 60;
export const FIRST_MODALITY: i32 = 64;
// A modality within it.
export const PERMITTED: i32 = 0;
export const THRESHOLD: i32 = 4;
export const IDENTIFY: i32 = 8;
export const SAMPLES: i32 = 12;
export const JUDGED: i32 = 16; // whether liveness is
export const LEAST_MS: i32 = 20;
export const MINIMA: i32 = 24; // 16 bytes, in the order of QUALITY_MEASURES
export const CALIBRATION: i32 = 40; // 32: the id of liveness tables
export const REQUIRED: i32 = 72; // u32, a bit a term
export const CLASSES: i32 = 76; // how many
export const LIMITS: i32 = 80; // TERMS_MAX times i16 least, i16 most
export const FLOORS: i32 = 144; // CLASSES_MAX times a name of NAME_BYTES, i32 floor
export const FLOOR_STRIDE: i32 = 20;
export const MODALITY_STRIDE: i32 = 384;
export const BANK_BYTES: i32 = 64 + 3 * 384;

/** Where `parsePolicy` leaves its limits. */
export const PENDING = UNANSWERED;

/** Where a modality's limits are in a bank; `modality` is none of "none". */
export function bank(base: usize, modality: i32): usize {
  return base + FIRST_MODALITY + ((modality - 1) as usize) * MODALITY_STRIDE;
}
