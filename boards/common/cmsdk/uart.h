/* The UART of Arm's Cortex-M System Design Kit (CMSDK, DDI 0479, section 4.3), by interrupts over two rings. One of it. */
#ifndef KANMON_CMSDK_UART_H
#define KANMON_CMSDK_UART_H

#include <stdint.h>

/** Sets the line up. The board's interrupt handlers call the two functions below; it enables them in the NVIC. */
void cmsdk_uart_init(uintptr_t base, uint32_t clock_hz, uint32_t baud);
void cmsdk_uart_rx_interrupt(void);
void cmsdk_uart_tx_interrupt(void);

/** As port_serial_read and port_serial_write. */
uint32_t cmsdk_uart_read(uint8_t *out, uint32_t len);
uint32_t cmsdk_uart_write(const uint8_t *data, uint32_t len);
/** Whether everything that was queued has left. */
uint32_t cmsdk_uart_idle(void);

#endif
