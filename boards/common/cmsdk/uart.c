/* The CMSDK UART (DDI 0479, section 4.3) has one byte of buffer each way, so bytes are moved by interrupts, through rings. */
#include "uart.h"

#include "../serial.h"

#define STATE_TX_FULL 1u
#define STATE_RX_FULL 2u
#define CTRL_ON 0xFu /* both directions and their interrupts */
#define INT_TX 1u
#define INT_RX 2u
#define DIVIDER_MIN 16u

typedef struct {
  volatile uint32_t data;
  volatile uint32_t state;
  volatile uint32_t ctrl;
  volatile uint32_t interrupt; /* read: pending; write: clear */
  volatile uint32_t divider;
} cmsdk_uart_t;

static cmsdk_uart_t *uart;

void cmsdk_uart_init(uintptr_t base, uint32_t clock_hz, uint32_t baud) {
  uart = (cmsdk_uart_t *)base;
  const uint32_t divider = clock_hz / baud;
  uart->divider = (divider < DIVIDER_MIN) ? DIVIDER_MIN : divider;
  uart->interrupt = INT_TX | INT_RX;
  uart->ctrl = CTRL_ON;
}

void cmsdk_uart_rx_interrupt(void) {
  uart->interrupt = INT_RX;
  while ((uart->state & STATE_RX_FULL) != 0u) {
    (void)ring_put(&serial_rx, (uint8_t)uart->data);
  }
}

void uart_send(void) {
  while (!ring_empty(&serial_tx) && ((uart->state & STATE_TX_FULL) == 0u)) {
    uart->data = ring_take(&serial_tx);
  }
}

void cmsdk_uart_tx_interrupt(void) {
  uart->interrupt = INT_TX;
  uart_send();
}

bool uart_sent(void) {
  return (uart->state & STATE_TX_FULL) == 0u;
}
