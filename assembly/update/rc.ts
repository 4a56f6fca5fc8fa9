// Result codes of SMP group 1 as mcumgr has them (Zephyr, img_mgmt.h, enum img_mgmt_err_code_t), and three of ours for what mcumgr has no
// word for. docs/errors.md says of each what it means and what to do.
import { GROUP_IMAGE, smpError } from "../link/smp";

export const IMG_NO_IMAGE: i32 = 3;
export const IMG_HASH_NOT_FOUND: i32 = 8;
export const IMG_NO_FREE_SLOT: i32 = 9;
export const IMG_INVALID_SLOT: i32 = 14;
export const IMG_INVALID_OFFSET: i32 = 20;
export const IMG_INVALID_LENGTH: i32 = 21;
export const IMG_INVALID_HEADER: i32 = 22;
export const IMG_INVALID_MAGIC: i32 = 23;
export const IMG_INVALID_HASH: i32 = 24;
export const IMG_CURRENT_IS_NEWER: i32 = 27;
export const IMG_DATA_OVERRUN: i32 = 31;
export const IMG_TEST_TO_ACTIVE: i32 = 33;

/** By image_status_t of boards/port/image.h. Ours: 64 an unknown key, 65 a wrong signature, 66 not the image compiled into this firmware. */
const WHY: StaticArray<u8> = [1, 3, 22, 24, 64, 65, 27, 30, 66, 11];

/** Why an image with this status does not boot, as a result code; 1 (unknown) for what this image has no word for. */
export function rcOfImage(status: i32): i32 {
  return (status as u32) < 10 ? (unchecked(WHY[status]) as i32) : 1;
}

/** Answers an error of group 1. */
export function refuse(rc: i32, framing: i32): void {
  smpError(GROUP_IMAGE, rc, framing);
}
