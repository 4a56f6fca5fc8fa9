/*
 * What boards/common/cortex-m7/port.c asks of a chip; it makes a port of it (boards/port/port.h). The board's folder has the chip.
 * Its chip-uart.h has, to be inlined into code in ITCM, the UART's:
 *
 *   CHIP_UART_IRQ                        its interrupt, and that of no other device
 *   bool chip_uart_take(uint8_t *byte)   a received byte, if there is one; clears errors
 *   bool chip_uart_give(uint8_t byte)    sends a byte, if there is room
 *   void chip_uart_ask(bool sending)     interrupts for received bytes, and for room while there is more to send
 *   bool chip_uart_idle(void)            all has left
 *
 * The chip implements of port.h itself: port_entropy, port_watchdog_start, port_watchdog_feed, port_trace.
 */
#ifndef KANMON_CORTEX_M7_CHIP_H
#define KANMON_CORTEX_M7_CHIP_H

#include <stdint.h>

#include "memory.h"

/** Its firmware's flash and its data flash, for memory_start. */
extern const memory_region_t chip_flash_regions[2];

/** Clocks, pins, UART, timer, random numbers. Status. .fast is loaded, memory rules and caches are on. */
int32_t chip_start(void);
/** A clock of 32 bits in µs, wrapping. */
uint32_t chip_micros(void);
/** RESET_POWER, RESET_WATCHDOG, or RESET_REQUESTED for any reset by software. Forgets it. */
uint32_t chip_reset_reason(void);

/** Most bytes that chip_flash_program takes; no call crosses a multiple of it. */
#define CHIP_PROGRAM_MOST 256u

/** Reads `len` bytes at `address` of the data flash. Status: negative, the flash cannot. */
int32_t chip_flash_read(uint32_t address, uint8_t *out, uint32_t len);
/** Programs `words` (in RAM), whole write units, `len` bytes. Status. */
int32_t chip_flash_program(uint32_t address, const uint32_t *words, uint32_t len);
/** Erases the sector at `address`. Status. */
int32_t chip_flash_erase(uint32_t address);

/** For chip_flash_…, in code in ITCM: to be called all the time while the flash is busy and interrupts are off, so that nothing is lost. */
void serial_poll(void);

#endif
