/*
 * A flash in memory whose power can be cut at any operation, in all the ways that real ones are left by it: nothing done, half of it,
 * bits half programmed, and units that read one thing today and another tomorrow. After MCUboot's sim/ and littlefs's bd/.
 */
#ifndef FAKE_FLASH_H
#define FAKE_FLASH_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#include "board-config.h"

#define FLASH_UNITS (FLASH_BYTES / FLASH_UNIT_BYTES)

/** How the operation in which power goes leaves the flash. */
typedef enum {
  TEAR_BEFORE = 0, /* nothing done */
  TEAR_HALF,       /* the first half: of the bytes of a write, of the sector of an erase */
  TEAR_LAST,       /* all but the last unit; of an erase, all but the first half */
  TEAR_BITS,       /* some bits of each unit */
  TEAR_UNITS,      /* some units, in no order */
  TEAR_UNSTABLE,   /* the unit in which it stopped (the whole sector of an erase) reads differently at each power-on */
  TEAR_AFTER,      /* all done, and nothing after it */
  TEARS
} tear_t;

typedef struct {
  uint8_t bytes[FLASH_BYTES];
  uint8_t wanted[FLASH_BYTES];  /* of unstable units: what would have been */
  uint8_t before[FLASH_BYTES];  /* of unstable units: what was */
  bool unstable[FLASH_UNITS];
  bool any_unstable;
  bool unreadable[FLASH_UNITS]; /* with ECC: torn */
} flash_t;

extern flash_t flash;
/** Reads of torn units fail, as on flash with error correction. */
extern bool flash_ecc;
/** Of the next writes, so many go wrong in their first byte and say nothing. */
extern uint32_t flash_weak_writes;
/** Operations (writes, erases) since flash_arm. */
extern uint32_t flash_operations;
/** Where power goes. */
extern jmp_buf flash_cut;
/** A rule of flash that the code under test broke, or NULL. */
extern const char *flash_fault;

void flash_blank(void);
/** Counts anew and cuts at the `at`-th operation from 1 on; 0: never. */
void flash_arm(uint32_t at, tear_t tear, uint32_t seed);
/** Unstable units take one of their readings. */
void flash_power_on(void);
/** The next of a sequence of numbers that depends on the seed of flash_arm only. */
uint32_t flash_random(void);

#endif
