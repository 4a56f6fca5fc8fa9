/* See fake-flash.h. It also counts what no flash allows: programming what is not erased, or what was being programmed in a cut. */
#include "fake-flash.h"

#include <string.h>

#include "port.h"

flash_t flash;
bool flash_ecc;
uint32_t flash_weak_writes;
uint32_t flash_operations;
jmp_buf flash_cut;
const char *flash_fault;

static uint32_t cut_at;
static tear_t cut_tear;
static uint32_t random_state = 1;

uint32_t flash_random(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 17;
  random_state ^= random_state << 5;
  return random_state;
}

void flash_blank(void) {
  memset(&flash, 0, sizeof flash);
  memset(flash.bytes, 0xFF, sizeof flash.bytes);
}

void flash_arm(uint32_t at, tear_t tear, uint32_t seed) {
  cut_at = at;
  cut_tear = tear;
  random_state = (seed * 2654435761u) | 1u;
  flash_operations = 0;
}

/* Some bits as they were, some as they should become. */
static void mix(uint32_t unit, const uint8_t *before, const uint8_t *wanted) {
  for (uint32_t i = 0; i < FLASH_UNIT_BYTES; i++) {
    const uint8_t mask = (uint8_t)flash_random();
    flash.bytes[unit * FLASH_UNIT_BYTES + i] = (uint8_t)((before[i] & mask) | (wanted[i] & (uint8_t)~mask));
  }
}

void flash_power_on(void) {
  if (!flash.any_unstable) return;
  const uint32_t reading = flash_random() % 3u;
  for (uint32_t unit = 0; unit < FLASH_UNITS; unit++) {
    const uint32_t at = unit * FLASH_UNIT_BYTES;
    if (!flash.unstable[unit]) continue;
    flash.unreadable[unit] = flash_ecc && reading == 2u;
    if (reading == 0u) memcpy(&flash.bytes[at], &flash.before[at], FLASH_UNIT_BYTES);
    else if (reading == 1u) memcpy(&flash.bytes[at], &flash.wanted[at], FLASH_UNIT_BYTES);
    else mix(unit, &flash.before[at], &flash.wanted[at]);
  }
}

static void make_unstable(uint32_t unit, const uint8_t *wanted) {
  const uint32_t at = unit * FLASH_UNIT_BYTES;
  memcpy(&flash.before[at], &flash.bytes[at], FLASH_UNIT_BYTES);
  memcpy(&flash.wanted[at], wanted, FLASH_UNIT_BYTES);
  flash.unstable[unit] = true;
  flash.any_unstable = true;
}

static void tear_bits(uint32_t unit, const uint8_t *wanted) {
  uint8_t before[FLASH_UNIT_BYTES];
  memcpy(before, &flash.bytes[unit * FLASH_UNIT_BYTES], FLASH_UNIT_BYTES);
  mix(unit, before, wanted);
  flash.unreadable[unit] = flash_ecc;
}

static void set_unit(uint32_t unit, const uint8_t *wanted) {
  memcpy(&flash.bytes[unit * FLASH_UNIT_BYTES], wanted, FLASH_UNIT_BYTES);
  flash.unstable[unit] = false;
  flash.unreadable[unit] = false;
}

/* Does a part of an operation over `count` units from `first`; `data` is what they should become, NULL for erased. */
static void tear_up(uint32_t first, uint32_t count, const uint8_t *data) {
  static const uint8_t ERASED[32] = {[0 ... 31] = 0xFF};
  const bool erase = data == NULL;
  /* Many a flash programs all bits of a sector before it erases them: what was erased already may be left as anything. */
  if (erase && (cut_tear == TEAR_BITS || cut_tear == TEAR_UNSTABLE)) {
    memset(&flash.bytes[first * FLASH_UNIT_BYTES], 0, count * FLASH_UNIT_BYTES);
  }
  /* The first unit of a write: nothing seems to be there; the last: all does; or any. */
  const uint32_t stops[3] = {0u, count - 1u, flash_random() % count};
  const uint32_t stop = stops[flash_random() % 3u];
  for (uint32_t i = 0; i < count; i++) {
    const uint8_t *wanted = erase ? ERASED : &data[i * FLASH_UNIT_BYTES];
    const uint32_t unit = first + i;
    switch (cut_tear) {
      case TEAR_HALF:
        if (i < count / 2u) set_unit(unit, wanted);
        else if (i == count / 2u && count == 1u) tear_bits(unit, wanted);
        break;
      case TEAR_LAST:
        if (erase ? i >= count / 2u : i + 1u < count) set_unit(unit, wanted);
        break;
      case TEAR_BITS: tear_bits(unit, wanted); break;
      case TEAR_UNITS:
        if ((flash_random() & 64u) != 0u) set_unit(unit, wanted);
        break;
      case TEAR_UNSTABLE:
        if (erase || i == stop) make_unstable(unit, wanted);
        else if (i < stop) set_unit(unit, wanted);
        break;
      case TEAR_AFTER: set_unit(unit, wanted); break;
      case TEAR_BEFORE:
      default: break;
    }
  }
}

