/* The vector table of an MPS2 board; its mps2.h has the interrupts' numbers. */
#include "../cmsdk/uart.h"
#include "../cortex-m/restart.h"
#include "../cortex-m/startup.h"
#include "mps2.h"

#define SYSTEM 16u

__attribute__((section(".vectors"), used)) static const vector_t vectors[SYSTEM + UART0_TX_IRQ + 1u] = {
    stack_top,
    reset_handler,
    watchdog_handler, /* NMI */
    fault_handler,    /* HardFault, to which the others escalate */
    [15] = tick_handler,
    [SYSTEM + UART0_RX_IRQ] = cmsdk_uart_rx_interrupt,
    [SYSTEM + UART0_TX_IRQ] = cmsdk_uart_tx_interrupt,
};
