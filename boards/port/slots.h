/*
 * Updating: what assembly/board.ts offers as slot_info, slot_begin, slot_write and slot_mark. Results are 0 or more, or the
 * negative of an error of mcumgr's image group (IMG_MGMT_ERR_…, Zephyr img_mgmt.h). The running slot and the confirmed one are
 * never written or erased.
 */
#ifndef KANMON_SLOTS_H
#define KANMON_SLOTS_H

#include <stdint.h>

#include "board-config.h"
#include "state.h"

#define SLOT_INFO_BYTES 96u
/** Where a slot lies in the data flash, and its size. */
static inline uint32_t slot_address(uint32_t slot) {
  return slot == SLOT_A ? SLOT_A_ADDRESS : SLOT_B_ADDRESS;
}
static inline uint32_t slot_bytes(uint32_t slot) {
  return slot == SLOT_A ? SLOT_A_BYTES : SLOT_B_BYTES;
}

#define MARK_ERASE 0u
#define MARK_TEST 1u
#define MARK_PERMANENT 2u /* of another slot: boot it for good; of the running one: confirm it */

/** Tells which slot runs (SLOT_NONE: the recovery image). */
void slots_running(uint32_t slot);
/** Writes SLOT_INFO_BYTES, laid out as assembly/board.ts says of slot_info. */
int32_t slots_info(uint32_t slot, uint8_t *out);
/** Begins an upload of `len` bytes whose SHA-256 is `sha`, or goes on with it: returns the offset that is wanted next. */
int32_t slots_begin(uint32_t slot, uint32_t len, const uint8_t sha[32]);
/**
 * Takes the bytes at `offset`, if that is the wanted one; returns the offset wanted next either way, so that what comes twice is
 * answered alike. The last byte completes the upload: its SHA-256 must be the announced one. Needs slots_begin since power-on.
 */
int32_t slots_write(uint32_t slot, uint32_t offset, const uint8_t *data, uint32_t len);
int32_t slots_mark(uint32_t slot, uint32_t mark);

#endif
