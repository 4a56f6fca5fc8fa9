/*
 * Flash of emulated boards: memory that the emulator keeps in a file, under the rules of NOR flash. Units are programmed once
 * between erases, erased bytes are 0xFF; whatever breaks the rules is refused.
 */
#ifndef KANMON_FLASH_IN_MEMORY_H
#define KANMON_FLASH_IN_MEMORY_H

#include <stdint.h>

/** Flash of `bytes` at `base`, with 8 more behind it for the mark of one that was used before; a new one is erased. */
void flash_in_memory_init(uintptr_t base, uint32_t bytes, uint32_t sector, uint32_t unit);
/** As port_flash_read, port_flash_write, port_flash_erase. */
int32_t flash_in_memory_read(uint32_t address, uint8_t *out, uint32_t len);
int32_t flash_in_memory_write(uint32_t address, const uint8_t *data, uint32_t len);
int32_t flash_in_memory_erase(uint32_t address, uint32_t len);

#endif
