/*
 * The CMSDK timer (DDI 0479, section 4.4) counts 32 bits down; what it wrapped is added up here, in whoever asks next (the board's
 * tick, at the latest).
 */
#include "../cortex-m/irq.h"
#include "../ticks.h"

#define CTRL_ENABLE 1u

typedef struct {
  volatile uint32_t ctrl;
  volatile uint32_t value;
  volatile uint32_t reload;
  volatile uint32_t interrupt;
} cmsdk_timer_t;

static cmsdk_timer_t *timer;
static uint32_t last;
static uint64_t ticks;

void ticks_init(uintptr_t base) {
  timer = (cmsdk_timer_t *)base;
  timer->ctrl = 0u;
  timer->reload = UINT32_MAX;
  timer->value = UINT32_MAX;
  timer->ctrl = CTRL_ENABLE;
  last = UINT32_MAX;
  ticks = 0u;
}

uint64_t ticks_now(void) {
  const uint32_t mask = irq_lock();
  const uint32_t now = timer->value;
  ticks += (uint64_t)(uint32_t)(last - now);
  last = now;
  const uint64_t result = ticks;
  irq_unlock(mask);
  return result;
}
