/* The Teensy 4.1's flash, through FlexSPI. */
#ifndef KANMON_TEENSY41_FLASH_H
#define KANMON_TEENSY41_FLASH_H

/** Puts the sequences that chip_flash_… needs into FlexSPI's table. */
void flash_start(void);

#endif
