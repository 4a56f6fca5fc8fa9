/*
 * The state partition: a ring of 64-byte entries, each a whole state. An entry's sequence number says its place (sequence modulo the
 * entries of the partition), so that a stale copy elsewhere never counts; the valid one with the highest number is the state.
 *
 * Writing goes on behind it, past whatever is not erased (a torn entry), and what was written is read back. A sector is erased
 * immediately before its first entry is written, never earlier: an erase that was cut is thus always done again, and it never touches
 * the sector with the entry that counts. So the last committed state survives any cut.
 *
 * An entry whose writing was cut may read well today and badly tomorrow, and so may a place that looks erased. So a power-on writes the
 * state that it found once more, one place further, before anyone acts on it; whatever is acted on was written without a cut.
 *
 * Wear: a save is one entry, a power-on two places; with sectors of 4 KiB 64 saves cost one erase, 512 B: 8, 128 KiB: 2,048. Four
 * sectors of 4 KiB with 100,000 erases each carry 25 million saves, two of 128 KiB with 10,000 carry 40 million: numbers never run out.
 */
#include "state.h"

#include <stdbool.h>
#include <string.h>

#include "board-config.h"
#include "bytes.h"
#include "crc32.h"
#include "port.h"

#define MAGIC 0x3153544Bu /* "KTS1" */
#define ENTRY_BYTES 64u
#define CRC_AT (ENTRY_BYTES - 4u)
#define PER_SECTOR (FLASH_SECTOR_BYTES / ENTRY_BYTES)
#define ENTRIES (STATE_BYTES / ENTRY_BYTES)
#define LAST 0xFFFFFFF0u /* no entry has this number or a higher one */

_Static_assert(ENTRY_BYTES % FLASH_UNIT_BYTES == 0u, "an entry is whole write units");
_Static_assert(FLASH_SECTOR_BYTES % ENTRY_BYTES == 0u, "a sector is whole entries");
_Static_assert(STATE_BYTES % FLASH_SECTOR_BYTES == 0u && STATE_BYTES >= 2u * FLASH_SECTOR_BYTES, "two sectors or more");
_Static_assert(STATE_ADDRESS % FLASH_SECTOR_BYTES == 0u, "the partition begins with a sector");

static bool started;
static boot_state_t current;
static bool saved;      /* whether any entry counts; else `current` is the blank state */
static uint32_t counts; /* sequence number of the entry that counts */
static uint32_t next;   /* of the next one to be written */

static uint32_t place(uint32_t sequence) {
  return STATE_ADDRESS + ((sequence % ENTRIES) * ENTRY_BYTES);
}

static void blank(boot_state_t *state) {
  memset(state, 0, sizeof *state);
  state->active = SLOT_NONE;
  state->pending = SLOT_NONE;
  state->upload_slot = SLOT_NONE;
}

static void encode(const boot_state_t *state, uint32_t sequence, uint8_t entry[ENTRY_BYTES]) {
  memset(entry, 0, ENTRY_BYTES);
  put32(entry, MAGIC);
  put32(entry + 4, sequence);
  put32(entry + 8, state->security);
  put32(entry + 12, state->counter);
  entry[16] = state->active;
  entry[17] = state->pending;
  entry[18] = state->pending_flags;
  entry[19] = state->good;
  entry[20] = state->keys_made;
  entry[21] = state->upload_slot;
  entry[22] = state->upload_done;
  put32(entry + 24, state->upload_bytes);
  memcpy(entry + 28, state->upload_sha, sizeof state->upload_sha);
  put32(entry + CRC_AT, crc32(entry, CRC_AT));
}

static void decode(const uint8_t entry[ENTRY_BYTES], boot_state_t *state) {
  state->security = get32(entry + 8);
  state->counter = get32(entry + 12);
  state->active = entry[16];
  state->pending = entry[17];
  state->pending_flags = entry[18];
  state->good = entry[19];
  state->keys_made = entry[20];
  state->upload_slot = entry[21];
  state->upload_done = entry[22];
  state->upload_bytes = get32(entry + 24);
  memcpy(state->upload_sha, entry + 28, sizeof state->upload_sha);
}

/* Reads the entry at `index`; false where the flash cannot, or it is not a valid entry of this place. */
static bool read_entry(uint32_t index, uint8_t entry[ENTRY_BYTES]) {
  if (port_flash_read(place(index), entry, ENTRY_BYTES) != 0) return false;
  return get32(entry) == MAGIC && get32(entry + 4) % ENTRIES == index && get32(entry + CRC_AT) == crc32(entry, CRC_AT) &&
         get32(entry + 4) < LAST;
}

/* Whether an entry may be written at this place; a place that the flash cannot read was torn. */
static bool is_free(uint32_t sequence) {
  uint8_t entry[ENTRY_BYTES];
  return port_flash_read(place(sequence), entry, ENTRY_BYTES) == 0 && erased(entry, ENTRY_BYTES);
}

int32_t state_start(void) {
  uint8_t entry[ENTRY_BYTES];
  blank(&current);
  saved = false;
  for (uint32_t index = 0; index < ENTRIES; index++) {
    if (!read_entry(index, entry)) continue;
    const uint32_t sequence = get32(entry + 4);
    if (saved && sequence < counts) continue;
    decode(entry, &current);
    saved = true;
    counts = sequence;
  }
  started = true;
  if (!saved) {
    next = 0;
    return 0;
  }
  /* A sector's first place needs no gap: it is erased before it is written. */
  next = (counts + 1u) % PER_SECTOR == 0u ? counts + 1u : counts + 2u;
  /* If that fails no later save will do either, and what was found still holds. */
  const boot_state_t again = current;
  (void)state_save(&again);
  return 0;
}

int32_t state_load(boot_state_t *out) {
  if (!started && state_start() != 0) return -1;
  *out = current;
  return 0;
}

/* Whether a sector may be erased for this entry: never the one with the entry that counts. */
static bool may_erase(uint32_t sequence) {
  return !saved || (sequence / PER_SECTOR) - (counts / PER_SECTOR) < STATE_BYTES / FLASH_SECTOR_BYTES;
}

/* Writes one entry and reads it back. */
static bool write_entry(uint32_t sequence, const uint8_t entry[ENTRY_BYTES]) {
  uint8_t written[ENTRY_BYTES];
  if (port_flash_write(place(sequence), entry, ENTRY_BYTES) != 0) return false;
  return port_flash_read(place(sequence), written, ENTRY_BYTES) == 0 && memcmp(written, entry, ENTRY_BYTES) == 0;
}

int32_t state_save(const boot_state_t *state) {
  uint8_t entry[ENTRY_BYTES];
  if (!started && state_start() != 0) return -1;
  if (state->security < current.security || state->counter < current.counter) return -1;
  for (uint32_t tries = 0; tries < ENTRIES && next < LAST; tries++) {
    const uint32_t sequence = next;
    if (sequence % PER_SECTOR == 0u) {
      if (!may_erase(sequence) || port_flash_erase(place(sequence), FLASH_SECTOR_BYTES) != 0) return -1;
    }
    next = sequence + 1u;
    if (!is_free(sequence)) continue;
    encode(state, sequence, entry);
    if (write_entry(sequence, entry)) {
      current = *state;
      saved = true;
      counts = sequence;
      return 0;
    }
  }
  return -1;
}

void state_confirm(boot_state_t *state, uint8_t slot, uint32_t security) {
  state->active = slot;
  state->pending = SLOT_NONE;
  state->pending_flags = 0;
  state->good |= (uint8_t)(1u << slot);
  if (security > state->security) state->security = security;
}
