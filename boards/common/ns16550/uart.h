/* A 16550 UART with byte-wide registers; for ../serial.c. */
#ifndef KANMON_NS16550_UART_H
#define KANMON_NS16550_UART_H

#include <stdint.h>

/** `clock_hz`: what the divisor divides. */
void ns16550_init(uintptr_t base, uint32_t clock_hz, uint32_t baud);
/** The board calls it for the interrupt of the UART. */
void ns16550_interrupt(void);

#endif
