/*
 * Memory for engines, fixed at build time. The pool is a row of blocks, each with a header, all in address order; the first free one
 * that is large enough is taken (first fit), free neighbours are joined when they are passed. Few and long-lived blocks are what
 * wasm3 asks for, so nothing cleverer pays. Linear memory stands apart, because it must grow without moving.
 */
#include "pool.h"

#include <stdbool.h>
#include <string.h>

#include "board-config.h"
#include "port.h"

#define GRANULE 8u

typedef struct {
  uint32_t bytes; /* with this header, a multiple of GRANULE; 0: the pool was not laid out yet */
  uint32_t used;
} header_t;

_Static_assert(sizeof(header_t) == GRANULE, "payloads are aligned as headers are");
_Static_assert(BOARD_POOL_BYTES % GRANULE == 0u, "the pool is whole granules");

static uint8_t pool[BOARD_POOL_BYTES] IN_POOL;
static uint8_t linear[POOL_LINEAR_LEAD + BOARD_LINEAR_BYTES] IN_LINEAR;

static uint32_t first_free; /* no free block lies before it */
static uint32_t peak;
static bool ready;

static header_t *block_at(uint32_t at) { return (header_t *)(void *)&pool[at]; }

static void lay_out(void) {
  block_at(0)->bytes = BOARD_POOL_BYTES;
  block_at(0)->used = 0;
  first_free = 0;
  ready = true;
}

/** Where in the pool the block of this payload begins; BOARD_POOL_BYTES if it is none of ours. */
static uint32_t place_of(const void *payload) {
  const uintptr_t at = (uintptr_t)payload - (uintptr_t)pool - sizeof(header_t);
  return (payload == NULL || at >= BOARD_POOL_BYTES) ? BOARD_POOL_BYTES : (uint32_t)at;
}

/** Joins the free blocks that follow a block to it. */
static void join(uint32_t at) {
  header_t *block = block_at(at);
  uint32_t next = at + block->bytes;
  while (next < BOARD_POOL_BYTES && block_at(next)->used == 0u) {
    block->bytes += block_at(next)->bytes;
    next = at + block->bytes;
  }
  if (first_free > at && first_free < next) first_free = at; /* its header is no more */
}

/** Makes a block `need` bytes long and frees what is over; it becomes used. */
static void take(uint32_t at, uint32_t need) {
  header_t *block = block_at(at);
  const uint32_t over = block->bytes - need;
  if (over >= 2u * GRANULE) {
    block->bytes = need;
    block_at(at + need)->bytes = over;
    block_at(at + need)->used = 0;
  }
  block->used = 1;
  if (at + block->bytes > peak) peak = at + block->bytes;
}

/** Bytes of a block for `bytes` of payload; 0: more than there is. */
static uint32_t need_for(size_t bytes) {
  if (bytes > BOARD_POOL_BYTES - sizeof(header_t)) return 0;
  return ((uint32_t)bytes + (uint32_t)sizeof(header_t) + GRANULE - 1u) / GRANULE * GRANULE;
}

void *pool_calloc(size_t count, size_t bytes) {
  if (!ready) lay_out();
  if (bytes != 0u && count > BOARD_POOL_BYTES / bytes) return NULL;
  const uint32_t need = need_for(count * bytes);
  bool all_used = true;
  uint32_t at = first_free;
  while (need != 0u && at < BOARD_POOL_BYTES) {
    header_t *block = block_at(at);
    if (block->used == 0u) {
      join(at);
      if (all_used) first_free = at;
      all_used = false;
      if (block->bytes >= need) {
        take(at, need);
        (void)memset(block + 1, 0, block->bytes - sizeof(header_t));
        return block + 1;
      }
    }
    at += block->bytes;
  }
  return NULL;
}

void pool_free(void *block) {
  const uint32_t at = place_of(block);
  if (at == BOARD_POOL_BYTES) return; /* NULL, or linear memory: it is given back by pool_wipe */
  block_at(at)->used = 0;
  if (at < first_free) first_free = at;
}

static bool is_linear(const void *block) {
  return (uintptr_t)block - (uintptr_t)linear < POOL_LINEAR_LEAD;
}

void *pool_realloc(void *block, size_t bytes) {
  if (block == NULL) return pool_calloc(1, bytes);
  if (is_linear(block)) return bytes <= sizeof linear - ((uintptr_t)block - (uintptr_t)linear) ? block : NULL;
  const uint32_t at = place_of(block);
  const uint32_t need = need_for(bytes);
  if (at == BOARD_POOL_BYTES || need == 0u) return NULL;
  const size_t held = block_at(at)->bytes - sizeof(header_t);
  join(at);
  if (block_at(at)->bytes >= need) {
    take(at, need);
    if (at < first_free) first_free = at; /* what is over may lie before the first free block */
    return block;
  }
  void *moved = pool_calloc(1, bytes);
  if (moved != NULL) {
    (void)memcpy(moved, block, held < bytes ? held : bytes);
    pool_free(block);
  }
  return moved;
}

uint32_t pool_peak(void) { return peak; }

void pool_wipe(void) {
  (void)memset(pool, 0, sizeof pool);
  (void)memset(linear, 0, sizeof linear);
  __asm__ volatile("" ::: "memory"); /* a reset may follow: the compiler must not leave the zeroing out */
  ready = false;
}

uint8_t *pool_linear(void) { return &linear[POOL_LINEAR_LEAD]; }
