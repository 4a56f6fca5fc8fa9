/*
 * A counter of BOARD_CLOCK_HZ that neither stops nor wraps. One of it: a board's `sources` name the file that has it for the
 * chip's timer (cmsdk/timer.c, sse/counter.c).
 */
#ifndef KANMON_TICKS_H
#define KANMON_TICKS_H

#include <stdint.h>

/** Starts it; `base` is the address of its registers. */
void ticks_init(uintptr_t base);
/** Ticks since ticks_init; must be called at least once in 2^32 ticks. */
uint64_t ticks_now(void);

#endif
