/* Why the CPU restarted, told from one start to the next in RETAINED memory. For one file of a board: the note is its own. */
#ifndef KANMON_RESTART_NOTE_H
#define KANMON_RESTART_NOTE_H

#include <stdint.h>

#include "port.h"

#define RESTART_MARK 0x4B524553u

typedef struct {
  uint32_t mark; /* RESTART_MARK ^ reason: memory after power-on is arbitrary */
  uint32_t reason;
} restart_note_t;

static inline void restart_note_write(restart_note_t *note, uint32_t reason) {
  note->reason = reason;
  note->mark = RESTART_MARK ^ reason;
  __asm__ volatile("" : : : "memory");
}

/** The reason noted before the start, once; RESET_POWER if there is none. */
static inline uint32_t restart_note_take(restart_note_t *note) {
  const uint32_t reason = (note->mark == (RESTART_MARK ^ note->reason)) ? note->reason : RESET_POWER;
  note->mark = 0u;
  note->reason = 0u;
  return reason;
}

#endif
