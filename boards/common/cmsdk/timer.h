/* The CMSDK timer (DDI 0479, section 4.4), free-running, extended to 64 bits. One of it. */
#ifndef KANMON_CMSDK_TIMER_H
#define KANMON_CMSDK_TIMER_H

#include <stdint.h>

void cmsdk_timer_init(uintptr_t base);
/** Ticks of the timer's clock since cmsdk_timer_init; must be called at least once in 2^32 ticks. */
uint64_t cmsdk_timer_ticks(void);

#endif
