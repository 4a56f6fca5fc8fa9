/*
 * What the image can reach of the board (assembly/board.ts), over memory of any engine. Engines bind their own calling
 * convention to these functions. Each checks its pointers: 0 the call is done, with its result in *result (if it has one);
 * negative: a pointer lies outside of memory, and the engine must trap.
 */
#ifndef KANMON_IMPORTS_H
#define KANMON_IMPORTS_H

#include <stdbool.h>
#include <stdint.h>

/** The image's linear memory in this call. */
typedef struct {
  uint8_t *base;
  uint32_t bytes;
} memory_t;

int32_t import_transmit(memory_t memory, uint32_t ptr, uint32_t len, uint32_t *result);
int32_t import_flash_read(memory_t memory, uint32_t address, uint32_t ptr, uint32_t len, uint32_t *result);
int32_t import_flash_write(memory_t memory, uint32_t address, uint32_t ptr, uint32_t len, uint32_t *result);
int32_t import_flash_erase(uint32_t address, uint32_t len, uint32_t *result);
int32_t import_random(memory_t memory, uint32_t ptr, uint32_t len, uint32_t *result);
uint64_t import_micros(void);
int32_t import_sign(memory_t memory, uint32_t ptr, uint32_t len, uint32_t signature, uint32_t *result);
int32_t import_verify(memory_t memory, uint32_t key, uint32_t ptr, uint32_t len, uint32_t signature, uint32_t *result);
int32_t import_public_key(memory_t memory, uint32_t ptr, uint32_t *result);
int32_t import_derive_key(memory_t memory, uint32_t context, uint32_t len, uint32_t out, uint32_t *result);
uint32_t import_counter(uint32_t floor);
int32_t import_image_digest(memory_t memory, uint32_t ptr, uint32_t *result);
int32_t import_board_info(memory_t memory, uint32_t out, uint32_t *result);
int32_t import_slot_info(memory_t memory, uint32_t slot, uint32_t out, uint32_t *result);
int32_t import_slot_begin(memory_t memory, uint32_t slot, uint32_t len, uint32_t sha, uint32_t *result);
int32_t import_slot_write(memory_t memory, uint32_t slot, uint32_t offset, uint32_t ptr, uint32_t len, uint32_t *result);
int32_t import_slot_mark(uint32_t slot, uint32_t mark, uint32_t *result);
void import_reset(void);
int32_t import_trace(memory_t memory, uint32_t ptr, uint32_t len);

/** Whether the image asked for a restart since the last call of this function. */
bool imports_reset_wanted(void);
/** Whether the line had no room for all that the image offered last: it offers the rest at its next poll. */
bool imports_line_full(void);
/** Sets what image_digest and board_info answer; to be called before engine_open. `slot`: 0 A, 1 B, 255 the recovery image. */
void imports_set_running(const uint8_t digest[32], uint32_t slot, uint32_t boot_reason, uint32_t traps);

#endif