static bool is_cut(void) {
  flash_operations++;
  return flash_operations == cut_at;
}

int32_t port_flash_read(uint32_t address, uint8_t *out, uint32_t len) {
  if (len > FLASH_BYTES || address > FLASH_BYTES - len) {
    flash_fault = "a read beyond the flash";
    return -1;
  }
  for (uint32_t unit = address / FLASH_UNIT_BYTES; unit * FLASH_UNIT_BYTES < address + len; unit++) {
    if (flash.unreadable[unit]) return -1;
  }
  memcpy(out, &flash.bytes[address], len);
  return 0;
}

/* Whether a unit may be programmed: erased, or being programmed with the very same when power went. */
static bool may_program(uint32_t unit, const uint8_t *data) {
  const uint32_t at = unit * FLASH_UNIT_BYTES;
  if (flash.unreadable[unit]) return false;
  if (flash.unstable[unit]) return memcmp(&flash.wanted[at], data, FLASH_UNIT_BYTES) == 0;
  for (uint32_t i = 0; i < FLASH_UNIT_BYTES; i++) {
    if (flash.bytes[at + i] != 0xFFu) return false;
  }
  return true;
}

int32_t port_flash_write(uint32_t address, const uint8_t *data, uint32_t len) {
  const uint32_t first = address / FLASH_UNIT_BYTES;
  const uint32_t count = len / FLASH_UNIT_BYTES;
  if (address % FLASH_UNIT_BYTES != 0u || len % FLASH_UNIT_BYTES != 0u || len == 0u || address > FLASH_BYTES - len) {
    flash_fault = "a write that is not whole units of the flash";
    return -1;
  }
  for (uint32_t i = 0; i < count; i++) {
    if (!may_program(first + i, &data[i * FLASH_UNIT_BYTES])) flash_fault = "a write where the flash is not surely erased";
  }
  if (is_cut()) {
    tear_up(first, count, data);
    longjmp(flash_cut, 1);
  }
  for (uint32_t i = 0; i < count; i++) set_unit(first + i, &data[i * FLASH_UNIT_BYTES]);
  if (flash_weak_writes > 0u) {
    flash_weak_writes--;
    flash.bytes[address] = (uint8_t)(data[0] == 0xFFu ? 0xFEu : 0xFFu);
  }
  return 0;
}

int32_t port_flash_erase(uint32_t address, uint32_t len) {
  static const uint8_t ERASED[32] = {[0 ... 31] = 0xFF};
  if (address % FLASH_SECTOR_BYTES != 0u || len % FLASH_SECTOR_BYTES != 0u || len == 0u || address > FLASH_BYTES - len) {
    flash_fault = "an erase that is not whole sectors of the flash";
    return -1;
  }
  for (uint32_t at = address; at < address + len; at += FLASH_SECTOR_BYTES) {
    const uint32_t first = at / FLASH_UNIT_BYTES;
    const uint32_t count = FLASH_SECTOR_BYTES / FLASH_UNIT_BYTES;
    if (is_cut()) {
      tear_up(first, count, NULL);
      longjmp(flash_cut, 1);
    }
    for (uint32_t i = 0; i < count; i++) set_unit(first + i, ERASED);
  }
  return 0;
}

const uint8_t *port_flash_map(uint32_t address) {
  return &flash.bytes[address];
}
