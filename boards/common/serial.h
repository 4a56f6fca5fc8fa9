/*
 * The serial functions of port.h, and port_idle, over a UART whose interrupt moves bytes between it and two rings. One of it: a board's
 * `sources` name serial.c and the file that has the UART (cmsdk/uart.c, ns16550/uart.c), which does what stands here as the UART's.
 */
#ifndef KANMON_SERIAL_H
#define KANMON_SERIAL_H

#include <stdbool.h>

#include "ring.h"

extern ring_t serial_rx;
extern ring_t serial_tx;

/** The UART's: gives it from serial_tx what finds room. Interrupts are masked. */
void uart_send(void);
/** The UART's: whether nothing is left in it to be sent. */
bool uart_sent(void);

#endif
