/* The rules of NOR flash over plain memory; see the header. */
#include "flash-in-memory.h"

#include <stdbool.h>
#include <string.h>

#define ERASED 0xFFu
static const uint8_t mark[8] = {'K', 'A', 'N', 'F', 'L', 'A', 'S', 'H'};

static uint8_t *memory;
static uint32_t size;
static uint32_t sector_bytes;
static uint32_t unit_bytes;

void flash_in_memory_init(uintptr_t base, uint32_t bytes, uint32_t sector, uint32_t unit) {
  memory = (uint8_t *)base;
  size = bytes;
  sector_bytes = sector;
  unit_bytes = unit;
  if (memcmp(&memory[size], mark, sizeof(mark)) != 0) {
    (void)memset(memory, (int)ERASED, size);
    (void)memcpy(&memory[size], mark, sizeof(mark));
  }
}

static bool inside(uint32_t address, uint32_t len, uint32_t multiple) {
  return (len <= size) && (address <= (size - len)) && ((address % multiple) == 0u) && ((len % multiple) == 0u);
}

int32_t flash_in_memory_read(uint32_t address, uint8_t *out, uint32_t len) {
  if (!inside(address, len, 1u)) {
    return -1;
  }
  (void)memcpy(out, &memory[address], len);
  return 0;
}

int32_t flash_in_memory_write(uint32_t address, const uint8_t *data, uint32_t len) {
  if (!inside(address, len, unit_bytes)) {
    return -1;
  }
  for (uint32_t i = 0u; i < len; i++) {
    if (memory[address + i] != ERASED) {
      return -1;
    }
  }
  (void)memcpy(&memory[address], data, len);
  return 0;
}

int32_t flash_in_memory_erase(uint32_t address, uint32_t len) {
  if (!inside(address, len, sector_bytes)) {
    return -1;
  }
  (void)memset(&memory[address], (int)ERASED, len);
  return 0;
}
