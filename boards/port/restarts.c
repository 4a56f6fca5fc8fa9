/* Restarts, in RETAINED memory: it is arbitrary after power-on, so a checksum says whether it was written by this firmware. */
#include "restarts.h"

#include <stddef.h>
#include <string.h>

#include "crc32.h"
#include "port.h"
#include "state.h"

#define MAGIC 0x4b4d5254u
#define CRASHES_MAX 3u
#define PLACES 3u /* slot A, slot B, the recovery image */
#define NOBODY 254u

typedef struct {
  uint32_t magic;
  uint8_t reason;          /* of the restart under way */
  uint8_t traps;
  uint8_t running;         /* the slot, SLOT_NONE, or NOBODY */
  uint8_t crashes[PLACES]; /* in a row */
  uint8_t unused[2];
  uint32_t check;
} retained_t;

static RETAINED retained_t retained;

static uint32_t place(uint32_t slot) { return slot <= SLOT_B ? slot : PLACES - 1u; }

static uint32_t checksum(void) { return crc32((const uint8_t *)&retained, offsetof(retained_t, check)); }

static void keep(void) { retained.check = checksum(); }

static void count_crash(uint32_t slot) {
  uint8_t *crashes = &retained.crashes[place(slot)];
  if (retained.traps < UINT8_MAX) retained.traps++;
  if (*crashes < UINT8_MAX) (*crashes)++;
}

uint32_t restarts_start(uint32_t hardware_reason) {
  uint32_t reason = hardware_reason;
  if (hardware_reason == RESET_POWER || retained.magic != MAGIC || retained.check != checksum()) {
    (void)memset(&retained, 0, sizeof retained);
    retained.magic = MAGIC;
  } else if (hardware_reason == RESET_WATCHDOG || hardware_reason == RESET_TRAP) { /* the port says trap after a fault of the CPU */
    if (retained.running != NOBODY) count_crash(retained.running);
  } else {
    reason = retained.reason;
  }
  retained.reason = RESET_REQUESTED;
  retained.running = NOBODY;
  keep();
  return reason;
}

uint32_t restarts_traps(void) { return retained.traps; }

bool restarts_crashed_often(uint32_t slot) { return retained.crashes[place(slot)] >= CRASHES_MAX; }

uint32_t restarts_avoid(void) {
  uint32_t avoid = 0;
  for (uint32_t slot = SLOT_A; slot <= SLOT_B; slot++) {
    if (restarts_crashed_often(slot)) avoid |= 1u << slot;
  }
  return avoid;
}

void restarts_running(uint32_t slot) {
  retained.running = (uint8_t)slot;
  keep();
}

void restarts_settled(uint32_t slot) {
  retained.crashes[place(slot)] = 0;
  keep();
}

void restarts_crash(uint32_t slot) {
  count_crash(slot);
  retained.reason = RESET_TRAP;
  keep();
}

void restarts_avoid_slot(uint32_t slot) {
  retained.crashes[place(slot)] = CRASHES_MAX;
  keep();
}

void restarts_requested(void) {
  retained.reason = RESET_REQUESTED;
  keep();
}
