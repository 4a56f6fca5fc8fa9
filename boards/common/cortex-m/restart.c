/*
 * Restarts by SYSRESETREQ (Armv7-M ARM, B3.2.6). A fault's handler begins with a stack of its own making, as the fault may have
 * been the stack's overflow.
 */
#include "restart.h"

#include "../restart-note.h"
#include "port.h"

#define AIRCR ((volatile uint32_t *)0xE000ED0Cu)
#define AIRCR_RESET 0x05FA0004u
#define CFSR ((volatile uint32_t *)0xE000ED28u)
#define TEXT_BYTES 24u

RETAINED static restart_note_t note;

_Noreturn void restart(uint32_t reason) {
  restart_note_write(&note, reason);
  __asm__ volatile("dsb" : : : "memory");
  *AIRCR = AIRCR_RESET;
  for (;;) {
    __asm__ volatile("dsb" : : : "memory");
  }
}

uint32_t restart_reason(void) {
  return restart_note_take(&note);
}

void fault_report(void);
void fault_report(void) {
  static const char digits[] = "0123456789abcdef";
  char text[TEXT_BYTES] = "fault, CFSR 0x";
  uint32_t at = 14u;
  for (uint32_t shift = 32u; shift > 0u; shift -= 4u) {
    text[at] = digits[(*CFSR >> (shift - 4u)) & 15u];
    at++;
  }
  port_trace(text, at);
  restart(RESET_TRAP);
}

__attribute__((naked)) void fault_handler(void) {
  __asm__ volatile(
      "ldr r0, =stack_top\n\t"
      "msr msp, r0\n\t"
      "b fault_report\n\t");
}

void watchdog_handler(void) {
  restart(RESET_WATCHDOG);
}
