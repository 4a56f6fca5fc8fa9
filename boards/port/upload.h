/* The bytes of an upload: how far they got, and writing them in order. slots.c decides whether they may be written at all. */
#ifndef KANMON_UPLOAD_H
#define KANMON_UPLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "state.h"

/** Erases the sectors of a slot that hold the bytes from `from`, the start of a sector, to `to`. Status. */
int32_t upload_erase(uint32_t slot, uint32_t from, uint32_t to);
/** Takes bytes from `offset` on; what lies behind is erased, or, if `resumed`, is erased on the way. */
void upload_open(uint32_t offset, bool resumed);
/** Takes no more bytes. */
void upload_close(void);
/** Goes on with the upload that the state announces: the offset wanted next. */
uint32_t upload_resume(const boot_state_t *state);
/** Whether what lies in the slot is what the state announces. */
bool upload_is_announced(const boot_state_t *state);
/** Takes bytes: the offset wanted next, or -IMG_MGMT_ERR_…; …INVALID_HASH if it was the last byte and not what was announced. */
int32_t upload_take(const boot_state_t *state, uint32_t offset, const uint8_t *data, uint32_t len);
/** How many bytes of the announced upload are there; resuming may want some of them again. */
uint32_t upload_received(const boot_state_t *state);

#endif
