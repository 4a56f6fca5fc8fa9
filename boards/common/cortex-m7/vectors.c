/* The vector table (Armv7-M ARM, B1.5.3): every exception of the CPU is a fault, but for the tick; one device interrupts. */
#include "vectors.h"

#include "../cortex-m/restart.h"
#include "../cortex-m/startup.h"
#include "chip-uart.h"

#define SYSTEM 16u

__attribute__((section(".vectors"), used)) static const vector_t vectors[SYSTEM + CHIP_UART_IRQ + 1u] = {
    stack_top,
    chip_reset,
    fault_handler, /* NMI: nothing here asks for one */
    fault_handler, /* HardFault, to which the next three escalate */
    fault_handler,
    fault_handler,
    fault_handler,
    [11] = fault_handler,
    [12] = fault_handler,
    [14] = fault_handler,
    [15] = tick_handler,
    [SYSTEM + CHIP_UART_IRQ] = uart_handler,
};
