/* The edges of what an image can reach: its own memory, the journal, and nothing else. */
#include "imports.h"

#include <string.h>

#include "board.h"
#include "engine.h"
#include "keys.h"
#include "random.h"

#define BYTES 4096u

static uint8_t bytes[BYTES];
static const memory_t memory = {bytes, BYTES};
static uint32_t result;

uint32_t engine_id(void) { return ENGINE_ID_WASM3; }

/** -1 for a pointer outside, the same whatever the length. */
static void test_pointers(void) {
  static const uint32_t outside[][2] = {{BYTES, 1}, {BYTES + 1u, 0}, {0, BYTES + 1u}, {BYTES - 31u, 32}, {UINT32_MAX, 1},
                                        {1, UINT32_MAX}, {UINT32_MAX, UINT32_MAX}, {0x80000000u, 0x80000000u}};
  for (uint32_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
    const uint32_t at = outside[i][0];
    const uint32_t len = outside[i][1];
    CHECK(import_transmit(memory, at, len, &result) < 0);
    CHECK(import_flash_read(memory, 0, at, len, &result) < 0);
    CHECK(import_flash_write(memory, 0, at, len, &result) < 0);
    CHECK(import_random(memory, at, len, &result) < 0);
    CHECK(import_sign(memory, at, len, 0, &result) < 0);
    CHECK(import_verify(memory, 0, at, len, 0, &result) < 0);
    CHECK(import_derive_key(memory, at, len, 0, &result) < 0);
    CHECK(import_slot_write(memory, 0, 0, at, len, &result) < 0);
    CHECK(import_trace(memory, at, len) < 0);
  }
  const uint32_t last = BYTES - 31u; /* one byte too few for 32 */
  CHECK(import_public_key(memory, last, &result) < 0 && import_public_key(memory, last - 1u, &result) == 0);
  CHECK(import_image_digest(memory, last, &result) < 0 && import_image_digest(memory, last - 1u, &result) == 0);
  CHECK(import_derive_key(memory, 0, 0, last, &result) < 0);
  CHECK(import_slot_begin(memory, 0, 0, last, &result) < 0);
  CHECK(import_verify(memory, last, 0, 0, 0, &result) < 0);
  CHECK(import_sign(memory, 0, 0, BYTES - 63u, &result) < 0 && import_sign(memory, 0, 0, BYTES - 64u, &result) == 0);
  CHECK(import_board_info(memory, BYTES - 79u, &result) < 0 && import_board_info(memory, BYTES - 80u, &result) == 0);
  CHECK(import_slot_info(memory, 0, BYTES - 95u, &result) < 0 && import_slot_info(memory, 0, BYTES - 96u, &result) == 0);
}

static bool flash_refuses(uint32_t address, uint32_t len) {
  uint32_t wrote = 0;
  uint32_t erased = 0;
  CHECK(import_flash_write(memory, address, 0, len, &wrote) == 0);
  CHECK(import_flash_erase(address, len, &erased) == 0);
  return wrote == UINT32_MAX && erased == UINT32_MAX;
}

