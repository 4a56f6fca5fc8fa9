// How a sample's quality is handed over, the same for every modality (measures as in ISO/IEC 29794): byte 0 is the overall value,
// the bytes after it are the modality's own measures, each 0 (useless) to 100 (best).

/** Bytes of a quality record. */
export const QUALITY_BYTES: i32 = 16;
/** A measure that was not taken. */
export const NOT_MEASURED: u8 = 255;

/** Writes a measure, limited to 0..100. */
export function putQuality(record: usize, index: i32, value: f32): void {
  store<u8>(record + (index as usize), max<f32>(0, min<f32>(100, value + 0.5)) as u8);
}

/** v mapped from worst..best to 0..1. */
export function grade(v: f32, worst: f32, best: f32): f32 {
  return max<f32>(0, min<f32>(1, (v - worst) / (best - worst)));
}

/**
 * The term of one measure in the overall quality: the power mean of exponent -1/2 of all measures, each graded 0.02..1.02. It lies
 * between the geometric mean and the harmonic, so that a bad measure counts for more than a good one can make up for.
 */
export function fault(v: f32, worst: f32, best: f32): f32 {
  return 1 / sqrt<f32>(grade(v, worst, best) + 0.02);
}
