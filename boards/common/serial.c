/* See serial.h. */
#include "serial.h"

#include "port.h"
#if defined(__riscv)
#include "riscv/irq.h"
#else
#include "cortex-m/irq.h"
#endif

#define FLUSH_MICROS 1000000u

static uint8_t rx_bytes[16384];
static uint8_t tx_bytes[8192];
ring_t serial_rx = RING(rx_bytes);
ring_t serial_tx = RING(tx_bytes);

uint32_t port_serial_read(uint8_t *out, uint32_t len) {
  return ring_read(&serial_rx, out, len);
}

uint32_t port_serial_write(const uint8_t *data, uint32_t len) {
  const uint32_t mask = irq_lock();
  const uint32_t count = ring_write(&serial_tx, data, len);
  uart_send();
  irq_unlock(mask);
  return count;
}

void port_serial_flush(void) {
  const uint64_t until = port_micros() + FLUSH_MICROS;
  while ((!ring_empty(&serial_tx) || !uart_sent()) && (port_micros() < until)) {
    irq_wait();
  }
}

void port_idle(void) {
  irq_wait();
}
