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
