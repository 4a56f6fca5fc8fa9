/* The UART of Arm's Cortex-M System Design Kit (CMSDK, DDI 0479, section 4.3), for ../serial.c. */
#ifndef KANMON_CMSDK_UART_H
#define KANMON_CMSDK_UART_H

#include <stdint.h>

/** Sets the line up. The board's interrupt handlers call the two functions below; it enables them in the NVIC. */
void cmsdk_uart_init(uintptr_t base, uint32_t clock_hz, uint32_t baud);
void cmsdk_uart_rx_interrupt(void);
void cmsdk_uart_tx_interrupt(void);

#endif
