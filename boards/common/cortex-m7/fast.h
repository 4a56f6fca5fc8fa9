/*
 * Code that must run while the flash is busy lies in ITCM (section .fast of board.ld). It must call nothing outside: IN_FAST inlines
 * what it calls, and tests/boards/layout.test.ts finds whatever would leave.
 */
#ifndef KANMON_CORTEX_M7_FAST_H
#define KANMON_CORTEX_M7_FAST_H

/* Loops stay loops: memcpy and memset lie in flash. */
#define IN_FAST __attribute__((section(".fast"), noinline, flatten, optimize("no-tree-loop-distribute-patterns")))

/** Copies .fast from flash to ITCM: once, before anything of it is called. */
void fast_load(void);

#endif
