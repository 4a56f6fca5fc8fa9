/* LPUART6 of the i.MX RT1062 (IMXRT1060RM, chapter 49): pin 1 out, pin 0 in. FIFOs of four words are on. */
#ifndef KANMON_RT1062_UART_H
#define KANMON_RT1062_UART_H

#include <stdbool.h>
#include <stdint.h>

#include "rt1062.h"

#define CHIP_UART_IRQ 25u /* IMXRT1060RM, table 4-1 */

#define LPUART_STAT_ERRORS (0xFu << 16) /* OR, NF, FE, PF, cleared by writing 1; what they spoiled, the link's checksum finds */
#define LPUART_STAT_TC (1u << 22)
#define LPUART_CTRL_RE (1u << 18)
#define LPUART_CTRL_TE (1u << 19)
#define LPUART_CTRL_RIE (1u << 21)
#define LPUART_CTRL_TIE (1u << 23)
#define LPUART_WATER_SENDING(water) (((water) >> 8) & 7u)    /* TXCOUNT */
#define LPUART_WATER_RECEIVED(water) (((water) >> 24) & 7u) /* RXCOUNT */
#define LPUART_FIFO_WORDS 4u

static inline __attribute__((always_inline)) bool chip_uart_take(uint8_t *byte) {
  const uint32_t status = LPUART6(LPUART_STAT);
  if ((status & LPUART_STAT_ERRORS) != 0u) {
    LPUART6(LPUART_STAT) = status & LPUART_STAT_ERRORS; /* the register's settings are all 0 here */
  }
  if (LPUART_WATER_RECEIVED(LPUART6(LPUART_WATER)) == 0u) {
    return false;
  }
  *byte = (uint8_t)LPUART6(LPUART_DATA);
  return true;
}

static inline bool chip_uart_give(uint8_t byte) {
  if (LPUART_WATER_SENDING(LPUART6(LPUART_WATER)) >= LPUART_FIFO_WORDS) {
    return false;
  }
  LPUART6(LPUART_DATA) = byte;
  return true;
}

static inline void chip_uart_ask(bool sending) {
  LPUART6(LPUART_CTRL) = LPUART_CTRL_RE | LPUART_CTRL_TE | LPUART_CTRL_RIE | (sending ? LPUART_CTRL_TIE : 0u);
}

static inline bool chip_uart_idle(void) {
  return (LPUART6(LPUART_STAT) & LPUART_STAT_TC) != 0u;
}

#endif
