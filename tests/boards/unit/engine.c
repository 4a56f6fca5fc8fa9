/*
 * The engine wasm3 with modules from files, one command a line on stdin. `open FILE` says how opening ended; `call EXPORT` how a
 * call did, with its result or the trap; `starve FILE` opens it with the first, the second, … allocation refused until it opens;
 * `cut FILE` opens beginnings of it. After a failure nothing may be left in memory.
 */
#include "engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "keys.h"
#include "pool.h"
#include "random.h"

#define FILE_BYTES 200000u

static uint8_t wasm[FILE_BYTES];
static uint32_t bytes;
static const uint8_t digest[32];
static uint32_t allocations_left = UINT32_MAX;

void *__real_pool_calloc(size_t count, size_t size);
void *__real_pool_realloc(void *block, size_t size);
void *__wrap_pool_calloc(size_t count, size_t size);
void *__wrap_pool_realloc(void *block, size_t size);

static bool refused(void) {
  if (allocations_left == 0u) return true;
  allocations_left--;
  return false;
}

void *__wrap_pool_calloc(size_t count, size_t size) { return refused() ? NULL : __real_pool_calloc(count, size); }
void *__wrap_pool_realloc(void *block, size_t size) { return refused() ? NULL : __real_pool_realloc(block, size); }

static const char *name(engine_status_t status) {
  static const char *const names[] = {"ok", "invalid", "mismatch", "memory", "trap"};
  return names[status];
}

static void load(const char *path) {
  FILE *file = fopen(path, "rb");
  CHECK(file != NULL);
  bytes = (uint32_t)fread(wasm, 1, sizeof wasm, file);
  (void)fclose(file);
}

static void expect_wiped(void) {
  const uint8_t *linear = pool_linear();
  uint8_t any = 0;
  for (uint32_t i = 0; i < BOARD_LINEAR_BYTES; i++) any |= linear[i];
  CHECK(any == 0u);
}

static void open_it(void) {
  const engine_status_t status = engine_open(wasm, bytes, digest);
  (void)printf("%s%s%s\n", name(status), status == ENGINE_TRAP ? ": " : "", status == ENGINE_TRAP ? engine_trap() : "");
  if (status != ENGINE_OK) expect_wiped();
}

static void call_it(uint32_t which, uint32_t argument) {
  const uint32_t args[ENGINE_ARGUMENTS] = {argument, 2, 3};
  uint32_t result = 0;
  const engine_status_t status = engine_call((engine_export_t)which, args, &result);
  if (status == ENGINE_OK) (void)printf("ok %d\n", (int)result);
  else (void)printf("%s: %s\n", name(status), engine_trap());
}

static void starve(void) {
  engine_status_t status = ENGINE_MEMORY;
  for (uint32_t allowed = 0; status != ENGINE_OK; allowed++) {
    allocations_left = allowed;
    status = engine_open(wasm, bytes, digest);
    allocations_left = UINT32_MAX;
    CHECK(status == ENGINE_OK || status == ENGINE_MEMORY);
    if (status != ENGINE_OK) expect_wiped();
  }
  (void)printf("ok\n");
}

/** A module that was cut short is refused. */
static void cut(void) {
  const uint32_t all = bytes;
  for (uint32_t len = 0; len < all; len += 1u + len / 50u) {
    const engine_status_t status = engine_open(wasm, len, digest);
    CHECK(status != ENGINE_OK);
  }
  (void)printf("ok\n");
}

int main(void) {
  char line[4096];
  for (uint32_t i = 0; i < sizeof entropy_given; i++) entropy_given[i] = (uint8_t)i;
  flash_blank();
  CHECK(random_start() == 0 && keys_start() == 0);
  while (fgets(line, sizeof line, stdin) != NULL) {
    const char *command = strtok(line, " \n");
    const char *word = strtok(NULL, " \n");
    const char *more = strtok(NULL, " \n");
    if (strcmp(command, "call") == 0) {
      call_it((uint32_t)strtoul(word, NULL, 10), more != NULL ? (uint32_t)strtoul(more, NULL, 10) : 1u);
    } else if (strcmp(command, "close") == 0) {
      engine_close();
      expect_wiped();
      (void)printf("peak %u\n", pool_peak());
    } else {
      load(word);
      if (strcmp(command, "open") == 0) open_it();
      if (strcmp(command, "starve") == 0) starve();
      if (strcmp(command, "cut") == 0) cut();
    }
    (void)fflush(stdout);
  }
  return 0;
}
