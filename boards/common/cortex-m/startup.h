/* What a Cortex-M board's vector table needs: reset_handler, and the top of the stack (board.ld; only its address counts). */
#ifndef KANMON_CORTEX_M_STARTUP_H
#define KANMON_CORTEX_M_STARTUP_H

typedef void (*vector_t)(void);

void stack_top(void);
void reset_handler(void);

#endif
