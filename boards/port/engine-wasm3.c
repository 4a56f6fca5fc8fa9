/*
 * The interpreter wasm3 0.5.0 as an engine. Its sources are used as they are (sources.json): their calloc, realloc and free are the
 * pool's, its linear memory is the fixed block, and m3_Yield, which it calls at every call of a function, watches the C stack. wasm3 does
 * not everywhere survive an allocation that fails, so the first one that does ends the opening of the image, or the call in which a
 * function is compiled, by a long jump.
 */
#include "engine.h"

#include <setjmp.h>
#include <stdbool.h>
#include <string.h>

#include "board-config.h"
#include "image.h"
#include "imports.h"
#include "m3_env.h"
#include "pool.h"
#include "wasm3.h"

/* C stack that is kept for what runs above wasm3 (the pump), nested loops of one function, and imports (Ed25519 takes most). */
#define C_STACK_RESERVE 6144u

_Static_assert(BOARD_C_STACK_BYTES >= C_STACK_RESERVE + 4096u, "too little C stack for calls within the image");
_Static_assert(sizeof(M3MemoryHeader) <= POOL_LINEAR_LEAD, "wasm3's header finds room before linear memory");

typedef enum {
  IMPORT_TRANSMIT = 0,
  IMPORT_FLASH_READ,
  IMPORT_FLASH_WRITE,
  IMPORT_FLASH_ERASE,
  IMPORT_RANDOM,
  IMPORT_MICROS,
  IMPORT_SIGN,
  IMPORT_VERIFY,
  IMPORT_PUBLIC_KEY,
  IMPORT_DERIVE_KEY,
  IMPORT_COUNTER,
  IMPORT_IMAGE_DIGEST,
  IMPORT_BOARD_INFO,
  IMPORT_SLOT_INFO,
  IMPORT_SLOT_BEGIN,
  IMPORT_SLOT_WRITE,
  IMPORT_SLOT_MARK,
  IMPORT_RESET,
  IMPORT_TRACE
} import_t;

typedef struct {
  const char *name;
  const char *signature; /* wasm3's: results(arguments); i is i32, I is i64, v is nothing */
  import_t which;
} import_entry_t;

static const import_entry_t imports[] = {
    {"transmit", "i(ii)", IMPORT_TRANSMIT},
    {"flash_read", "i(iii)", IMPORT_FLASH_READ},
    {"flash_write", "i(iii)", IMPORT_FLASH_WRITE},
    {"flash_erase", "i(ii)", IMPORT_FLASH_ERASE},
    {"random", "i(ii)", IMPORT_RANDOM},
    {"micros", "I()", IMPORT_MICROS},
    {"sign", "i(iii)", IMPORT_SIGN},
    {"verify", "i(iiii)", IMPORT_VERIFY},
    {"public_key", "i(i)", IMPORT_PUBLIC_KEY},
    {"derive_key", "i(iii)", IMPORT_DERIVE_KEY},
    {"counter", "i(i)", IMPORT_COUNTER},
    {"image_digest", "i(i)", IMPORT_IMAGE_DIGEST},
    {"board_info", "i(i)", IMPORT_BOARD_INFO},
    {"slot_info", "i(ii)", IMPORT_SLOT_INFO},
    {"slot_begin", "i(iii)", IMPORT_SLOT_BEGIN},
    {"slot_write", "i(iiii)", IMPORT_SLOT_WRITE},
    {"slot_mark", "i(ii)", IMPORT_SLOT_MARK},
    {"reset", "v()", IMPORT_RESET},
    {"trace", "v(ii)", IMPORT_TRACE},
};
#define IMPORT_COUNT (sizeof imports / sizeof imports[0])

typedef struct {
  const char *name;
  uint32_t arguments; /* all i32 */
  uint32_t results;
  bool required;
} export_entry_t;

