/* Handlers that the vector table of a Cortex-M7 board names besides the common ones. */
#ifndef KANMON_CORTEX_M7_VECTORS_H
#define KANMON_CORTEX_M7_VECTORS_H

void tick_handler(void);
void uart_handler(void);

/** Where the chip begins: what must be done before there is a stack, then reset_handler. */
void chip_reset(void);

#endif
