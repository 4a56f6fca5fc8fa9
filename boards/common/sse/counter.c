/* The system counter of Arm's SSE-300 (101773, "Timestamp based timers"), through its control frame, which is for secure code only. */
#include "../ticks.h"

#define CTRL_ENABLE 1u

typedef struct {
  volatile uint32_t ctrl;
  volatile uint32_t status;
  volatile uint32_t low;
  volatile uint32_t high;
} sse_counter_t;

static sse_counter_t *counter;
static uint64_t start;

static uint64_t count(void) {
  uint32_t high;
  uint32_t low;
  do { /* the halves are read one after the other, and the lower may wrap in between */
    high = counter->high;
    low = counter->low;
  } while (high != counter->high);
  return ((uint64_t)high << 32) | low;
}

void ticks_init(uintptr_t base) {
  counter = (sse_counter_t *)base;
  counter->ctrl = CTRL_ENABLE;
  start = count();
}

uint64_t ticks_now(void) {
  return count() - start;
}
