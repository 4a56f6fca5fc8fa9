/* Addresses and interrupts of the AN500 (Arm DAI 0500, chapters 3 and 4). */
#ifndef KANMON_MPS2_H
#define KANMON_MPS2_H

#include "board-config.h"

#define COUNTER 0x40000000u
#define UART0 0x40004000u
#define WATCHDOG 0x40008000u
#define UART0_RX_IRQ 0u
#define UART0_TX_IRQ 1u
#define UART_HZ BOARD_CLOCK_HZ
#define WATCHDOG_HZ BOARD_CLOCK_HZ

/** SysTick's vector. */
void tick_handler(void);

#endif
