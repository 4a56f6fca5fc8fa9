// The form of a frame: how the sensor presents what it sees, so that a modality need not guess it. One number: bits 0-1 the bands in the
// frame, bits 2-3 the region, bit 4 guided, bits 5-6 the kind of a face's frames. A frame of several bands is their planes one after the
// other. Iris has no forms: 0.

/** A band up to 900 nm (deoxygenated blood absorbs), and one above (oxygenated blood and water do). No band named: the first. */
export const BAND_UP_TO_900: i32 = 1;
export const BAND_ABOVE_900: i32 = 2;
export const FORM_BANDS: i32 = 3;

const REGION_SHIFT: i32 = 2;
/** The module gives the region alone; the part of a hand behind a guide's window; all of a hand, its fingers spread. */
export const REGION_CROPPED: i32 = 0;
export const REGION_WINDOW: i32 = 1;
export const REGION_WHOLE_HAND: i32 = 2;
/** Words of the link (docs/link.md) and of sensor.json. */
export const REGIONS: StaticArray<string> = ["cropped", "window", "whole hand"];

const PROFILE_SHIFT: i32 = 4;
/** A guide or pegs hold the hand, or nothing does. */
export const PROFILE_CONTACTLESS: i32 = 0;
export const PROFILE_GUIDED: i32 = 1;
export const PROFILES: StaticArray<string> = ["contactless", "guided"];

const KIND_SHIFT: i32 = 5;
/**
 * What a face's frame is: a depth map (u16 little-endian, tenths of a millimetre, 0: none), or a stack of pictures under fringes, coded
 * (vision/rows.ts): four steps of 1, 4, 16 and 64 fringes, or four steps of the finest and six of gray code.
 */
export const KIND_DEPTH: i32 = 0;
export const KIND_PHASE_SHIFT: i32 = 1;
export const KIND_PHASE_GRAY: i32 = 2;
/** Words of the link (docs/link.md) and of sensor.json. */
export const KINDS: StaticArray<string> = ["depth", "phase-shift", "phase-gray"];

/** The form of these bands, region, profile and kind. */
export function formOf(bands: i32, region: i32, profile: i32, kind: i32 = KIND_DEPTH): i32 {
  return bands | (region << REGION_SHIFT) | (profile << PROFILE_SHIFT) | (kind << KIND_SHIFT);
}

/** The kind of a face's frames, KIND_…; 3: none that is known. */
export function formKind(form: i32): i32 {
  return (form >> KIND_SHIFT) & 3;
}

/** Planes of a frame: 1 or 2. */
export function formBands(form: i32): i32 {
  return max(1, popcnt(form & FORM_BANDS));
}

/** The region, REGION_…; 3: none that is known. */
export function formRegion(form: i32): i32 {
  return (form >> REGION_SHIFT) & 3;
}

/** Whether it names a region that is known and nothing beyond the profile. */
export function formKnown(form: i32): bool {
  return form >= 0 && form < 2 << PROFILE_SHIFT && formRegion(form) <= REGION_WHOLE_HAND;
}

/** Whether a guide holds the hand. */
export function formGuided(form: i32): bool {
  return ((form >> PROFILE_SHIFT) & 1) == PROFILE_GUIDED;
}