static void test_journal(void) {
  flash_blank();
  const uint32_t before = flash_changes;
  CHECK(flash_refuses(JOURNAL_BYTES, 4096) && flash_refuses(JOURNAL_BYTES - 2048u, 4096) && flash_refuses(UINT32_MAX - 4095u, 4096));
  CHECK(flash_refuses(0u - 8192u, 4096)); /* would be the keys */
  CHECK(flash_refuses(4, 8) && flash_refuses(0, 7));
  CHECK(import_flash_erase(2048, 4096, &result) == 0 && result == UINT32_MAX);
  CHECK(import_flash_erase(0, UINT32_MAX, &result) == 0 && result == UINT32_MAX);
  CHECK(import_flash_read(memory, JOURNAL_BYTES, 0, 1, &result) == 0 && result == UINT32_MAX);
  CHECK(import_flash_read(memory, 0u - 1u, 0, 2, &result) == 0 && result == UINT32_MAX);
  CHECK(flash_changes == before);
  (void)memset(bytes, 0x42, 8);
  CHECK(import_flash_write(memory, JOURNAL_BYTES - 8u, 0, 8, &result) == 0 && result == 0u);
  CHECK(flash[JOURNAL_ADDRESS + JOURNAL_BYTES - 1u] == 0x42u && flash[JOURNAL_ADDRESS + JOURNAL_BYTES] == 0xffu);
  CHECK(import_flash_read(memory, JOURNAL_BYTES - 1u, 100, 1, &result) == 0 && result == 0u && bytes[100] == 0x42u);
  CHECK(import_flash_erase(JOURNAL_BYTES - 4096u, 4096, &result) == 0 && result == 0u);
  CHECK(flash[JOURNAL_ADDRESS + JOURNAL_BYTES - 1u] == 0xffu);
}

static void test_info(void) {
  const uint8_t digest[32] = {9, 8, 7};
  state.security = 0x01020304u;
  imports_set_running(digest, 1, 2, 300);
  CHECK(import_image_digest(memory, 0, &result) == 0 && memcmp(bytes, digest, 32) == 0);
  CHECK(import_board_info(memory, 0, &result) == 0 && result == 0u);
  CHECK(bytes[0] == ENGINE_ID_WASM3 && bytes[1] == 2u && bytes[2] == 2u && bytes[3] == 255u && bytes[4] == 1u);
  CHECK(bytes[8] == 4u && bytes[11] == 1u && strcmp((const char *)&bytes[16], BOARD_NAME) == 0);
  imports_set_running(digest, SLOT_NONE, 0, 1);
  CHECK(import_board_info(memory, 0, &result) == 0 && bytes[2] == 3u && bytes[3] == 1u && bytes[4] == SLOT_NONE);
}

static void test_rest(void) {
  CHECK(import_counter(0) == 0u && import_counter(5) == 5u && import_counter(3) == 5u && state.counter == 5u);
  line_room = 10;
  CHECK(import_transmit(memory, 0, 11, &result) == 0 && result == 10u && imports_line_full());
  CHECK(import_transmit(memory, 10, 1, &result) == 0 && result == 1u && !imports_line_full());
  CHECK(!imports_reset_wanted());
  import_reset();
  CHECK(imports_reset_wanted() && !imports_reset_wanted());
  (void)memcpy(bytes, "a\x1b[2J\n", 6);
  CHECK(import_trace(memory, 0, 6) == 0 && strcmp(traced, "a.[2J.") == 0);
  CHECK(import_trace(memory, 0, BYTES) == 0 && strlen(traced) == 120u);
  /* The signature may be written over its own message. */
  uint8_t key[32];
  uint8_t message[64];
  (void)memset(bytes, 3, 64);
  (void)memcpy(message, bytes, sizeof message);
  CHECK(import_sign(memory, 0, 64, 0, &result) == 0 && result == 0u);
  CHECK(keys_public(key) == 0 && ed25519_check(key, message, sizeof message, bytes) == 1);
  const uint32_t before = fed;
  CHECK(import_random(memory, 0, 1, &result) == 0 && fed > before); /* imports feed the watchdog */
  CHECK(import_slot_begin(memory, 1, 20, 0, &result) == 0 && result == 21u + bytes[0]);
  CHECK(import_slot_write(memory, 1, 20, 0, 300, &result) == 0 && result == 321u + bytes[0]);
  CHECK(import_slot_mark(1, 2, &result) == 0 && result == 3u);
}

int main(void) {
  for (uint32_t i = 0; i < sizeof entropy_given; i++) entropy_given[i] = (uint8_t)i;
  flash_blank();
  CHECK(random_start() == 0 && keys_start() == 0);
  test_pointers();
  test_journal();
  test_info();
  test_rest();
  return 0;
}
