/* The rules of NOR flash over plain memory; see the header. */
#include "flash-in-memory.h"

#include <stdbool.h>
#include <string.h>

#include "board-config.h"
#include "port.h"

#define ERASED 0xFFu
static const uint8_t mark[8] = {'K', 'A', 'N', 'F', 'L', 'A', 'S', 'H'};

static uint8_t *const memory = (uint8_t *)FLASH_BASE;

void flash_in_memory_init(void) {
  if (memcmp(&memory[FLASH_BYTES], mark, sizeof(mark)) != 0) {
    (void)memset(memory, (int)ERASED, FLASH_BYTES);
    (void)memcpy(&memory[FLASH_BYTES], mark, sizeof(mark));
  }
}

static bool inside(uint32_t address, uint32_t len, uint32_t multiple) {
  return (len <= FLASH_BYTES) && (address <= (FLASH_BYTES - len)) && ((address % multiple) == 0u) && ((len % multiple) == 0u);
}

int32_t port_flash_read(uint32_t address, uint8_t *out, uint32_t len) {
  if (!inside(address, len, 1u)) {
    return -1;
  }
  (void)memcpy(out, &memory[address], len);
  return 0;
}

int32_t port_flash_write(uint32_t address, const uint8_t *data, uint32_t len) {
  if (!inside(address, len, FLASH_UNIT_BYTES)) {
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

int32_t port_flash_erase(uint32_t address, uint32_t len) {
  if (!inside(address, len, FLASH_SECTOR_BYTES)) {
    return -1;
  }
  (void)memset(&memory[address], (int)ERASED, len);
  return 0;
}

const uint8_t *port_flash_map(uint32_t address) {
  return &memory[address];
}
