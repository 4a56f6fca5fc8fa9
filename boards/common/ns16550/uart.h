/* A 16550 UART with byte-wide registers; bytes are moved by its interrupt, through rings. */
#ifndef KANMON_NS16550_UART_H
#define KANMON_NS16550_UART_H

#include <stdint.h>

/** `clock_hz`: what the divisor divides. */
void ns16550_init(uintptr_t base, uint32_t clock_hz, uint32_t baud);
/** The board calls it for the interrupt of the UART. */
void ns16550_interrupt(void);
/** As port_serial_read and port_serial_write. */
uint32_t ns16550_read(uint8_t *out, uint32_t len);
uint32_t ns16550_write(const uint8_t *data, uint32_t len);
/** Whether everything that was queued has left. */
uint32_t ns16550_idle(void);

#endif
