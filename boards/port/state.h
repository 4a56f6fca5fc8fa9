/*
 * What the boot must not forget: which slot is confirmed, which is on trial, the lowest security counter, the log's counter.
 * An append-only log of whole states with CRC over the `state` partition (two sectors or more): the last good one counts, so
 * every change is atomic under a torn write.
 */
#ifndef KANMON_STATE_H
#define KANMON_STATE_H

#include <stdint.h>

#define SLOT_A 0u
#define SLOT_B 1u
#define SLOT_NONE 255u

#define PENDING_TRIED 1u     /* was started once: the next start without a confirmation reverts */
#define PENDING_PERMANENT 2u /* becomes confirmed at its first start */

typedef struct {
  uint32_t security;     /* lowest security counter that may boot */
  uint32_t counter;      /* the image's monotonic counter */
  uint8_t active;        /* confirmed slot, SLOT_NONE on a blank board */
  uint8_t pending;       /* slot to try, or SLOT_NONE */
  uint8_t pending_flags; /* PENDING_… */
  uint8_t good;          /* bit per slot: was confirmed and not erased since: may serve when the active one is damaged */
  uint8_t keys_made;     /* 1: the device's keys were generated and verified; never generated again */
  uint8_t upload_slot;   /* slot being uploaded to, or SLOT_NONE */
  uint8_t upload_done;   /* 1: all of it came, and was what was announced; only then may the slot be marked */
  uint32_t upload_bytes; /* its announced length */
  uint8_t upload_sha[32];/* its announced SHA-256: whoever sends the same goes on where the other stopped */
} boot_state_t;

/** Finds the state in flash: once at power-on, before all else here. Status. */
int32_t state_start(void);
/** Gives the state (after state_start, out of memory); a blank partition gives the blank state. Status: negative, the flash failed. */
int32_t state_load(boot_state_t *out);
/** Makes `state` the one that counts, atomically. Status. A security or image counter lower than before is refused. */
int32_t state_save(const boot_state_t *state);
/** Changes `state` so that `slot` is confirmed: nothing pending, and no image with a lower security counter than its `security` boots. */
void state_confirm(boot_state_t *state, uint8_t slot, uint32_t security);

#endif
