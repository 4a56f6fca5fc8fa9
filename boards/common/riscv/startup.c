/*
 * From reset to main on a hart in machine mode, and the way into traps. The stack lies at the bottom of RAM (board.ld), so that its
 * overflow is a fault and no silent damage; traps run on a stack of their own, which mscratch holds.
 */
#include "startup.h"

#include <stdint.h>

#include "board-config.h"
#include "irq.h"

#define TRAP_STACK_BYTES 2048u

extern uint32_t bss_start[];
extern uint32_t bss_end[];

/* board.ld puts stack_bottom and stack_top around it. */
__attribute__((section(".stack"), aligned(16), used)) static uint8_t stack[BOARD_C_STACK_BYTES];
__attribute__((aligned(16), used)) static uint8_t trap_stack[TRAP_STACK_BYTES];

int main(void);

/* Code and data are loaded where they run, so nothing is copied. Harts other than the first have no work here. */
__attribute__((naked, section(".reset"), used)) void start(void) {
  __asm__ volatile(CSR(
      "csrw mie, zero\n\t"
      "csrr t0, mhartid\n\t"
      "bnez t0, 3f\n\t"
      ".option push\n\t.option norelax\n\t"
      "la gp, __global_pointer$\n\t"
      ".option pop\n\t"
      "la tp, tls_start\n\t"
      "la sp, stack_top\n\t"
      "la t0, trap_stack + %0\n\t"
      "csrw mscratch, t0\n\t"
      "la t0, trap_entry\n\t"
      "csrw mtvec, t0\n\t"
      "li t0, 0x2000\n\t" /* mstatus.FS: the floating point unit on */
      "csrs mstatus, t0\n\t"
      "fscsr zero\n\t"
      "la t0, bss_start\n\t"
      "la t1, bss_end\n"
      "1: bgeu t0, t1, 2f\n\t"
      "sw zero, 0(t0)\n\t"
      "addi t0, t0, 4\n\t"
      "j 1b\n"
      "2: call main\n"
      "3: wfi\n\t"
      "j 3b")
                   :
                   : "i"(TRAP_STACK_BYTES));
}

#define EACH_INTEGER(X)                                                                                          \
  X("ra", 0) X("t0", 4) X("t1", 8) X("t2", 12) X("a0", 16) X("a1", 20) X("a2", 24) X("a3", 28) X("a4", 32)       \
  X("a5", 36) X("a6", 40) X("a7", 44) X("t3", 48) X("t4", 52) X("t5", 56) X("t6", 60)
#define EACH_FLOAT(X)                                                                                            \
  X("ft0", 64) X("ft1", 72) X("ft2", 80) X("ft3", 88) X("ft4", 96) X("ft5", 104) X("ft6", 112) X("ft7", 120)     \
  X("fa0", 128) X("fa1", 136) X("fa2", 144) X("fa3", 152) X("fa4", 160) X("fa5", 168) X("fa6", 176)              \
  X("fa7", 184) X("ft8", 192) X("ft9", 200) X("ft10", 208) X("ft11", 216)
#define SAVE_INTEGER(name, at) "sw " name ", " #at "(sp)\n\t"
#define SAVE_FLOAT(name, at) "fsd " name ", " #at "(sp)\n\t"
#define LOAD_INTEGER(name, at) "lw " name ", " #at "(sp)\n\t"
#define LOAD_FLOAT(name, at) "fld " name ", " #at "(sp)\n\t"

/* Saves what the C function trap() may change. */
__attribute__((naked, aligned(4), used)) static void trap_entry(void) {
  __asm__ volatile(CSR(
      "csrrw sp, mscratch, sp\n\t"
      "addi sp, sp, -224\n\t"
      EACH_INTEGER(SAVE_INTEGER)
      EACH_FLOAT(SAVE_FLOAT)
      "csrr a0, mcause\n\t"
      "csrr a1, mepc\n\t"
      "call trap\n\t"
      EACH_INTEGER(LOAD_INTEGER)
      EACH_FLOAT(LOAD_FLOAT)
      "addi sp, sp, 224\n\t"
      "csrrw sp, mscratch, sp\n\t"
      "mret"));
}
