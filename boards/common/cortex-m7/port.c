/*
 * The port of a Cortex-M7 microcontroller, over its chip (chip.h): line, clocks, flash by whole sectors and units. While the flash is
 * busy the CPU cannot run from it: that code lies in ITCM, interrupts are off, and the line is looked after by polling.
 */
#include "port.h"

#include <stdbool.h>
#include <string.h>

#include "../cortex-m/irq.h"
#include "../cortex-m/restart.h"
#include "../ring.h"
#include "board-config.h"
#include "chip-uart.h"
#include "chip.h"
#include "fast.h"
#include "vectors.h"

#define FLUSH_MICROS 1000000u
#define DEMCR (*(volatile uint32_t *)0xE000EDFCu)
#define DEMCR_TRACE (1u << 24)
#define DWT_CTRL (*(volatile uint32_t *)0xE0001000u)
#define DWT_CYCLES (*(volatile uint32_t *)0xE0001004u)
#define DWT_LOCK (*(volatile uint32_t *)0xE0001FB0u)
#define UNLOCK 0xC5ACCE55u

_Static_assert(CHIP_PROGRAM_MOST % FLASH_UNIT_BYTES == 0u, "whole units are programmed");

/* A counter of 32 bits made one of 64: it must be asked more often than it wraps. The tick does. */
typedef struct {
  uint32_t last;
  uint64_t total;
} counter_t;

extern uint32_t fast_start[];
extern uint32_t fast_end[];
extern const uint32_t fast_image[];

static uint8_t rx_bytes[16384];
static uint8_t tx_bytes[8192];
static ring_t rx = RING(rx_bytes);
static ring_t tx = RING(tx_bytes);
static counter_t micros;
static counter_t cycles;
static uint32_t chunk[CHIP_PROGRAM_MOST / 4u];

void fast_load(void) {
  const uint32_t *from = fast_image;
  for (uint32_t *to = fast_start; to < fast_end; to++) {
    *to = *from;
    from++;
  }
  __asm__ volatile("dsb\n\tisb" : : : "memory");
}

static void advance(counter_t *counter, uint32_t now) {
  counter->total += (uint32_t)(now - counter->last);
  counter->last = now;
}

IN_FAST void serial_poll(void) {
  uint8_t byte;
  while (chip_uart_take(&byte)) {
    (void)ring_put(&rx, byte);
  }
}

static void send(void) {
  bool room = true;
  while (room && !ring_empty(&tx)) {
    room = chip_uart_give(tx.bytes[tx.out & (tx.capacity - 1u)]);
    if (room) {
      (void)ring_take(&tx);
    }
  }
  chip_uart_ask(!ring_empty(&tx));
}

void uart_handler(void) {
  serial_poll();
  send();
}

void tick_handler(void) {
  (void)port_micros();
  (void)port_instructions();
}

/* Cortex-M7 TRM, 9.3; Armv7-M ARM, C1.8. */
static void start_cycles(void) {
  DEMCR |= DEMCR_TRACE;
  DWT_LOCK = UNLOCK;
  DWT_CYCLES = 0u;
  DWT_CTRL |= 1u;
}

int32_t port_init(void) {
  fast_load();
  memory_start(chip_flash_regions);
  if (chip_start() != 0) {
    return -1;
  }
  micros.last = chip_micros();
  start_cycles();
  irq_tick_start(BOARD_CLOCK_HZ, 1000u);
  chip_uart_ask(false);
  irq_enable(CHIP_UART_IRQ);
  irq_unlock(0u);
  return 0;
}

uint32_t port_reset_reason(void) {
  const uint32_t noted = restart_reason();
  const uint32_t reason = chip_reset_reason();
  return (reason == RESET_REQUESTED) ? noted : reason;
}

uint32_t port_serial_read(uint8_t *out, uint32_t len) {
  return ring_read(&rx, out, len);
}

uint32_t port_serial_write(const uint8_t *data, uint32_t len) {
  const uint32_t count = ring_write(&tx, data, len);
  const uint32_t mask = irq_lock(); /* briefly: few bytes fit the UART's buffer, going out as coming in */
  send();
  irq_unlock(mask);
  return count;
}

void port_serial_flush(void) {
  const uint64_t until = port_micros() + FLUSH_MICROS;
  while ((!ring_empty(&tx) || !chip_uart_idle()) && (port_micros() < until)) {
    irq_wait();
  }
}

void port_idle(void) {
  irq_wait();
}

uint64_t port_micros(void) {
  const uint32_t mask = irq_lock();
  advance(&micros, chip_micros());
  const uint64_t now = micros.total;
  irq_unlock(mask);
  return now;
}

/* Cycles of the CPU's clock; it may stand still while the CPU sleeps. */
uint64_t port_instructions(void) {
  const uint32_t mask = irq_lock();
  advance(&cycles, DWT_CYCLES);
  const uint64_t now = cycles.total;
  irq_unlock(mask);
  return now;
}

static bool inside(uint32_t address, uint32_t len, uint32_t multiple) {
  return (len <= FLASH_BYTES) && (address <= (FLASH_BYTES - len)) && ((address % multiple) == 0u) && ((len % multiple) == 0u);
}

int32_t port_flash_read(uint32_t address, uint8_t *out, uint32_t len) {
  return inside(address, len, 1u) ? chip_flash_read(address, out, len) : -1;
}

/* Whether the flash holds what is in `chunk`. */
static bool holds_chunk(uint32_t address, uint32_t len) {
  uint8_t read[FLASH_UNIT_BYTES];
  for (uint32_t at = 0u; at < len; at += FLASH_UNIT_BYTES) {
    if (chip_flash_read(address + at, read, FLASH_UNIT_BYTES) != 0) {
      return false;
    }
    if (memcmp(read, &((const uint8_t *)chunk)[at], FLASH_UNIT_BYTES) != 0) {
      return false;
    }
  }
  return true;
}

int32_t port_flash_write(uint32_t address, const uint8_t *data, uint32_t len) {
  if (!inside(address, len, FLASH_UNIT_BYTES)) {
    return -1;
  }
  uint32_t done = 0u;
  while (done < len) {
    const uint32_t at = address + done;
    const uint32_t room = CHIP_PROGRAM_MOST - (at % CHIP_PROGRAM_MOST);
    const uint32_t count = ((len - done) < room) ? (len - done) : room;
    (void)memcpy(chunk, &data[done], count);
    if ((chip_flash_program(at, chunk, count) != 0) || !holds_chunk(at, count)) {
      return -1;
    }
    done += count;
  }
  return 0;
}

int32_t port_flash_erase(uint32_t address, uint32_t len) {
  if (!inside(address, len, FLASH_SECTOR_BYTES)) {
    return -1;
  }
  for (uint32_t done = 0u; done < len; done += FLASH_SECTOR_BYTES) {
    if (chip_flash_erase(address + done) != 0) {
      return -1;
    }
  }
  return 0;
}

const uint8_t *port_flash_map(uint32_t address) {
  return (const uint8_t *)(FLASH_BASE + address);
}

_Noreturn void port_reset(void) {
  restart(RESET_REQUESTED);
}
