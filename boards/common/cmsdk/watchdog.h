/* The CMSDK watchdog (DDI 0479, section 4.6): at the first timeout its interrupt (NMI), at the second a reset. One of it. */
#ifndef KANMON_CMSDK_WATCHDOG_H
#define KANMON_CMSDK_WATCHDOG_H

#include <stdint.h>

void cmsdk_watchdog_start(uintptr_t base, uint32_t ticks);
/** Starts the time anew; nothing before cmsdk_watchdog_start. */
void cmsdk_watchdog_feed(void);

#endif
