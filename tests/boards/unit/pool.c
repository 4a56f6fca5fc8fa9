/* The pool under random use: blocks never overlap, keep what they hold, come zeroed, and in the end each region is one block again. */
#include "pool.h"

#include <stdbool.h>
#include <string.h>

#include "board.h"

#define BLOCKS 200u
#define STEPS 200000u
#define HEADER 8u

static struct {
  uint8_t *at;
  uint32_t bytes;
  uint8_t fill;
} blocks[BLOCKS];

static uint32_t seed = 1;
static uint32_t number(uint32_t below) {
  seed = seed * 1664525u + 1013904223u;
  return (uint32_t)(((uint64_t)(seed >> 8) * below) >> 24);
}

static void expect_filled(uint32_t i, uint32_t bytes) {
  for (uint32_t at = 0; at < bytes; at++) CHECK(blocks[i].at[at] == blocks[i].fill);
}

static void fill(uint32_t i, uint32_t bytes) {
  blocks[i].bytes = bytes;
  blocks[i].fill = (uint8_t)(1u + number(255));
  (void)memset(blocks[i].at, blocks[i].fill, bytes);
}

static uint32_t some_size(void) { return number(10) == 0u ? number(BOARD_POOL_BYTES / 8u) : number(600); }

static void step(uint32_t i) {
  const uint32_t bytes = some_size();
  if (blocks[i].at == NULL) {
    blocks[i].at = pool_calloc(1, bytes);
    if (blocks[i].at == NULL) return;
    CHECK((uintptr_t)blocks[i].at % 8u == 0u);
    for (uint32_t at = 0; at < bytes; at++) CHECK(blocks[i].at[at] == 0u);
    fill(i, bytes);
  } else if (number(3) == 0u) {
    uint8_t *moved = pool_realloc(blocks[i].at, bytes);
    if (moved == NULL) {
      expect_filled(i, blocks[i].bytes);
      return;
    }
    blocks[i].at = moved;
    expect_filled(i, bytes < blocks[i].bytes ? bytes : blocks[i].bytes);
    fill(i, bytes);
  } else {
    expect_filled(i, blocks[i].bytes);
    pool_free(blocks[i].at);
    blocks[i].at = NULL;
  }
}

static void test_linear(void) {
  uint8_t *linear = pool_linear();
  uint8_t *header = linear - 24;
  CHECK((uintptr_t)linear % 16u == 0u);
  CHECK(pool_realloc(header, 24u + 65536u) == header);
  (void)memset(linear, 0xaa, BOARD_LINEAR_BYTES);
  CHECK(pool_realloc(header, 24u + BOARD_LINEAR_BYTES) == header);
  CHECK(pool_realloc(header, 25u + BOARD_LINEAR_BYTES) == NULL);
  pool_free(header);
  CHECK(linear[0] == 0xaau);
  pool_wipe();
  for (uint32_t i = 0; i < BOARD_LINEAR_BYTES; i++) CHECK(linear[i] == 0u);
}

/** All of a region; the first that has so much is taken. */
static uint8_t *all_of(uint32_t bytes) {
  uint8_t *all = pool_calloc(1, bytes - HEADER);
  CHECK(all != NULL);
  (void)memset(all, 0x55, bytes - HEADER);
  return all;
}

static void expect_zero(const uint8_t *all, uint32_t bytes) {
  for (uint32_t at = 0; at < bytes - HEADER; at++) CHECK(all[at] == 0u);
}

/** Frees nothing, and is not moved. */
static void expect_foreign(void *pointer) {
  pool_free(pointer);
  CHECK(pool_realloc(pointer, 1) == NULL);
}

static void test_foreign(void) {
  uint32_t outside[4] = {1, 1, 1, 1};
  uint8_t *all = all_of(BOARD_POOL_BYTES);
  expect_foreign(&outside[2]);
  expect_foreign(pool_linear() + 64);
  expect_foreign(all - HEADER); /* the region's first byte, and the one behind its last */
  expect_foreign(all + (BOARD_POOL_BYTES - HEADER) + HEADER);
  CHECK(outside[0] == 1u && outside[1] == 1u);
  pool_free(all);
}

