/* Addresses and interrupts of the AN505 (Arm DAI 0505, chapters 3 and 4), by their secure addresses: it starts, and stays, secure. */
#ifndef KANMON_MPS2_H
#define KANMON_MPS2_H

#include "board-config.h"

#define COUNTER 0x50000000u
#define WATCHDOG 0x50081000u
#define UART0 0x50200000u
#define UART0_RX_IRQ 32u
#define UART0_TX_IRQ 33u
#define UART_HZ BOARD_CLOCK_HZ
#define WATCHDOG_HZ BOARD_CLOCK_HZ

/** SysTick's vector. */
void tick_handler(void);

#endif
