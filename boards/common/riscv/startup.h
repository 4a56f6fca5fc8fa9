/* What a RISC-V board gives to its start-up code: the handler of traps. */
#ifndef KANMON_RISCV_STARTUP_H
#define KANMON_RISCV_STARTUP_H

#include <stdint.h>

/** Serves an interrupt, or does not return from an exception. `cause`, `at`: mcause and mepc. Interrupts are masked. */
void trap(uint32_t cause, uint32_t at);

#endif
