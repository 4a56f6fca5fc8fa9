/*
 * QEMU's virt machine with a 32-bit RISC-V hart (docs of QEMU, system/riscv/virt; addresses: hw/riscv/virt.c). The second of two
 * memories serves as flash, kept in a file; the second hart, which that memory needs, sleeps. The machine has no watchdog: its
 * timer's interrupt, which the image cannot mask, stands in for one.
 */
#include "port.h"

#include <stdbool.h>

#include "../common/flash-in-memory.h"
#include "../common/ns16550/uart.h"
#include "../common/restart-note.h"
#include "../common/riscv/irq.h"
#include "../common/riscv/startup.h"
#include "board-config.h"

#define TEST ((volatile uint32_t *)0x00100000u) /* SiFive's test device */
#define TEST_RESET 0x7777u
#define MTIMECMP ((volatile uint32_t *)0x02004000u)
#define MTIME ((volatile uint32_t *)0x0200BFF8u)
#define MTIME_HZ 10000000u
#define PLIC_PRIORITY ((volatile uint32_t *)0x0C000000u)
#define PLIC_ENABLE ((volatile uint32_t *)0x0C002000u)
#define PLIC_THRESHOLD ((volatile uint32_t *)0x0C200000u)
#define PLIC_CLAIM ((volatile uint32_t *)0x0C200004u)
#define UART 0x10000000u
#define UART_IRQ 10u
#define UART_CLOCK_HZ 3686400u

#define TICK (MTIME_HZ / 1000u)
#define TICKS_PER_MICRO (MTIME_HZ / 1000000u)
/* Under `-icount shift=0` an instruction takes a nanosecond of the emulated clock. */
#define INSTRUCTIONS_PER_TICK (1000000000u / MTIME_HZ)
#define TEXT_BYTES 48u

RETAINED static restart_note_t note;
static volatile bool watched;
static volatile uint64_t fed;
static uint64_t started;

static uint64_t now(void) {
  uint32_t high;
  uint32_t low;
  do {
    high = MTIME[1];
    low = MTIME[0];
  } while (high != MTIME[1]);
  return ((uint64_t)high << 32) | low;
}

/* The high word first goes to the end of time, so that no interrupt comes in between. */
static void next_tick(void) {
  const uint64_t at = now() + TICK;
  MTIMECMP[1] = UINT32_MAX;
  MTIMECMP[0] = (uint32_t)at;
  MTIMECMP[1] = (uint32_t)(at >> 32);
}

_Noreturn static void restart(uint32_t reason) {
  restart_note_write(&note, reason);
  for (;;) {
    *TEST = TEST_RESET;
  }
}

static void tick(void) {
  next_tick();
  if (watched && ((now() - fed) > ((uint64_t)BOARD_WATCHDOG_MS * TICK))) {
    restart(RESET_WATCHDOG);
  }
}

static void external(void) {
  const uint32_t source = *PLIC_CLAIM;
  if (source == UART_IRQ) {
    ns16550_interrupt();
  }
  *PLIC_CLAIM = source;
}

static uint32_t put_hex(char *text, uint32_t at, uint32_t value) {
  static const char digits[] = "0123456789abcdef";
  for (uint32_t i = 0u; i < 8u; i++) {
    text[at + i] = digits[(value >> (28u - (4u * i))) & 15u];
  }
  return at + 8u;
}

_Noreturn static void exception(uint32_t cause, uint32_t at) {
  char text[TEXT_BYTES] = "fault, mcause 0x........ at 0x";
  (void)put_hex(text, 16u, cause);
  port_trace(text, put_hex(text, 30u, at));
  restart(RESET_TRAP);
}

void trap(uint32_t cause, uint32_t at) {
  if (cause == MCAUSE_TIMER) {
    tick();
  } else if (cause == MCAUSE_EXTERNAL) {
    external();
  } else {
    exception(cause, at);
  }
}

int32_t port_init(void) {
  started = now();
  flash_in_memory_init();
  ns16550_init(UART, UART_CLOCK_HZ, BOARD_BAUD);
  PLIC_PRIORITY[UART_IRQ] = 1u;
  *PLIC_ENABLE = 1u << UART_IRQ;
  *PLIC_THRESHOLD = 0u;
  next_tick();
  irq_enable(MIE_TIMER | MIE_EXTERNAL);
  return 0;
}

uint32_t port_reset_reason(void) {
  return restart_note_take(&note);
}

uint64_t port_micros(void) {
  return (now() - started) / TICKS_PER_MICRO;
}

int32_t port_watchdog_start(void) {
  port_watchdog_feed();
  watched = true;
  return 0;
}

void port_watchdog_feed(void) {
  const uint32_t mask = irq_lock();
  fed = now();
  irq_unlock(mask);
}

_Noreturn void port_reset(void) {
  restart(RESET_REQUESTED);
}

uint64_t port_instructions(void) {
  return (now() - started) * INSTRUCTIONS_PER_TICK;
}
