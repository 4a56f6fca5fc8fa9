/*
 * The engine AOT: images that the build compiled to C (host/firmware/aot.ts). It runs an image if its digest is the one of the WASM that
 * was compiled, so records name the same image as everywhere. A trap leaves the compiled code by longjmp to engine_call; no frame of
 * ours that lies between holds anything.
 */
#include <setjmp.h>
#include <string.h>

#include "aot.h"
#include "board-config.h"
#include "engine.h"
#include "image.h"
#include "pool.h"

static const aot_module_t *const modules[] = {&aot_kanmon, &aot_recovery};
#define MODULES (sizeof modules / sizeof modules[0])

static const aot_module_t *running = NULL;
static jmp_buf escape;
static aot_trap_t last_trap;

_Noreturn void aot_trap(aot_trap_t trap) {
  last_trap = trap;
  longjmp(escape, 1);
}

static const aot_module_t *find(const uint8_t digest[32]) {
  for (uint32_t i = 0u; i < MODULES; i++) {
    if (memcmp(modules[i]->digest, digest, 32u) == 0) return modules[i];
  }
  return NULL;
}

uint32_t engine_id(void) { return ENGINE_ID_AOT; }

bool image_runs_here(const uint8_t payload_hash[32]) { return find(payload_hash) != NULL; }

engine_status_t engine_open(const uint8_t *wasm, uint32_t bytes, const uint8_t digest[32]) {
  (void)wasm;
  (void)bytes;
  engine_close();
  const aot_module_t *const module = find(digest);
  if (module == NULL) return ENGINE_MISMATCH;
  if (setjmp(escape) != 0) {
    engine_close();
    return last_trap == AOT_TRAP_MEMORY ? ENGINE_MEMORY : ENGINE_TRAP;
  }
  running = module;
  running->instantiate();
  return ENGINE_OK;
}

engine_status_t engine_call(engine_export_t which, const uint32_t args[ENGINE_ARGUMENTS], uint32_t *result) {
  if (running == NULL || !running->has((uint32_t)which)) return ENGINE_INVALID;
  if (setjmp(escape) != 0) return ENGINE_TRAP;
  const uint32_t value = running->call((uint32_t)which, args);
  if (result != NULL) *result = value;
  return ENGINE_OK;
}

uint8_t *engine_memory(uint32_t *bytes) {
  *bytes = running == NULL ? 0u : running->memory_bytes();
  return pool_linear();
}

const char *engine_trap(void) {
  static const char *const names[] = {
      [AOT_TRAP_BOUNDS] = "out of bounds memory access",
      [AOT_TRAP_UNREACHABLE] = "unreachable executed",
      [AOT_TRAP_DIVISION] = "integer divide by zero",
      [AOT_TRAP_OVERFLOW] = "integer overflow",
      [AOT_TRAP_CONVERSION] = "invalid conversion to integer",
      [AOT_TRAP_INDIRECT] = "indirect call of what is no such function",
      [AOT_TRAP_DEPTH] = "call stack exhausted",
      [AOT_TRAP_POINTER] = TRAP_BOUNDS,
      [AOT_TRAP_MEMORY] = "not enough memory",
  };
  return last_trap == 0 ? "" : names[last_trap];
}

void engine_close(void) {
  for (uint32_t i = 0u; i < MODULES; i++) modules[i]->forget();
  (void)memset(pool_linear(), 0, BOARD_LINEAR_BYTES);
  __asm__ volatile("" ::: "memory"); /* a reset may follow: the compiler must not leave the zeroing out */
  running = NULL;
}
