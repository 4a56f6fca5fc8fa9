/* USART3 of the STM32H743 (RM0433, section 48): PD8 out, PD9 in, the ST-LINK's virtual COM port. FIFOs of 16 bytes are on. */
#ifndef KANMON_H743_UART_H
#define KANMON_H743_UART_H

#include <stdbool.h>
#include <stdint.h>

#include "h743.h"

#define CHIP_UART_IRQ 39u /* RM0433, section 19.1.2 */

#define USART_CR1_UE (1u << 0)
#define USART_CR1_RE (1u << 2)
#define USART_CR1_TE (1u << 3)
#define USART_CR1_RXFNEIE (1u << 5)
#define USART_CR1_TXFNFIE (1u << 7)
#define USART_CR1_FIFOEN (1u << 29)
#define USART_ISR_RXFNE (1u << 5)
#define USART_ISR_TC (1u << 6)
#define USART_ISR_TXFNF (1u << 7)
/* Parity, framing, noise, overrun: the same bits in ISR and ICR. What they spoiled, the link's checksum finds. */
#define USART_ERRORS 0xFu

static inline __attribute__((always_inline)) bool chip_uart_take(uint8_t *byte) {
  const uint32_t status = USART3_ISR;
  if ((status & USART_ERRORS) != 0u) {
    USART3_ICR = status & USART_ERRORS;
  }
  if ((status & USART_ISR_RXFNE) == 0u) {
    return false;
  }
  *byte = (uint8_t)USART3_RDR;
  return true;
}

static inline bool chip_uart_give(uint8_t byte) {
  if ((USART3_ISR & USART_ISR_TXFNF) == 0u) {
    return false;
  }
  USART3_TDR = byte;
  return true;
}

static inline void chip_uart_ask(bool sending) {
  const uint32_t on = USART_CR1_FIFOEN | USART_CR1_UE | USART_CR1_RE | USART_CR1_TE | USART_CR1_RXFNEIE;
  USART3_CR1 = on | (sending ? USART_CR1_TXFNFIE : 0u);
}

static inline bool chip_uart_idle(void) {
  return (USART3_ISR & USART_ISR_TC) != 0u;
}

#endif
