/*
 * An upload in flash. While power lasts, memory knows how far it got. After a cut, flash must tell: the slot was erased before the
 * announcement, bytes come in order, and no operation spans two sectors, so all sectors before the last one that is not erased are good.
 * What was being written or erased there, or behind it, may read well today and badly tomorrow, or as erased. So an upload that goes
 * on sends that sector again, and erases each sector before it writes to it: neither earlier, or a cut could leave good sectors before
 * garbage and an erased one between them, nor trusting that it is erased already.
 */
#include "upload.h"

#include <string.h>

#include "bytes.h"
#include "img-mgmt.h"
#include "port.h"
#include "sha256.h"
#include "slots.h"

#define CHUNK_BYTES 256u

_Static_assert(SLOT_A_ADDRESS % FLASH_SECTOR_BYTES == 0u && SLOT_A_BYTES % FLASH_SECTOR_BYTES == 0u, "slot A is whole sectors");
_Static_assert(SLOT_B_ADDRESS % FLASH_SECTOR_BYTES == 0u && SLOT_B_BYTES % FLASH_SECTOR_BYTES == 0u, "slot B is whole sectors");
_Static_assert(FLASH_SECTOR_BYTES % CHUNK_BYTES == 0u && CHUNK_BYTES % FLASH_UNIT_BYTES == 0u, "chunks fit sectors and units");

static struct {
  bool open;
  bool resumed; /* sectors are erased when writing comes to them */
  uint32_t wanted;
  uint8_t unit[FLASH_UNIT_BYTES]; /* bytes of a write unit that is not full yet */
} upload;

int32_t upload_erase(uint32_t slot, uint32_t from, uint32_t to) {
  for (uint32_t at = from; at < to; at += FLASH_SECTOR_BYTES) {
    port_watchdog_feed();
    if (port_flash_erase(slot_address(slot) + at, FLASH_SECTOR_BYTES) != 0) return -1;
  }
  return 0;
}

void upload_open(uint32_t offset, bool resumed) {
  upload.open = true;
  upload.resumed = resumed;
  upload.wanted = offset;
}

void upload_close(void) {
  upload.open = false;
}

bool upload_is_announced(const boot_state_t *state) {
  uint8_t chunk[CHUNK_BYTES];
  uint8_t digest[32];
  sha256_t hash;
  sha256_start(&hash);
  for (uint32_t done = 0; done < state->upload_bytes;) {
    const uint32_t left = state->upload_bytes - done;
    const uint32_t len = left < CHUNK_BYTES ? left : CHUNK_BYTES;
    if (port_flash_read(slot_address(state->upload_slot) + done, chunk, len) != 0) return false;
    sha256_add(&hash, chunk, len);
    done += len;
  }
  sha256_end(&hash, digest);
  return memcmp(digest, state->upload_sha, sizeof digest) == 0;
}

/* Whether there is something in a chunk of the slot; one that the flash cannot read was torn. */
static bool is_written(uint32_t slot, uint32_t at) {
  uint8_t chunk[CHUNK_BYTES];
  return port_flash_read(slot_address(slot) + at, chunk, CHUNK_BYTES) != 0 || !erased(chunk, CHUNK_BYTES);
}

/* Where to go on: the end if all came, else the start of the sector in which writing stopped. */
static uint32_t resume_point(const boot_state_t *state) {
  if (state->upload_done != 0u) return state->upload_bytes;
  uint32_t at = ((state->upload_bytes - 1u) / CHUNK_BYTES) * CHUNK_BYTES;
  while (at > 0u && !is_written(state->upload_slot, at)) at -= CHUNK_BYTES;
  return (at / FLASH_SECTOR_BYTES) * FLASH_SECTOR_BYTES;
}

uint32_t upload_resume(const boot_state_t *state) {
  if (!upload.open) upload_open(resume_point(state), true);
  return upload.wanted;
}

uint32_t upload_received(const boot_state_t *state) {
  return upload.open ? upload.wanted : resume_point(state);
}

/* Programs whole units; `at` is the offset in the slot. */
static int32_t program(uint32_t slot, uint32_t at, const uint8_t *data, uint32_t len) {
  return port_flash_write(slot_address(slot) + at, data, len);
}

/* Adds bytes to the unit that is begun; programs it when it is full, or with the last byte. Gives how many were taken. */
static int32_t fill_unit(const boot_state_t *state, const uint8_t *data, uint32_t len, uint32_t *taken) {
  const uint32_t used = upload.wanted % FLASH_UNIT_BYTES;
  const uint32_t room = FLASH_UNIT_BYTES - used;
  *taken = len < room ? len : room;
  if (used == 0u) memset(upload.unit, 0xFF, FLASH_UNIT_BYTES);
  memcpy(&upload.unit[used], data, *taken);
  if (*taken < room && upload.wanted + *taken < state->upload_bytes) return 0;
  return program(state->upload_slot, upload.wanted - used, upload.unit, FLASH_UNIT_BYTES);
}

/* Bytes of whole units that one operation may write at `at`: not into the next sector, so that a cut tears one sector only. */
static uint32_t whole_units(uint32_t at, uint32_t len) {
  const uint32_t room = FLASH_SECTOR_BYTES - (at % FLASH_SECTOR_BYTES);
  return ((len < room ? len : room) / FLASH_UNIT_BYTES) * FLASH_UNIT_BYTES;
}

/* The begun unit, then whole units as they are, then what is left. */
static int32_t write_bytes(const boot_state_t *state, const uint8_t *data, uint32_t len) {
  uint32_t done = 0;
  while (done < len) {
    uint32_t taken = whole_units(upload.wanted, len - done);
    int32_t status = 0;
    if (upload.resumed && upload.wanted % FLASH_SECTOR_BYTES == 0u) {
      status = upload_erase(state->upload_slot, upload.wanted, upload.wanted + FLASH_SECTOR_BYTES);
    }
    if (status != 0) return -1;
    if (upload.wanted % FLASH_UNIT_BYTES == 0u && taken > 0u) {
      status = program(state->upload_slot, upload.wanted, &data[done], taken);
    } else {
      status = fill_unit(state, &data[done], len - done, &taken);
    }
    if (status != 0) return -1;
    upload.wanted += taken;
    done += taken;
  }
  return 0;
}

int32_t upload_take(const boot_state_t *state, uint32_t offset, const uint8_t *data, uint32_t len) {
  if (!upload.open) return -IMG_MGMT_ERR_INVALID_OFFSET;
  if (offset != upload.wanted || len == 0u) return (int32_t)upload.wanted;
  if (len > state->upload_bytes - offset) return -IMG_MGMT_ERR_IMAGE_DATA_OVERRUN;
  if (write_bytes(state, data, len) != 0) {
    upload_close();
    return -IMG_MGMT_ERR_FLASH_WRITE_FAILED;
  }
  if (upload.wanted < state->upload_bytes || upload_is_announced(state)) return (int32_t)upload.wanted;
  upload_close();
  return -IMG_MGMT_ERR_INVALID_HASH;
}
