/* What a Cortex-M board's vector table needs: reset_handler, and the top of the stack (board.ld). */
#ifndef KANMON_CORTEX_M_STARTUP_H
#define KANMON_CORTEX_M_STARTUP_H

#include <stdint.h>

typedef void (*vector_t)(void);

extern uint32_t stack_top[];
void reset_handler(void);

#endif
