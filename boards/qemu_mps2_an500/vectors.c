/* The vector table of the AN500 (Arm DAI 0500, table 4-1), as QEMU has it. */
#include "../common/cmsdk/uart.h"
#include "../common/cortex-m/restart.h"
#include "../common/cortex-m/startup.h"
#include "port-an500.h"

#define SYSTEM 16u

__attribute__((section(".vectors"), used)) static const vector_t vectors[SYSTEM + 32u] = {
    stack_top,
    reset_handler,
    watchdog_handler, /* NMI */
    fault_handler,    /* HardFault, to which the others escalate */
    [15] = tick_handler,
    [SYSTEM + UART0_RX_IRQ] = cmsdk_uart_rx_interrupt,
    [SYSTEM + UART0_TX_IRQ] = cmsdk_uart_tx_interrupt,
};
