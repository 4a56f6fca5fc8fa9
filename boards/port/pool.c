/*
 * Memory for engines, fixed at build time. A region is a row of blocks, each with a header, all in address order; the first free one
 * that is large enough is taken (first fit), free neighbours are joined when they are passed. Few and long-lived blocks are what
 * wasm3 asks for, so nothing cleverer pays. A second region, where a board has one, is used when the first has no room; no block
 * lies in both. Linear memory stands apart, because it must grow without moving.
 */
#include "pool.h"

#include <stdbool.h>
#include <string.h>

#include "board-config.h"
#include "port.h"

#define GRANULE 8u

typedef struct {
  uint32_t bytes; /* with this header, a multiple of GRANULE */
  uint32_t used;
} header_t;

_Static_assert(sizeof(header_t) == GRANULE, "payloads are aligned as headers are");
_Static_assert(BOARD_POOL_BYTES % GRANULE == 0u, "the pool is whole granules");
_Static_assert(BOARD_POOL_MORE_BYTES % GRANULE == 0u, "the pool's second region is whole granules");

typedef struct {
  uint8_t *start;
  uint32_t bytes;
} region_t;

static uint8_t pool[BOARD_POOL_BYTES] IN_POOL;
static uint8_t linear[POOL_LINEAR_LEAD + BOARD_LINEAR_BYTES] IN_LINEAR;
#if BOARD_POOL_MORE_BYTES > 0
#define REGIONS 2u
static uint8_t pool_more[BOARD_POOL_MORE_BYTES] IN_POOL_MORE;
static const region_t regions[REGIONS] = {{pool, sizeof pool}, {pool_more, sizeof pool_more}};
#else
#define REGIONS 1u
static const region_t regions[REGIONS] = {{pool, sizeof pool}};
#endif
#define MOST_BYTES (BOARD_POOL_BYTES > BOARD_POOL_MORE_BYTES ? BOARD_POOL_BYTES : BOARD_POOL_MORE_BYTES)

/* By region: no free block lies before it; bytes from the start that were ever in use. */
static uint32_t first_free[REGIONS];
static uint32_t peak[REGIONS];
static bool ready;

static header_t *block_at(uint32_t region, uint32_t at) { return (header_t *)(void *)&regions[region].start[at]; }

static void lay_out(void) {
  for (uint32_t region = 0; region < REGIONS; region++) {
    block_at(region, 0)->bytes = regions[region].bytes;
    block_at(region, 0)->used = 0;
    first_free[region] = 0;
  }
  ready = true;
}

/** Which region the block of this payload lies in, and where it begins there in *at; REGIONS if it is none of ours. */
static uint32_t place_of(const void *payload, uint32_t *at) {
  uint32_t region = payload == NULL ? REGIONS : 0u;
  for (; region < REGIONS; region++) {
    const uintptr_t offset = (uintptr_t)payload - (uintptr_t)regions[region].start - sizeof(header_t);
    *at = (uint32_t)offset;
    if (offset < regions[region].bytes) break;
  }
  return region;
}

/** Joins the free blocks that follow a block to it. */
static void join(uint32_t region, uint32_t at) {
  header_t *block = block_at(region, at);
  uint32_t next = at + block->bytes;
  while (next < regions[region].bytes && block_at(region, next)->used == 0u) {
    block->bytes += block_at(region, next)->bytes;
    next = at + block->bytes;
  }
  if (first_free[region] > at && first_free[region] < next) first_free[region] = at; /* its header is no more */
}

/** Makes a block `need` bytes long and frees what is over; it becomes used. */
static void take(uint32_t region, uint32_t at, uint32_t need) {
  header_t *block = block_at(region, at);
  const uint32_t over = block->bytes - need;
  if (over >= 2u * GRANULE) {
    block->bytes = need;
    block_at(region, at + need)->bytes = over;
    block_at(region, at + need)->used = 0;
  }
  block->used = 1;
  if (at + block->bytes > peak[region]) peak[region] = at + block->bytes;
}

/** Bytes of a block for `bytes` of payload; 0: more than any region has. */
static uint32_t need_for(size_t bytes) {
  if (bytes > MOST_BYTES - sizeof(header_t)) return 0;
  return ((uint32_t)bytes + (uint32_t)sizeof(header_t) + GRANULE - 1u) / GRANULE * GRANULE;
}

/** Takes a block of `need` bytes of a region and zeroes its payload; NULL: none is large enough. */
static void *take_first(uint32_t region, uint32_t need) {
  bool all_used = true;
  uint32_t at = first_free[region];
  while (at < regions[region].bytes) {
    header_t *block = block_at(region, at);
    if (block->used == 0u) {
      join(region, at);
      if (all_used) first_free[region] = at;
      all_used = false;
      if (block->bytes >= need) {
        take(region, at, need);
        (void)memset(block + 1, 0, block->bytes - sizeof(header_t));
        return block + 1;
      }
    }
    at += block->bytes;
  }
  return NULL;
}

void *pool_calloc(size_t count, size_t bytes) {
  if (!ready) lay_out();
  if (bytes != 0u && count > MOST_BYTES / bytes) return NULL;
  const uint32_t need = need_for(count * bytes);
  void *block = NULL;
  for (uint32_t region = 0; need != 0u && block == NULL && region < REGIONS; region++) block = take_first(region, need);
  return block;
}

void pool_free(void *block) {
  uint32_t at = 0;
  const uint32_t region = place_of(block, &at);
  if (region == REGIONS) return; /* NULL, or linear memory: it is given back by pool_wipe */
  block_at(region, at)->used = 0;
  if (at < first_free[region]) first_free[region] = at;
}

static bool is_linear(const void *block) {
  return (uintptr_t)block - (uintptr_t)linear < POOL_LINEAR_LEAD;
}

void *pool_realloc(void *block, size_t bytes) {
  if (block == NULL) return pool_calloc(1, bytes);
  if (is_linear(block)) return bytes <= sizeof linear - ((uintptr_t)block - (uintptr_t)linear) ? block : NULL;
  uint32_t at = 0;
  const uint32_t region = place_of(block, &at);
  const uint32_t need = need_for(bytes);
  if (region == REGIONS || need == 0u) return NULL;
  const size_t held = block_at(region, at)->bytes - sizeof(header_t);
  join(region, at);
  if (block_at(region, at)->bytes >= need) {
    take(region, at, need);
    if (at < first_free[region]) first_free[region] = at; /* what is over may lie before the first free block */
    return block;
  }
  void *moved = pool_calloc(1, bytes);
  if (moved != NULL) {
    (void)memcpy(moved, block, held < bytes ? held : bytes);
    pool_free(block);
  }
  return moved;
}

uint32_t pool_peak(void) {
  uint32_t sum = 0;
  for (uint32_t region = 0; region < REGIONS; region++) sum += peak[region];
  return sum;
}

void pool_wipe(void) {
  for (uint32_t region = 0; region < REGIONS; region++) (void)memset(regions[region].start, 0, regions[region].bytes);
  (void)memset(linear, 0, sizeof linear);
  __asm__ volatile("" ::: "memory"); /* a reset may follow: the compiler must not leave the zeroing out */
  ready = false;
}

uint8_t *pool_linear(void) { return &linear[POOL_LINEAR_LEAD]; }
