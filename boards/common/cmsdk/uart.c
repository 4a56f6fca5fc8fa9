/* The CMSDK UART (DDI 0479, section 4.3) has one byte of buffer each way, so bytes are moved by interrupts, through rings. */
#include "uart.h"

#include "../cortex-m/irq.h"

#define RX_BYTES 16384u /* powers of two */
#define TX_BYTES 8192u

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
static uint8_t rx[RX_BYTES];
static uint8_t tx[TX_BYTES];
/* Counts of bytes put in and taken out; only one side writes each. */
static volatile uint32_t rx_in;
static volatile uint32_t rx_out;
static volatile uint32_t tx_in;
static volatile uint32_t tx_out;

void cmsdk_uart_init(uintptr_t base, uint32_t clock_hz, uint32_t baud) {
  uart = (cmsdk_uart_t *)base;
  const uint32_t divider = clock_hz / baud;
  uart->divider = (divider < DIVIDER_MIN) ? DIVIDER_MIN : divider;
  uart->interrupt = INT_TX | INT_RX;
  uart->ctrl = CTRL_ON;
}

/* A byte that finds the ring full is lost: the link's checksum finds out, and the host asks again. */
void cmsdk_uart_rx_interrupt(void) {
  uart->interrupt = INT_RX;
  while ((uart->state & STATE_RX_FULL) != 0u) {
    const uint8_t byte = (uint8_t)uart->data;
    const uint32_t in = rx_in;
    if ((in - rx_out) < RX_BYTES) {
      rx[in % RX_BYTES] = byte;
      rx_in = in + 1u;
    }
  }
}

static void send(void) {
  uint32_t out = tx_out;
  while ((out != tx_in) && ((uart->state & STATE_TX_FULL) == 0u)) {
    uart->data = tx[out % TX_BYTES];
    out++;
    tx_out = out;
  }
}

void cmsdk_uart_tx_interrupt(void) {
  uart->interrupt = INT_TX;
  send();
}

uint32_t cmsdk_uart_read(uint8_t *out, uint32_t len) {
  const uint32_t in = rx_in;
  uint32_t at = rx_out;
  uint32_t count = 0u;
  while ((at != in) && (count < len)) {
    out[count] = rx[at % RX_BYTES];
    at++;
    count++;
  }
  rx_out = at;
  return count;
}

uint32_t cmsdk_uart_write(const uint8_t *data, uint32_t len) {
  const uint32_t out = tx_out;
  uint32_t in = tx_in;
  uint32_t count = 0u;
  while (((in - out) < TX_BYTES) && (count < len)) {
    tx[in % TX_BYTES] = data[count];
    in++;
    count++;
  }
  const uint32_t mask = irq_lock();
  tx_in = in;
  send();
  irq_unlock(mask);
  return count;
}

uint32_t cmsdk_uart_idle(void) {
  return ((tx_in == tx_out) && ((uart->state & STATE_TX_FULL) == 0u)) ? 1u : 0u;
}
