/* The pool under random use: blocks never overlap, keep what they hold, come zeroed, and in the end the pool is one block again. */
#include "pool.h"

#include <string.h>

#include "board.h"

#define BLOCKS 200u
#define STEPS 200000u

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

int main(void) {
  CHECK(pool_calloc(1, BOARD_POOL_BYTES) == NULL); /* its header would not fit */
  CHECK(pool_calloc(SIZE_MAX / 2u, 4) == NULL && pool_calloc(1, SIZE_MAX) == NULL);
  for (uint32_t i = 0; i < STEPS; i++) step(number(BLOCKS));
  for (uint32_t i = 0; i < BLOCKS; i++) {
    if (blocks[i].at != NULL) expect_filled(i, blocks[i].bytes);
    pool_free(blocks[i].at);
  }
  pool_free(NULL);
  uint8_t *all = pool_calloc(1, BOARD_POOL_BYTES - 8u);
  CHECK(all != NULL && pool_calloc(1, 0) == NULL);
  CHECK(pool_peak() == BOARD_POOL_BYTES);
  (void)memset(all, 0x55, BOARD_POOL_BYTES - 8u);
  pool_wipe();
  for (uint32_t i = 0; i < BOARD_POOL_BYTES - 8u; i++) CHECK(all[i] == 0u);
  CHECK(pool_calloc(1, 100) != NULL);
  test_linear();
  return 0;
}