static const export_entry_t exports[EXPORT_COUNT] = {
    [EXPORT_START] = {"start", 3, 1, true},
    [EXPORT_RECEIVE_BUFFER] = {"receive_buffer", 0, 1, true},
    [EXPORT_RECEIVE] = {"receive", 1, 0, true},
    [EXPORT_POLL] = {"poll", 0, 1, true},
    [EXPORT_LAB_FRAME] = {"lab_frame", 4, 1, false},
    [EXPORT_LAB_EXTRACT] = {"lab_extract", 0, 1, false},
    [EXPORT_LAB_TEMPLATE] = {"lab_template", 1, 1, false},
    [EXPORT_LAB_TEMPLATE_BYTES] = {"lab_template_bytes", 2, 1, false},
    [EXPORT_LAB_QUALITY] = {"lab_quality", 0, 1, false},
    [EXPORT_LAB_COMPARE] = {"lab_compare", 3, 1, false},
    [EXPORT_LAB_SHA256] = {"lab_sha256", 3, 0, false},
    [EXPORT_LAB_STEP] = {"lab_step", 1, 1, false},
    [EXPORT_LAB_FEED] = {"lab_feed", 1, 1, false},
    [EXPORT_LAB_CALIBRATE] = {"lab_calibrate", 0, 1, false},
    [EXPORT_LAB_ENTROPY] = {"lab_entropy", 3, 1, false},
    [EXPORT_LAB_EVIDENCE] = {"lab_evidence", 4, 1, false},
};

static IM3Runtime runtime; /* NULL: no image is open */
static IM3Function functions[EXPORT_COUNT];
static const char *trap = "none";
static uintptr_t stack_floor;
static jmp_buf exhausted; /* set whenever wasm3 may allocate */

uint32_t engine_id(void) { return ENGINE_ID_WASM3; }

bool image_runs_here(const uint8_t payload_hash[32]) {
  (void)payload_hash;
  return true;
}

/* wasm3's calloc and realloc (sources.json). Only the growth of linear memory takes a refusal as it should. */
void *engine_calloc(size_t count, size_t bytes);
void *engine_calloc(size_t count, size_t bytes) {
  void *block = pool_calloc(count, bytes);
  if (block == NULL) longjmp(exhausted, 1);
  return block;
}

void *engine_realloc(void *block, size_t bytes);
void *engine_realloc(void *block, size_t bytes) {
  void *moved = pool_realloc(block, bytes);
  if (moved == NULL && (runtime == NULL || block != runtime->memory.mallocated)) longjmp(exhausted, 1);
  return moved;
}

/** Where the C stack is now. */
static uintptr_t stack_now(void) { return (uintptr_t)__builtin_frame_address(0); }

/** wasm3's hook (m3_core.h): ends a recursion that the WASM stack would bear, but not the C stack. */
M3Result m3_Yield(void);
M3Result m3_Yield(void) { return stack_now() < stack_floor ? m3Err_trapStackOverflow : m3Err_none; }

/** Calls the import with its arguments; its i32 result in *result. Negative: a pointer lies outside of memory. */
static int32_t dispatch(import_t which, memory_t memory, const uint32_t a[4], uint32_t *result) {
  int32_t status = 0;
  switch (which) {
    case IMPORT_TRANSMIT: status = import_transmit(memory, a[0], a[1], result); break;
    case IMPORT_FLASH_READ: status = import_flash_read(memory, a[0], a[1], a[2], result); break;
    case IMPORT_FLASH_WRITE: status = import_flash_write(memory, a[0], a[1], a[2], result); break;
    case IMPORT_FLASH_ERASE: status = import_flash_erase(a[0], a[1], result); break;
    case IMPORT_RANDOM: status = import_random(memory, a[0], a[1], result); break;
    case IMPORT_SIGN: status = import_sign(memory, a[0], a[1], a[2], result); break;
    case IMPORT_VERIFY: status = import_verify(memory, a[0], a[1], a[2], a[3], result); break;
    case IMPORT_PUBLIC_KEY: status = import_public_key(memory, a[0], result); break;
    case IMPORT_DERIVE_KEY: status = import_derive_key(memory, a[0], a[1], a[2], result); break;
    case IMPORT_COUNTER: *result = import_counter(a[0]); break;
    case IMPORT_IMAGE_DIGEST: status = import_image_digest(memory, a[0], result); break;
    case IMPORT_BOARD_INFO: status = import_board_info(memory, a[0], result); break;
    case IMPORT_SLOT_INFO: status = import_slot_info(memory, a[0], a[1], result); break;
    case IMPORT_SLOT_BEGIN: status = import_slot_begin(memory, a[0], a[1], a[2], result); break;
    case IMPORT_SLOT_WRITE: status = import_slot_write(memory, a[0], a[1], a[2], a[3], result); break;
    case IMPORT_SLOT_MARK: status = import_slot_mark(a[0], a[1], result); break;
    case IMPORT_RESET: import_reset(); break;
    case IMPORT_TRACE: status = import_trace(memory, a[0], a[1]); break;
    case IMPORT_MICROS: /* has an i64 result: see call_import */
    default: status = -1; break;
  }
  return status;
}

