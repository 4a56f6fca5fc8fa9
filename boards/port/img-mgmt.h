/*
 * Errors of mcumgr's image group, with the numbers and meanings of Zephyr's img_mgmt.h (enum img_mgmt_ret_code_t), and from 64 on ours,
 * for what it has no word for (as assembly/update/rc.ts).
 */
#ifndef KANMON_IMG_MGMT_H
#define KANMON_IMG_MGMT_H

#define IMG_MGMT_ERR_UNKNOWN 1
#define IMG_MGMT_ERR_NO_IMAGE 3 /* nothing, or an upload that is not complete */
#define IMG_MGMT_ERR_NO_FREE_SLOT 9 /* the slot runs or is confirmed */
#define IMG_MGMT_ERR_FLASH_READ_FAILED 11
#define IMG_MGMT_ERR_FLASH_WRITE_FAILED 12
#define IMG_MGMT_ERR_FLASH_ERASE_FAILED 13
#define IMG_MGMT_ERR_INVALID_SLOT 14
#define IMG_MGMT_ERR_INVALID_OFFSET 20 /* no upload was begun since power-on */
#define IMG_MGMT_ERR_INVALID_LENGTH 21
#define IMG_MGMT_ERR_INVALID_IMAGE_HEADER 22 /* the image's form */
#define IMG_MGMT_ERR_INVALID_HASH 24
#define IMG_MGMT_ERR_CURRENT_VERSION_IS_NEWER 27 /* a downgrade */
#define IMG_MGMT_ERR_IMAGE_TOO_LARGE 30 /* for the slot, or for the board's memory */
#define IMG_MGMT_ERR_IMAGE_DATA_OVERRUN 31
#define IMG_MGMT_ERR_IMAGE_SETTING_TEST_TO_ACTIVE_DENIED 33
#define IMG_MGMT_ERR_UNKNOWN_KEY 64
#define IMG_MGMT_ERR_SIGNATURE 65
#define IMG_MGMT_ERR_ENGINE 66

#endif
