/*
 * The only memory that engines get: one block for the image's linear memory, which grows in place up to BOARD_LINEAR_BYTES, and a
 * pool of BOARD_POOL_BYTES for wasm3's own structures and code pages. wasm3 is compiled with calloc, realloc and free renamed to
 * these. What is asked for in excess is refused, never found elsewhere.
 */
#ifndef KANMON_POOL_H
#define KANMON_POOL_H

#include <stddef.h>
#include <stdint.h>

void *pool_calloc(size_t count, size_t bytes);
void *pool_realloc(void *block, size_t bytes);
void pool_free(void *block);
/** Most bytes of the pool ever used at once, for the size table. */
uint32_t pool_peak(void);
/** Gives all back and zeroes it. */
void pool_wipe(void);

/** The linear memory's place, for engines that do without the pool. */
uint8_t *pool_linear(void);

#endif
