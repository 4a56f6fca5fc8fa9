/*
 * What the image can reach of the board (assembly/board.ts). Pointers come from the image and are checked here, once, for every
 * engine; flash addresses are of the journal's partition, and nothing else of the flash can be named. The digest of the runner is
 * that of its code between __runner_start and __runner_end (board.ld), unless the board measures it itself.
 */
#include "imports.h"

#include <string.h>

#include "board-config.h"
#include "engine.h"
#include "image.h"
#include "keys.h"
#include "port.h"
#include "random.h"
#include "sha256.h"
#include "slots.h"
#include "state.h"

#define OUT_OF_BOUNDS (-1)
#define DONE 0
#define DIGEST_BYTES 32u
#define SIGNATURE_BYTES 64u
#define INFO_BYTES 80u
#define INFO_NAME_BYTES 32u
#define FLAG_RECOVERY 1u
#define FLAG_DEVELOPMENT 2u
#define TRACE_BYTES 120u

static struct {
  uint8_t digest[DIGEST_BYTES];
  uint8_t runner[DIGEST_BYTES];
  uint8_t slot;
  uint8_t reason;
  uint8_t traps;
} running;

static bool reset_wanted;
static bool line_full;

extern const uint8_t __runner_start[] __attribute__((weak));
extern const uint8_t __runner_end[] __attribute__((weak));

__attribute__((weak)) int32_t port_runner_digest(uint8_t out[32]) {
  sha256_t hash;
  const uintptr_t start = (uintptr_t)__runner_start;
  const uintptr_t end = (uintptr_t)__runner_end;
  if (end <= start) return -1; /* not defined: both are 0. Defined, the start may well be 0 */
  sha256_start(&hash);
  sha256_add(&hash, __runner_start, (uint32_t)(end - start));
  sha256_end(&hash, out);
  return 0;
}

/** `len` bytes at `ptr`, or NULL if they are not all in memory. */
static uint8_t *in_memory(memory_t memory, uint32_t ptr, uint32_t len) {
  port_watchdog_feed();
  return (len <= memory.bytes && ptr <= memory.bytes - len) ? &memory.base[ptr] : NULL;
}

/** Whether a flash operation lies in the journal and, unless it reads, is whole units or sectors. */
static bool in_journal(uint32_t address, uint32_t len, uint32_t whole) {
  port_watchdog_feed();
  return len <= JOURNAL_BYTES && address <= JOURNAL_BYTES - len && address % whole == 0u && len % whole == 0u;
}

static void put_u32(uint8_t *at, uint32_t value) {
  for (uint32_t i = 0; i < 4u; i++) at[i] = (uint8_t)(value >> (8u * i));
}

int32_t import_transmit(memory_t memory, uint32_t ptr, uint32_t len, uint32_t *result) {
  const uint8_t *data = in_memory(memory, ptr, len);
  if (data == NULL) return OUT_OF_BOUNDS;
  *result = port_serial_write(data, len);
  line_full = *result < len;
  return DONE;
}

int32_t import_flash_read(memory_t memory, uint32_t address, uint32_t ptr, uint32_t len, uint32_t *result) {
  uint8_t *out = in_memory(memory, ptr, len);
  if (out == NULL) return OUT_OF_BOUNDS;
  *result = (uint32_t)(in_journal(address, len, 1) ? port_flash_read(JOURNAL_ADDRESS + address, out, len) : -1);
  return DONE;
}

int32_t import_flash_write(memory_t memory, uint32_t address, uint32_t ptr, uint32_t len, uint32_t *result) {
  const uint8_t *data = in_memory(memory, ptr, len);
  if (data == NULL) return OUT_OF_BOUNDS;
  const bool allowed = in_journal(address, len, FLASH_UNIT_BYTES);
  *result = (uint32_t)(allowed ? port_flash_write(JOURNAL_ADDRESS + address, data, len) : -1);
  return DONE;
}

int32_t import_flash_erase(uint32_t address, uint32_t len, uint32_t *result) {
  const bool allowed = in_journal(address, len, FLASH_SECTOR_BYTES);
  *result = (uint32_t)(allowed ? port_flash_erase(JOURNAL_ADDRESS + address, len) : -1);
  return DONE;
}

int32_t import_random(memory_t memory, uint32_t ptr, uint32_t len, uint32_t *result) {
  uint8_t *out = in_memory(memory, ptr, len);
  if (out == NULL) return OUT_OF_BOUNDS;
  *result = (uint32_t)random_fill(out, len);
  return DONE;
}

uint64_t import_micros(void) { return port_micros(); }

int32_t import_sign(memory_t memory, uint32_t ptr, uint32_t len, uint32_t signature, uint32_t *result) {
  uint8_t made[SIGNATURE_BYTES]; /* the image may have its signature written over the message */
  const uint8_t *data = in_memory(memory, ptr, len);
  uint8_t *out = in_memory(memory, signature, SIGNATURE_BYTES);
  if (data == NULL || out == NULL) return OUT_OF_BOUNDS;
  *result = (uint32_t)keys_sign(data, len, made);
  if (*result == 0u) (void)memcpy(out, made, sizeof made);
  return DONE;
}

int32_t import_verify(memory_t memory, uint32_t key, uint32_t ptr, uint32_t len, uint32_t signature, uint32_t *result) {
  const uint8_t *public_key = in_memory(memory, key, DIGEST_BYTES);
  const uint8_t *data = in_memory(memory, ptr, len);
  const uint8_t *given = in_memory(memory, signature, SIGNATURE_BYTES);
  if (public_key == NULL || data == NULL || given == NULL) return OUT_OF_BOUNDS;
  *result = (uint32_t)ed25519_check(public_key, data, len, given);
  return DONE;
}

