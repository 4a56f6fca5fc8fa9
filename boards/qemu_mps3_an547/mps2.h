/*
 * Addresses, interrupts and clocks of the AN547 (Arm DAI 0547) and of the SSE-300 in it (Arm 101773), by their secure addresses:
 * it starts, and stays, secure.
 */
#ifndef KANMON_MPS2_H
#define KANMON_MPS2_H

#define COUNTER 0x58100000u
#define WATCHDOG 0x5802E000u
#define UART0 0x59303000u
#define UART0_RX_IRQ 33u
#define UART0_TX_IRQ 34u
#define UART_HZ 25000000u
/* The only CMSDK watchdog of the SSE-300 counts the slow clock. */
#define WATCHDOG_HZ 32000u

/** SysTick's vector. */
void tick_handler(void);

#endif
