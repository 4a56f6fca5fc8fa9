/*
 * The contract of an engine: whatever runs an image. engine-wasm3.c interprets it, engine-aot.c holds it compiled (wasm2c) and
 * runs it only if the digest is the one it was compiled from. One image at a time; memory is fixed (pool.h).
 */
#ifndef KANMON_ENGINE_H
#define KANMON_ENGINE_H

#include <stddef.h>
#include <stdint.h>

/** Values of board_info (assembly/board.ts); 0 is V8. */
#define ENGINE_ID_WASM3 1u
#define ENGINE_ID_AOT 2u

typedef enum {
  ENGINE_OK = 0,
  ENGINE_INVALID,  /* not a module that this engine runs, or an import or export is missing */
  ENGINE_MISMATCH, /* AOT: compiled from another image */
  ENGINE_MEMORY,   /* does not fit this board's memory */
  ENGINE_TRAP      /* the image trapped; engine_trap says how */
} engine_status_t;

/** Exports by their place in this list; lab_… are called by the lab firmware alone. */
typedef enum {
  EXPORT_START = 0, /* (journal, sector, unit) -> state */
  EXPORT_RECEIVE_BUFFER,
  EXPORT_RECEIVE, /* (length) */
  EXPORT_POLL,    /* -> more */
  EXPORT_LAB_FRAME,
  EXPORT_LAB_EXTRACT,
  EXPORT_LAB_TEMPLATE,
  EXPORT_LAB_TEMPLATE_BYTES,
  EXPORT_LAB_QUALITY,
  EXPORT_LAB_COMPARE,
  EXPORT_LAB_SHA256,
  EXPORT_LAB_STEP,
  EXPORT_LAB_FEED,
  EXPORT_LAB_CALIBRATE,
  EXPORT_LAB_ENTROPY,
  EXPORT_LAB_EVIDENCE,
  EXPORT_COUNT
} engine_export_t;

/** Most arguments of an export. */
#define ENGINE_ARGUMENTS 4u

/** ENGINE_ID_…, for board_info. */
uint32_t engine_id(void);

/** Loads and compiles the whole image, so that nothing runs out of memory later. `wasm` must stay where it is. */
engine_status_t engine_open(const uint8_t *wasm, uint32_t bytes, const uint8_t digest[32]);

/** Calls an export with up to 4 arguments; `result` may be NULL. The recovery image has no lab exports: ENGINE_INVALID. */
engine_status_t engine_call(engine_export_t which, const uint32_t args[ENGINE_ARGUMENTS], uint32_t *result);

/** The linear memory as it is now: it may grow in any call. */
uint8_t *engine_memory(uint32_t *bytes);

/** What the last trap was, for people: a constant text. */
const char *engine_trap(void);

/** Forgets the image; linear memory, and whatever else held its data, is zeroed. */
void engine_close(void);

/** Raised by an import whose pointers lie outside of linear memory: ends the running call with ENGINE_TRAP. */
#define TRAP_BOUNDS "a pointer given to the board lies outside of memory"
#define TRAP_MEMORY "no memory is left for the compiled form of a function"

#endif