/** Every import comes here: `sp` holds a place for the result, if there is one, then the arguments, each in 8 bytes. */
static const void *call_import(IM3Runtime from, IM3ImportContext context, uint64_t *sp, void *base) {
  const import_entry_t *entry = context->userdata;
  const uint32_t results = m3_GetRetCount(context->function);
  const uint32_t count = m3_GetArgCount(context->function);
  const memory_t memory = {.base = base, .bytes = m3_GetMemorySize(from)};
  uint32_t arguments[4] = {0};
  uint32_t result = 0;
  if (entry->which == IMPORT_MICROS) {
    sp[0] = import_micros();
    return m3Err_none;
  }
  for (uint32_t i = 0; i < count; i++) arguments[i] = (uint32_t)sp[results + i];
  if (dispatch(entry->which, memory, arguments, &result) < 0) return TRAP_BOUNDS;
  if (results != 0u) (void)memcpy(sp, &result, sizeof result);
  return m3Err_none;
}

static engine_status_t status_of(M3Result result) {
  if (result == m3Err_none) return ENGINE_OK;
  const bool memory =
      result == m3Err_mallocFailed || result == m3Err_mallocFailedCodePage || result == m3Err_wasmMemoryOverflow;
  return memory ? ENGINE_MEMORY : ENGINE_INVALID;
}

/** Links what the image imports; all of it must be ours. */
static engine_status_t link_imports(IM3Module module) {
  for (uint32_t i = 0; i < IMPORT_COUNT; i++) {
    const M3Result result =
        m3_LinkRawFunctionEx(module, "board", imports[i].name, imports[i].signature, call_import, &imports[i]);
    if (result != m3Err_none && result != m3Err_functionLookupFailed) return status_of(result);
  }
  for (uint32_t i = 0; i < module->numFuncImports; i++) {
    if (module->functions[i].compiled == NULL) return ENGINE_INVALID;
  }
  return ENGINE_OK;
}

static bool signature_fits(IM3Function function, const export_entry_t *wanted) {
  if (m3_GetArgCount(function) != wanted->arguments || m3_GetRetCount(function) != wanted->results) return false;
  for (uint32_t i = 0; i < wanted->arguments; i++) {
    if (m3_GetArgType(function, i) != c_m3Type_i32) return false;
  }
  return wanted->results == 0u || m3_GetRetType(function, 0) == c_m3Type_i32;
}

static engine_status_t find_exports(void) {
  for (uint32_t i = 0; i < (uint32_t)EXPORT_COUNT; i++) {
    IM3Function found = NULL;
    const bool named = m3_FindFunction(&found, runtime, exports[i].name) == m3Err_none && found->export_name != NULL &&
                       strcmp(found->export_name, exports[i].name) == 0;
    functions[i] = (named && signature_fits(found, &exports[i])) ? found : NULL;
    if (functions[i] == NULL && exports[i].required) return ENGINE_INVALID;
  }
  return ENGINE_OK;
}

