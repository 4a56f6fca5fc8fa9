/* Interrupts of a hart in machine mode (RISC-V privileged architecture 1.12, section 3.1): masking, sleeping. */
#ifndef KANMON_RISCV_IRQ_H
#define KANMON_RISCV_IRQ_H

#include <stdint.h>

#define MSTATUS_MIE 8u
#define MIE_TIMER 0x080u
#define MIE_EXTERNAL 0x800u
#define MCAUSE_INTERRUPT 0x80000000u
#define MCAUSE_TIMER (MCAUSE_INTERRUPT | 7u)
#define MCAUSE_EXTERNAL (MCAUSE_INTERRUPT | 11u)

/* GCC 12 takes instructions on control registers for an extension of its own, which would choose another C library. */
#define CSR(text) ".option push\n\t.option arch, +zicsr\n\t" text "\n\t.option pop"

/** Masks interrupts; returns what irq_unlock must be given. */
static inline uint32_t irq_lock(void) {
  uint32_t mask;
  __asm__ volatile(CSR("csrrci %0, mstatus, 8") : "=r"(mask) : : "memory");
  return mask & MSTATUS_MIE;
}

static inline void irq_unlock(uint32_t mask) {
  __asm__ volatile(CSR("csrs mstatus, %0") : : "r"(mask) : "memory");
}

/** Lets these interrupts (MIE_…) through, and interrupts as such. */
static inline void irq_enable(uint32_t which) {
  __asm__ volatile(CSR("csrs mie, %0\n\tcsrsi mstatus, 8") : : "r"(which) : "memory");
}

static inline void irq_wait(void) {
  __asm__ volatile("wfi" : : : "memory");
}

#endif
