/* The 16550's registers (PC16550D data sheet, section 8) and its 16-byte buffers. */
#include "uart.h"

#include "../ring.h"
#include "../riscv/irq.h"

#define DATA 0u
#define IER 1u
#define FCR 2u
#define LCR 3u
#define LSR 5u
#define DIVISOR_LOW 0u
#define DIVISOR_HIGH 1u

#define IER_RX 1u
#define IER_TX 2u
#define FCR_ON_CLEAR_TRIGGER_8 0x87u
#define LCR_8N1 0x03u
#define LCR_DIVISOR 0x80u
#define LSR_RX 0x01u
#define LSR_TX_EMPTY 0x20u
#define LSR_TX_IDLE 0x40u
#define TX_BUFFER_BYTES 16u

static volatile uint8_t *uart;
static uint8_t rx_bytes[16384];
static uint8_t tx_bytes[8192];
static ring_t rx = RING(rx_bytes);
static ring_t tx = RING(tx_bytes);

void ns16550_init(uintptr_t base, uint32_t clock_hz, uint32_t baud) {
  uart = (volatile uint8_t *)base;
  const uint32_t divisor = (clock_hz + (8u * baud)) / (16u * baud);
  const uint32_t least = (divisor == 0u) ? 1u : divisor;
  uart[LCR] = LCR_DIVISOR;
  uart[DIVISOR_LOW] = (uint8_t)least;
  uart[DIVISOR_HIGH] = (uint8_t)(least >> 8);
  uart[LCR] = LCR_8N1;
  uart[FCR] = FCR_ON_CLEAR_TRIGGER_8;
  uart[IER] = IER_RX;
}

/* The transmitter's interrupt is on only while something waits: an empty buffer would ask for ever. */
static void send(void) {
  if ((uart[LSR] & LSR_TX_EMPTY) != 0u) {
    for (uint32_t room = TX_BUFFER_BYTES; (room > 0u) && !ring_empty(&tx); room--) {
      uart[DATA] = ring_take(&tx);
    }
  }
  uart[IER] = ring_empty(&tx) ? (uint8_t)IER_RX : (uint8_t)(IER_RX | IER_TX);
}

void ns16550_interrupt(void) {
  while ((uart[LSR] & LSR_RX) != 0u) {
    (void)ring_put(&rx, uart[DATA]);
  }
  send();
}

uint32_t ns16550_read(uint8_t *out, uint32_t len) {
  return ring_read(&rx, out, len);
}

uint32_t ns16550_write(const uint8_t *data, uint32_t len) {
  const uint32_t mask = irq_lock();
  const uint32_t count = ring_write(&tx, data, len);
  send();
  irq_unlock(mask);
  return count;
}

uint32_t ns16550_idle(void) {
  return (ring_empty(&tx) && ((uart[LSR] & LSR_TX_IDLE) != 0u)) ? 1u : 0u;
}
