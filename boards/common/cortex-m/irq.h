/* Interrupts of any Cortex-M (Armv7-M, Armv8-M): masking, enabling in the NVIC, sleeping, the 1 kHz tick. */
#ifndef KANMON_CORTEX_M_IRQ_H
#define KANMON_CORTEX_M_IRQ_H

#include <stdint.h>

/** Masks interrupts; returns what irq_unlock must be given. */
static inline uint32_t irq_lock(void) {
  uint32_t mask;
  __asm__ volatile("mrs %0, primask\n\tcpsid i" : "=r"(mask) : : "memory");
  return mask;
}

static inline void irq_unlock(uint32_t mask) {
  __asm__ volatile("msr primask, %0" : : "r"(mask) : "memory");
}

static inline void irq_enable(uint32_t number) {
  volatile uint32_t *const nvic_iser = (volatile uint32_t *)0xE000E100u;
  nvic_iser[number / 32u] = 1u << (number % 32u);
}

static inline void irq_wait(void) {
  __asm__ volatile("dsb\n\twfi" : : : "memory");
}

/** SysTick at `per_second`, from the processor's clock. */
static inline void irq_tick_start(uint32_t clock_hz, uint32_t per_second) {
  volatile uint32_t *const systick = (volatile uint32_t *)0xE000E010u; /* CSR, RVR, CVR */
  systick[1] = (clock_hz / per_second) - 1u;
  systick[2] = 0u;
  systick[0] = 7u;
}

#endif
