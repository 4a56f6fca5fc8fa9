// The closed vocabulary of the records: numbers in the image, words in a record, so that whoever reads the log needs no table of
// codes. Terms are those of ISO/IEC 2382-37. The host's copy is host/audit/record.ts; docs/pec.md explains each word.

export const MODALITY_NONE: i32 = 0;
export const MODALITY_IRIS: i32 = 1;
export const MODALITY_PALM: i32 = 2;
export const MODALITY_FACE: i32 = 3;
export const MODALITIES: StaticArray<string> = ["none", "iris", "palm", "face"];

export const PURPOSE_ENROLL: i32 = 0;
export const PURPOSE_VERIFY: i32 = 1;
export const PURPOSE_IDENTIFY: i32 = 2;
export const PURPOSE_DELETE: i32 = 3;
export const PURPOSE_EXPORT: i32 = 4;
export const PURPOSE_ROTATE: i32 = 5;
export const PURPOSE_POLICY: i32 = 6;
export const PURPOSE_CALIBRATE: i32 = 7;
export const PURPOSES: StaticArray<string> = [
  "enroll",
  "verify",
  "identify",
  "delete",
  "export",
  "rotate",
  "policy",
  "calibrate",
];

/** The claim was confirmed: verify and identify. */
export const DECISION_ACCEPT: i32 = 0;
/** The comparison was made and did not confirm the claim. */
export const DECISION_REJECT: i32 = 1;
export const DECISION_ENROLLED: i32 = 2;
/** Nothing was compared: policy, lock, quality or liveness forbade it. */
export const DECISION_REFUSED: i32 = 3;
/** Nothing could be done: failure to acquire or to extract, storage, a fault. */
export const DECISION_FAILED: i32 = 4;
/** The host gave up, or went away. */
export const DECISION_ABORTED: i32 = 5;
export const DECISION_DELETED: i32 = 6;
export const DECISION_EXPORTED: i32 = 7;
export const DECISION_ROTATED: i32 = 8;
export const DECISION_SET: i32 = 9;
export const DECISIONS: StaticArray<string> = [
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
];

/** Nothing was compared. */
export const BAND_NONE: i32 = 0;
/** Below the threshold; never graded, since a graded rejection can be climbed (hill-climbing, ISO/IEC 19989-1). */
export const BAND_BELOW: i32 = 1;
/** At or above the threshold. */
export const BAND_ABOVE: i32 = 2;
export const BANDS: StaticArray<string> = ["none", "below", "above"];

export const REASON_NONE: i32 = 0;
export const REASON_NO_MATCH: i32 = 1;
export const REASON_NO_REFERENCE: i32 = 2;
export const REASON_LOCKED: i32 = 3;
export const REASON_NOT_PERMITTED: i32 = 4;
export const REASON_NOT_FOUND: i32 = 5;
export const REASON_EYE_CLOSED: i32 = 6;
export const REASON_OUT_OF_FOCUS: i32 = 7;
export const REASON_LOW_CONTRAST: i32 = 8;
export const REASON_OFF_CENTRE: i32 = 9;
export const REASON_LOW_QUALITY: i32 = 10;
export const REASON_NOT_LIVE: i32 = 11;
export const REASON_UNSUPPORTED: i32 = 12;
export const REASON_INCOMPLETE: i32 = 13;
export const REASON_STORAGE: i32 = 14;
export const REASON_INCONSISTENT: i32 = 15;
export const REASON_TIMEOUT: i32 = 16;
export const REASON_NO_HAND: i32 = 17;
export const REASON_TOO_NEAR: i32 = 18;
export const REASON_TOO_FAR: i32 = 19;
export const REASON_TOO_BRIGHT: i32 = 20;
export const REASON_TILTED: i32 = 21;
export const REASON_FOLDED: i32 = 22;
export const REASON_PARTLY_OUTSIDE: i32 = 23;
export const REASON_TOO_DARK: i32 = 24;
export const REASON_PICTURE_MISSING: i32 = 25;
export const REASON_MOVED: i32 = 26;
export const REASON_NO_FACE: i32 = 27;
export const REASON_TURNED_AWAY: i32 = 28;
export const REASON_COVERED: i32 = 29;
export const REASON_TWO_FACES: i32 = 30;
/** The policy asks for liveness under a calibration that this device does not have, or that lacks a class. */
export const REASON_NOT_CALIBRATED: i32 = 31;
/** A liveness term that the policy requires was not measured. */
export const REASON_TERM_MISSING: i32 = 32;
/** Captured for less time than the policy asks. */
export const REASON_TOO_SHORT: i32 = 33;
export const REASONS: StaticArray<string> = [
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
];

/** The bytes of a quality record (assembly/vision/quality.ts): "overall", then eight of iris (ISO/IEC 29794-6), then four of palm, then two of face. */
export const QUALITY_MEASURES: StaticArray<string> = [
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
];
/** Where a palm's measures are in a quality record. */
export const QUALITY_VEIN_CONTRAST: i32 = 9;
export const QUALITY_EVENNESS: i32 = 10;
export const QUALITY_COVERAGE: i32 = 11;
export const QUALITY_FLATNESS: i32 = 12;
/** Where a face's measures are. */
export const QUALITY_FACE_COVERAGE: i32 = 13;
export const QUALITY_FRONTALITY: i32 = 14;

/** Mean entropy of gradient directions (iris/liveness.ts). */
export const LIVENESS_GRADIENT: i32 = 1;
/** Raw terms of liveness, in millibits. */
export const LIVENESS_TERMS: StaticArray<string> = ["frame", "gradient", "spectrum", "temporal"];