int32_t import_public_key(memory_t memory, uint32_t ptr, uint32_t *result) {
  uint8_t *out = in_memory(memory, ptr, DIGEST_BYTES);
  if (out == NULL) return OUT_OF_BOUNDS;
  *result = (uint32_t)keys_public(out);
  return DONE;
}

int32_t import_derive_key(memory_t memory, uint32_t context, uint32_t len, uint32_t out, uint32_t *result) {
  uint8_t *key = in_memory(memory, out, DIGEST_BYTES);
  const uint8_t *info = in_memory(memory, context, len);
  if (key == NULL || info == NULL) return OUT_OF_BOUNDS;
  *result = (uint32_t)keys_derive(info, len, key); /* reads all of info before it writes key */
  return DONE;
}

/* A counter that cannot be raised stays below `floor`, which the image takes as refused. */
uint32_t import_counter(uint32_t floor) {
  boot_state_t state;
  port_watchdog_feed();
  if (state_load(&state) != 0) return 0;
  const uint32_t before = state.counter;
  if (floor <= before) return before;
  state.counter = floor;
  return state_save(&state) == 0 ? floor : before;
}

int32_t import_image_digest(memory_t memory, uint32_t ptr, uint32_t *result) {
  uint8_t *out = in_memory(memory, ptr, DIGEST_BYTES);
  if (out == NULL) return OUT_OF_BOUNDS;
  (void)memcpy(out, running.digest, DIGEST_BYTES);
  *result = 0;
  return DONE;
}

static bool development_accepted(void) {
  for (uint32_t i = 0; i < root_keys_count; i++) {
    if (root_keys[i].development) return true;
  }
  return false;
}

int32_t import_board_info(memory_t memory, uint32_t out, uint32_t *result) {
  static const char name[] = BOARD_NAME;
  _Static_assert(sizeof name <= INFO_NAME_BYTES, "the board's name is too long");
  boot_state_t state;
  uint8_t *info = in_memory(memory, out, INFO_BYTES);
  if (info == NULL) return OUT_OF_BOUNDS;
  *result = (uint32_t)state_load(&state);
  if (*result != 0u) return DONE;
  (void)memset(info, 0, INFO_BYTES);
  info[0] = (uint8_t)engine_id();
  info[1] = running.reason;
  info[2] = (uint8_t)((running.slot == SLOT_NONE ? FLAG_RECOVERY : 0u) | (development_accepted() ? FLAG_DEVELOPMENT : 0u));
  info[3] = running.traps;
  info[4] = running.slot;
  put_u32(&info[8], state.security);
  put_u32(&info[12], BOARD_LINEAR_BYTES);
  (void)memcpy(&info[16], name, sizeof name);
  (void)memcpy(&info[48], running.runner, DIGEST_BYTES);
  return DONE;
}

int32_t import_slot_info(memory_t memory, uint32_t slot, uint32_t out, uint32_t *result) {
  uint8_t *info = in_memory(memory, out, SLOT_INFO_BYTES);
  if (info == NULL) return OUT_OF_BOUNDS;
  *result = (uint32_t)slots_info(slot, info);
  return DONE;
}

int32_t import_slot_begin(memory_t memory, uint32_t slot, uint32_t len, uint32_t sha, uint32_t *result) {
  const uint8_t *digest = in_memory(memory, sha, DIGEST_BYTES);
  if (digest == NULL) return OUT_OF_BOUNDS;
  *result = (uint32_t)slots_begin(slot, len, digest);
  return DONE;
}

int32_t import_slot_write(memory_t memory, uint32_t slot, uint32_t offset, uint32_t ptr, uint32_t len, uint32_t *result) {
  const uint8_t *data = in_memory(memory, ptr, len);
  if (data == NULL) return OUT_OF_BOUNDS;
  *result = (uint32_t)slots_write(slot, offset, data, len);
  return DONE;
}

int32_t import_slot_mark(uint32_t slot, uint32_t mark, uint32_t *result) {
  port_watchdog_feed();
  *result = (uint32_t)slots_mark(slot, mark);
  return DONE;
}

void import_reset(void) { reset_wanted = true; }

int32_t import_trace(memory_t memory, uint32_t ptr, uint32_t len) {
  char line[TRACE_BYTES];
  const uint8_t *text = in_memory(memory, ptr, len);
  if (text == NULL) return OUT_OF_BOUNDS;
  const uint32_t shown = len < TRACE_BYTES ? len : TRACE_BYTES;
  for (uint32_t i = 0; i < shown; i++) line[i] = (text[i] >= 0x20u && text[i] < 0x7fu) ? (char)text[i] : '.';
  port_trace(line, shown);
  return DONE;
}

bool imports_reset_wanted(void) {
  const bool wanted = reset_wanted;
  reset_wanted = false;
  return wanted;
}

bool imports_line_full(void) { return line_full; }

void imports_set_running(const uint8_t digest[32], uint32_t slot, uint32_t boot_reason, uint32_t traps) {
  (void)memcpy(running.digest, digest, DIGEST_BYTES);
  running.slot = (uint8_t)slot;
  running.reason = (uint8_t)boot_reason;
  running.traps = (uint8_t)(traps < 255u ? traps : 255u);
  if (port_runner_digest(running.runner) != 0) (void)memset(running.runner, 0, DIGEST_BYTES);
}
