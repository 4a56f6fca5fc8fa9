/* The 16550's registers (PC16550D data sheet, section 8) and its 16-byte buffers. */
#include "uart.h"

#include "../serial.h"

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
void uart_send(void) {
  if ((uart[LSR] & LSR_TX_EMPTY) != 0u) {
    for (uint32_t room = TX_BUFFER_BYTES; (room > 0u) && !ring_empty(&serial_tx); room--) {
      uart[DATA] = ring_take(&serial_tx);
    }
  }
  uart[IER] = ring_empty(&serial_tx) ? (uint8_t)IER_RX : (uint8_t)(IER_RX | IER_TX);
}

void ns16550_interrupt(void) {
  while ((uart[LSR] & LSR_RX) != 0u) {
    (void)ring_put(&serial_rx, uart[DATA]);
  }
  uart_send();
}

bool uart_sent(void) {
  return (uart[LSR] & LSR_TX_IDLE) != 0u;
}
