// Quality of a located iris, after ISO/IEC 29794-6, and the reasons for which there is no template.
import { NOT_MEASURED, putQuality, QUALITY_BYTES } from "../vision/quality";

export const NO_IRIS: i32 = 1;
export const UNSUPPORTED_SIZE: i32 = 2;

/** Writes the quality record; returns 0 or a reason. */
export function measureQuality(found: usize, usableShare: f32, record: usize): i32 {
  memory.fill(record, NOT_MEASURED, QUALITY_BYTES as usize);
  putQuality(record, 0, 100 * usableShare);
  putQuality(record, 1, 100 * usableShare);
  return found && usableShare > 0 ? 0 : NO_IRIS;
}
