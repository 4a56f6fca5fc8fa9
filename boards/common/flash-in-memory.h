/*
 * Flash of emulated boards: memory that the emulator keeps in a file, under the rules of NOR flash. Units are programmed once
 * between erases, erased bytes are 0xFF; whatever breaks the rules is refused. flash-in-memory.c has the flash functions of port.h.
 */
#ifndef KANMON_FLASH_IN_MEMORY_H
#define KANMON_FLASH_IN_MEMORY_H

/** The data flash of board.json, with 8 bytes more behind it for the mark of one that was used before; a new one is erased. */
void flash_in_memory_init(void);

#endif
