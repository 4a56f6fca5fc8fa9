/*
 * The choice at power-on. Nothing is swapped or copied, so a power cut here can only come before or after the one state entry that
 * each branch writes; run again, the same branch is taken, or the one behind it. docs/boot.md draws it.
 *
 * An image is checked before anything is written down for it, and a trial is written down before it starts: an image that crashes
 * the board at once is still left at the next start.
 */
#include "boot.h"

#include <string.h>

#include "port.h"
#include "slots.h"

static bool is_avoided(uint32_t avoid, uint32_t slot) {
  return (avoid & (1u << slot)) != 0u;
}

/* Whether the slot's image may run. */
static bool is_bootable(uint32_t slot, uint32_t avoid, const boot_state_t *state, image_facts_t *facts) {
  if (slot > SLOT_B || is_avoided(avoid, slot)) return false;
  return image_check(slot_address(slot), slot_bytes(slot), state->security, facts) == IMAGE_OK;
}

/* Begins a trial, ends one that was not confirmed, or confirms for good. Whether the pending image is the one to run. */
static bool try_pending(uint32_t avoid, boot_state_t *state, image_facts_t *facts) {
  const uint8_t slot = state->pending;
  const bool permanent = (state->pending_flags & PENDING_PERMANENT) != 0u;
  const bool tried = (state->pending_flags & PENDING_TRIED) != 0u;
  if (slot == SLOT_NONE) return false;
  const bool run = (permanent || !tried) && is_bootable(slot, avoid, state, facts);
  boot_state_t after = *state;
  if (run && !permanent) {
    after.pending_flags |= PENDING_TRIED;
  } else if (run) {
    state_confirm(&after, slot, facts->security_counter);
  } else {
    after.pending = SLOT_NONE;
    after.pending_flags = 0;
  }
  /* What cannot be written down is not run: a trial would never end. */
  if (state_save(&after) != 0) return false;
  *state = after;
  return run;
}

/* The other slot, if it was confirmed once and is whole: it becomes the confirmed one. */
static bool fall_back(uint32_t avoid, boot_state_t *state, image_facts_t *facts) {
  for (uint8_t slot = SLOT_A; slot <= SLOT_B; slot++) {
    if (slot == state->active || (state->good & (1u << slot)) == 0u) continue;
    if (!is_bootable(slot, avoid, state, facts)) continue;
    state->active = slot;
    /* If this cannot be written down it is done again at the next start. */
    (void)state_save(state);
    return true;
  }
  return false;
}

static void choose_slot(uint32_t slot, boot_choice_t *choice) {
  choice->slot = slot;
  choice->wasm = port_flash_map(choice->facts.payload);
  choice->wasm_bytes = choice->facts.payload_bytes;
  memcpy(choice->digest, choice->facts.payload_hash, sizeof choice->digest);
}

static void choose_recovery(boot_choice_t *choice) {
  memset(choice, 0, sizeof *choice);
  choice->slot = SLOT_NONE;
  choice->wasm = recovery_image;
  choice->wasm_bytes = recovery_image_bytes;
  memcpy(choice->digest, recovery_image_digest, sizeof choice->digest);
}

int32_t boot_choose(uint32_t avoid, boot_choice_t *choice) {
  boot_state_t state;
  memset(choice, 0, sizeof *choice);
  if (state_load(&state) != 0) {
    choose_recovery(choice);
    return -1;
  }
  const uint32_t pending = state.pending;
  if (try_pending(avoid, &state, &choice->facts)) {
    choose_slot(pending, choice);
  } else if (is_bootable(state.active, avoid, &state, &choice->facts) || fall_back(avoid, &state, &choice->facts)) {
    choose_slot(state.active, choice);
  } else {
    choose_recovery(choice);
  }
  return 0;
}
