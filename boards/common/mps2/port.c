/*
 * The Arm MPS2 and MPS3 boards as QEMU emulates them (mps2-an500, mps2-an505, mps3-an547): the board's mps2.h has what differs
 * (addresses, interrupts, clocks), its `sources` name its counter. External RAM serves as flash (QEMU keeps it in a file), the
 * host's kernel gives entropy, both by `board.json`'s emulator arguments.
 */
#include "port.h"

#include "../cmsdk/uart.h"
#include "../cmsdk/watchdog.h"
#include "../cortex-m/irq.h"
#include "../cortex-m/restart.h"
#include "../flash-in-memory.h"
#include "../ticks.h"
#include "board-config.h"
#include "mps2.h"

#define TICKS_PER_MICRO (BOARD_CLOCK_HZ / 1000000u)
/* Under `-icount shift=0` an instruction takes a nanosecond of the emulated clock. */
#define INSTRUCTIONS_PER_MICRO 1000u

void tick_handler(void) {
  (void)ticks_now();
}

int32_t port_init(void) {
  flash_in_memory_init();
  ticks_init(COUNTER);
  cmsdk_uart_init(UART0, UART_HZ, BOARD_BAUD);
  irq_tick_start(BOARD_CLOCK_HZ, 1000u);
  irq_enable(UART0_RX_IRQ);
  irq_enable(UART0_TX_IRQ);
  return 0;
}

uint32_t port_reset_reason(void) {
  return restart_reason();
}

uint64_t port_micros(void) {
  return ticks_now() / TICKS_PER_MICRO;
}

int32_t port_watchdog_start(void) {
  cmsdk_watchdog_start(WATCHDOG, (WATCHDOG_HZ / 1000u) * BOARD_WATCHDOG_MS);
  return 0;
}

void port_watchdog_feed(void) {
  cmsdk_watchdog_feed();
}

_Noreturn void port_reset(void) {
  restart(RESET_REQUESTED);
}

uint64_t port_instructions(void) {
  return (ticks_now() * INSTRUCTIONS_PER_MICRO) / TICKS_PER_MICRO;
}
