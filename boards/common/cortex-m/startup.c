/*
 * From reset to main, on any Cortex-M: the floating point unit on, .data copied, .bss zeroed. The board's vectors.c has the table.
 * The stack lies at the bottom of RAM (board.ld), so that its overflow is a bus fault and no silent damage.
 */
#include "startup.h"

#include <stdint.h>

#include "board-config.h"

#define CPACR ((volatile uint32_t *)0xE000ED88u)
#define CPACR_FPU (0xFu << 20)

extern uint32_t data_start[];
extern uint32_t data_end[];
extern const uint32_t data_image[];
extern uint32_t bss_start[];
extern uint32_t bss_end[];

/* board.ld puts stack_bottom and stack_top around it. */
__attribute__((section(".stack"), aligned(8), used)) static uint8_t stack[BOARD_C_STACK_BYTES];

int main(void);

void reset_handler(void) {
  *CPACR |= CPACR_FPU;
  __asm__ volatile("dsb\n\tisb" : : : "memory");
  const uint32_t *from = data_image;
  for (uint32_t *to = data_start; to < data_end; to++) {
    *to = *from;
    from++;
  }
  for (uint32_t *to = bss_start; to < bss_end; to++) {
    *to = 0u;
  }
  (void)main();
  for (;;) {
  }
}
