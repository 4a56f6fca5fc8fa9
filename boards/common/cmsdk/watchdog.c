/* The CMSDK watchdog's registers stay locked between calls, so that a stray write cannot stop it. */
#include "watchdog.h"

#include <stddef.h>

#define CTRL_INTERRUPT 1u
#define CTRL_RESET 2u
#define UNLOCK 0x1ACCE551u
#define LOCK 0u

typedef struct {
  volatile uint32_t load;
  volatile uint32_t value;
  volatile uint32_t ctrl;
  volatile uint32_t clear; /* any write clears the interrupt and starts the time anew */
  volatile uint32_t rest[(0xC00u - 0x10u) / 4u];
  volatile uint32_t lock;
} cmsdk_watchdog_t;

static cmsdk_watchdog_t *watchdog = NULL;

void cmsdk_watchdog_start(uintptr_t base, uint32_t ticks) {
  watchdog = (cmsdk_watchdog_t *)base;
  watchdog->lock = UNLOCK;
  watchdog->load = ticks;
  watchdog->ctrl = CTRL_INTERRUPT | CTRL_RESET;
  watchdog->lock = LOCK;
}

void cmsdk_watchdog_feed(void) {
  if (watchdog != NULL) {
    watchdog->lock = UNLOCK;
    watchdog->clear = 1u;
    watchdog->lock = LOCK;
  }
}