/** Loads the module into the runtime, whose memory is the fixed block from the beginning. */
static engine_status_t load(IM3Environment environment, const uint8_t *wasm, uint32_t bytes) {
  IM3Module module = NULL;
  runtime->memory.mallocated = (M3MemoryHeader *)(void *)(pool_linear() - sizeof(M3MemoryHeader));
  M3Result result = m3_ParseModule(environment, &module, wasm, bytes);
  if (result == m3Err_none && module->memoryImported) return ENGINE_INVALID;
  if (result == m3Err_none) result = m3_LoadModule(runtime, module);
  if (result != m3Err_none) return status_of(result);
  const engine_status_t linked = link_imports(module);
#if BOARD_HAS_ALL_MODALITIES
  /* All of it now: later nothing is allocated, and code that is not valid never starts. */
  return linked == ENGINE_OK ? status_of(m3_CompileModule(module)) : linked;
#else
  /* Functions when they are first called: those of a modality that the board has no memory for never are. */
  return linked;
#endif
}

static void stack_begins_here(void) { stack_floor = stack_now() - (BOARD_C_STACK_BYTES - C_STACK_RESERVE); }

/** wasm3's stack, where the runner's data are: fast memory on boards that have such. The slots beyond are as many as wasm3 adds itself. */
static m3slot_t wasm_stack[BOARD_WASM_STACK_BYTES / sizeof(m3slot_t) + 4u];

/** All of opening. */
static engine_status_t prepare(const uint8_t *wasm, uint32_t bytes) {
  IM3Environment environment = m3_NewEnvironment();
  runtime = m3_NewRuntime(environment, 0, NULL);
  pool_free(runtime->stack);
  runtime->stack = wasm_stack;
  runtime->numStackSlots = BOARD_WASM_STACK_BYTES / sizeof(m3slot_t);
  engine_status_t status = load(environment, wasm, bytes);
  if (status == ENGINE_OK) status = find_exports();
  if (status != ENGINE_OK) return status;
  trap = m3_RunStart(runtime->modules);
  return trap == m3Err_none ? ENGINE_OK : ENGINE_TRAP;
}

engine_status_t engine_open(const uint8_t *wasm, uint32_t bytes, const uint8_t digest[32]) {
  (void)digest;
  engine_close();
  stack_begins_here();
  volatile engine_status_t status = ENGINE_MEMORY; /* kept over the jump */
  if (setjmp(exhausted) == 0) status = prepare(wasm, bytes);
  if (status != ENGINE_OK) engine_close();
  return status;
}

engine_status_t engine_call(engine_export_t which, const uint32_t args[ENGINE_ARGUMENTS], uint32_t *result) {
  if (runtime == NULL || which >= EXPORT_COUNT || functions[which] == NULL) return ENGINE_INVALID;
  const void *pointers[ENGINE_ARGUMENTS] = {&args[0], &args[1], &args[2], &args[3]};
  stack_begins_here();
  trap = TRAP_MEMORY;
  if (setjmp(exhausted) == 0) trap = m3_Call(functions[which], exports[which].arguments, pointers);
  if (trap != m3Err_none) return ENGINE_TRAP;
  if (result != NULL && exports[which].results != 0u) {
    const void *results[1] = {result};
    if (m3_GetResults(functions[which], 1, results) != m3Err_none) return ENGINE_INVALID;
  }
  return ENGINE_OK;
}

uint8_t *engine_memory(uint32_t *bytes) {
  *bytes = runtime == NULL ? 0u : m3_GetMemorySize(runtime);
  return pool_linear();
}

const char *engine_trap(void) { return trap != NULL ? trap : "none"; }

void engine_close(void) {
  runtime = NULL;
  (void)memset(functions, 0, sizeof functions);
  (void)memset(wasm_stack, 0, sizeof wasm_stack);
  pool_wipe();
}
