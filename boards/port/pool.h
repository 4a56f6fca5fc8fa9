/*
 * The only memory that engines get: one block for the image's linear memory, which grows in place up to BOARD_LINEAR_BYTES, and a
 * pool of BOARD_POOL_BYTES, and of BOARD_POOL_MORE_BYTES in another memory, for wasm3's own structures and code pages. wasm3 is
 * compiled with calloc, realloc and free renamed to these. What is asked for in excess is refused, never found elsewhere.
 */
#ifndef KANMON_POOL_H
#define KANMON_POOL_H

#include <stddef.h>
#include <stdint.h>

void *pool_calloc(size_t count, size_t bytes);
void *pool_realloc(void *block, size_t bytes);
void pool_free(void *block);
/** Bytes from the start of each region that were ever in use, in all: with one region, what it must have at least. For the size table. */
uint32_t pool_peak(void);
/** Gives all back and zeroes it. */
void pool_wipe(void);

/** Bytes before the linear memory that an engine may use for a header; pool_realloc of a block beginning there grows in place. */
#define POOL_LINEAR_LEAD 32u
/** The linear memory's place. Engines that do without the pool must not call the others here, so that it is not linked. */
uint8_t *pool_linear(void);

#endif
