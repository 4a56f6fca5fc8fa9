/*
 * What the engine AOT knows of an image that host/firmware/aot.ts compiled to C: one of these per image, both in the generated C.
 */
#ifndef KANMON_AOT_H
#define KANMON_AOT_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
  const uint8_t *digest; /* SHA-256 of the WASM that was compiled */
  /** Linear memory as the module wants it at the start, data segments in it, globals at their first values, start function run. */
  void (*instantiate)(void);
  /** Whether the module has the export, and calls it (engine.h, EXPORT_…). */
  bool (*has)(uint32_t which);
  uint32_t (*call)(uint32_t which, const uint32_t *args);
  uint32_t (*memory_bytes)(void);
  /** Zeroes what the module keeps outside of linear memory. */
  void (*forget)(void);
} aot_module_t;

extern const aot_module_t aot_kanmon;
extern const aot_module_t aot_recovery;

/* What engine-aot.c gives to the generated C. */
typedef enum {
  AOT_TRAP_BOUNDS = 1,
  AOT_TRAP_UNREACHABLE,
  AOT_TRAP_DIVISION,
  AOT_TRAP_OVERFLOW,
  AOT_TRAP_CONVERSION,
  AOT_TRAP_INDIRECT,
  AOT_TRAP_DEPTH,
  AOT_TRAP_POINTER, /* a pointer given to the board */
  AOT_TRAP_MEMORY   /* the board has less memory than the module begins with */
} aot_trap_t;

_Noreturn void aot_trap(aot_trap_t trap);

#endif
