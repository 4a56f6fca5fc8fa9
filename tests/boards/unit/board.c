/* The port, the state and the slots as memory. */
#include "board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"
#include "port.h"
#include "slots.h"

uint8_t flash[FLASH_BYTES];
uint32_t flash_changes;
boot_state_t state;
uint8_t entropy_given[64];
bool entropy_fails;
uint32_t entropy_asked;
uint32_t line_room = UINT32_MAX;
char traced[256];
uint32_t fed;

const root_key_t root_keys[] = {{{0}, {0}, true}};
const uint32_t root_keys_count = 1;

void check(bool holds, const char *what, const char *file, int line) {
  if (holds) return;
  (void)fprintf(stderr, "%s:%d: %s\n", file, line, what);
  exit(1);
}

void flash_blank(void) {
  (void)memset(flash, 0xff, sizeof flash);
  (void)memset(&state, 0, sizeof state);
}

int32_t port_flash_read(uint32_t address, uint8_t *out, uint32_t len) {
  CHECK(address + len <= FLASH_BYTES);
  (void)memcpy(out, &flash[address], len);
  return 0;
}

int32_t port_flash_write(uint32_t address, const uint8_t *data, uint32_t len) {
  CHECK(address + len <= FLASH_BYTES && address % FLASH_UNIT_BYTES == 0u && len % FLASH_UNIT_BYTES == 0u);
  flash_changes++;
  for (uint32_t i = 0; i < len; i++) CHECK(flash[address + i] == 0xffu);
  (void)memcpy(&flash[address], data, len);
  return 0;
}

int32_t port_flash_erase(uint32_t address, uint32_t len) {
  CHECK(address + len <= FLASH_BYTES && address % FLASH_SECTOR_BYTES == 0u && len % FLASH_SECTOR_BYTES == 0u);
  flash_changes++;
  (void)memset(&flash[address], 0xff, len);
  return 0;
}

int32_t port_entropy(uint8_t *out, uint32_t len) {
  for (uint32_t i = 0; i < len; i++) out[i] = entropy_given[(entropy_asked + i) % sizeof entropy_given];
  entropy_asked += len;
  return entropy_fails ? -1 : 0;
}

uint32_t port_serial_write(const uint8_t *data, uint32_t len) {
  (void)data;
  return len < line_room ? len : line_room;
}

uint64_t port_micros(void) { return 0x123456789abcull; }
void port_watchdog_feed(void) { fed++; }

void port_trace(const char *text, uint32_t len) {
  CHECK(len < sizeof traced);
  (void)memcpy(traced, text, len);
  traced[len] = '\0';
}

int32_t state_load(boot_state_t *out) {
  *out = state;
  return 0;
}

int32_t state_save(const boot_state_t *given) {
  state = *given;
  return 0;
}

int32_t slots_info(uint32_t slot, uint8_t *out) {
  (void)memset(out, (int)slot, SLOT_INFO_BYTES);
  return 0;
}

int32_t slots_begin(uint32_t slot, uint32_t len, const uint8_t sha[32]) { return (int32_t)(slot + len + sha[0]); }

int32_t slots_write(uint32_t slot, uint32_t offset, const uint8_t *data, uint32_t len) {
  return (int32_t)(slot + offset + len + data[0]);
}

int32_t slots_mark(uint32_t slot, uint32_t mark) { return (int32_t)(slot + mark); }
