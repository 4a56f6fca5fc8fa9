// The image's words (assembly/pec/words.ts) on the host, in the same order: the index of a word is its number in the image, and in the
// lab exports. A test holds the two together; docs/pec.md explains each word.

export const MODALITIES = ["none", "iris", "palm", "face"] as const;
export const PURPOSES = ["enroll", "verify", "identify", "delete", "export", "rotate", "policy", "calibrate"] as const;
export const DECISIONS = [
  "accept",
  "reject",
  "enrolled",
  "refused",
  "failed",
  "aborted",
  "deleted",
  "exported",
  "rotated",
  "set",
] as const;
export const BANDS = ["none", "below", "above"] as const;
export const REASONS = [
  "none",
  "no_match",
  "no_reference",
  "locked",
  "not_permitted",
  "not_found",
  "eye_closed",
  "out_of_focus",
  "low_contrast",
  "off_centre",
  "low_quality",
  "not_live",
  "unsupported",
  "incomplete",
  "storage",
  "inconsistent",
  "timeout",
  "no_hand",
  "too_near",
  "too_far",
  "too_bright",
  "tilted",
  "folded",
  "partly_outside",
  "too_dark",
  "picture_missing",
  "moved",
  "no_face",
  "turned_away",
  "covered",
  "two_faces",
  "not_calibrated",
  "term_missing",
  "too_short",
] as const;

/** Raw terms of liveness, in the order of their encoded names. */
export const LIVENESS_TERMS = ["frame", "gradient", "spectrum", "temporal"] as const;

/** Measures of a quality record, 0..100: the overall value, eight of iris (ISO/IEC 29794-6), four of palm, two of face. */
export const QUALITY_MEASURES = [
  "overall",
  "usable_area",
  "contrast",
  "sharpness",
  "grey_spread",
  "pupil_ratio",
  "centring",
  "circularity",
  "size",
  "vein_contrast",
  "evenness",
  "coverage",
  "flatness",
  "face_coverage",
  "frontality",
] as const;