#if BOARD_POOL_MORE_BYTES > 0
static bool in_first(const uint8_t *first, const uint8_t *block) {
  return (uintptr_t)block - (uintptr_t)first < BOARD_POOL_BYTES;
}

static void test_regions(void) {
  uint8_t *first = all_of(BOARD_POOL_BYTES);
  uint8_t *second = pool_calloc(1, 100);
  CHECK(second != NULL && !in_first(first, second)); /* the second region when the first is full */
  pool_free(first);
  uint8_t *small = pool_calloc(1, 100);
  CHECK(small == first); /* and the first again as soon as it has room */
  uint8_t *rest = pool_calloc(1, BOARD_POOL_BYTES - 200u);
  CHECK(in_first(first, rest));

  for (uint32_t at = 0; at < 100u; at++) small[at] = (uint8_t)at;
  uint8_t *moved = pool_realloc(small, 1000); /* cannot grow where it is */
  CHECK(moved != NULL && !in_first(first, moved));
  for (uint32_t at = 0; at < 1000u; at++) CHECK(moved[at] == (at < 100u ? at : 0u));
  CHECK(pool_calloc(1, 100) == small); /* what it left is free */

  uint8_t *behind = pool_calloc(1, 100);
  CHECK(behind != NULL && !in_first(first, behind));
  pool_free(rest);
  uint8_t *back = pool_realloc(moved, BOARD_POOL_BYTES - 200u); /* and from the second into the first */
  CHECK(back == rest);
  for (uint32_t at = 0; at < 100u; at++) CHECK(back[at] == at);
  uint8_t *grown = pool_realloc(second, 900); /* joins what `moved` left behind it */
  CHECK(grown == second);
  CHECK(pool_realloc(grown, BOARD_POOL_BYTES + BOARD_POOL_MORE_BYTES - 100u) == NULL); /* no block lies in both */
  pool_free(small);
  pool_free(back);
  pool_free(grown);
  pool_free(behind);
}
#endif

int main(void) {
  const uint32_t largest = BOARD_POOL_BYTES > BOARD_POOL_MORE_BYTES ? BOARD_POOL_BYTES : BOARD_POOL_MORE_BYTES;
  CHECK(pool_calloc(1, largest) == NULL); /* its header would not fit */
  CHECK(pool_calloc(SIZE_MAX / 2u, 4) == NULL && pool_calloc(1, SIZE_MAX) == NULL);
  CHECK(pool_peak() == 0u);
  test_foreign();
  CHECK(pool_peak() == BOARD_POOL_BYTES);
#if BOARD_POOL_MORE_BYTES > 0
  test_regions();
#endif
  for (uint32_t i = 0; i < STEPS; i++) step(number(BLOCKS));
  for (uint32_t i = 0; i < BLOCKS; i++) {
    if (blocks[i].at != NULL) expect_filled(i, blocks[i].bytes);
    pool_free(blocks[i].at);
  }
  pool_free(NULL);
  uint8_t *all = all_of(BOARD_POOL_BYTES);
#if BOARD_POOL_MORE_BYTES > 0
  uint8_t *more = all_of(BOARD_POOL_MORE_BYTES);
#endif
  CHECK(pool_calloc(1, 0) == NULL);
  CHECK(pool_peak() == BOARD_POOL_BYTES + BOARD_POOL_MORE_BYTES);
  pool_wipe();
  expect_zero(all, BOARD_POOL_BYTES);
#if BOARD_POOL_MORE_BYTES > 0
  expect_zero(more, BOARD_POOL_MORE_BYTES);
#endif
  CHECK(pool_calloc(1, 100) != NULL);
  test_linear();
  return 0;
}
