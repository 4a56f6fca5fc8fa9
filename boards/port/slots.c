/*
 * What the running image may do with the slots. A slot that runs or is confirmed is never written; the confirmed one only by the
 * recovery image, and only if it is damaged. Whatever is to be destroyed first loses its rights in the state, then its bytes.
 */
#include "slots.h"

#include <string.h>

#include "bytes.h"
#include "image.h"
#include "img-mgmt.h"
#include "port.h"
#include "upload.h"

#define SLOTS 2u
#define HOLDS 1u
#define BOOTABLE 2u
#define RUNNING 4u
#define TO_BE_TRIED 8u
#define CONFIRMED 16u
#define TO_BE_CONFIRMED 32u
#define DEVELOPMENT 64u

static uint32_t running = SLOT_NONE;
/* slot_info is asked for often, and a check takes a second on a slow board: its answer is kept until the slot changes. */
static image_facts_t known[SLOTS];
static bool is_known[SLOTS];

static image_status_t check(uint32_t slot, const boot_state_t *state, image_facts_t *facts) {
  return image_check(slot_address(slot), slot_bytes(slot), state->security, facts);
}

/* Whether a slot may be destroyed: 0 or an error. */
static int32_t writable(uint32_t slot, const boot_state_t *state) {
  image_facts_t facts;
  if (slot >= SLOTS) return -IMG_MGMT_ERR_INVALID_SLOT;
  if (slot == running) return -IMG_MGMT_ERR_NO_FREE_SLOT;
  if (slot != state->active) return 0;
  return running == SLOT_NONE && check(slot, state, &facts) != IMAGE_OK ? 0 : -IMG_MGMT_ERR_NO_FREE_SLOT;
}

/* Takes a slot's rights, then its bytes. */
static int32_t clear(uint32_t slot, boot_state_t *state) {
  state->good &= (uint8_t)~(1u << slot);
  if (state->active == slot) state->active = SLOT_NONE;
  if (state->pending == slot) {
    state->pending = SLOT_NONE;
    state->pending_flags = 0;
  }
  state->upload_slot = SLOT_NONE;
  upload_close();
  is_known[slot] = false;
  if (state_save(state) != 0) return -IMG_MGMT_ERR_FLASH_WRITE_FAILED;
  return upload_erase(slot, 0, slot_bytes(slot)) == 0 ? 0 : -IMG_MGMT_ERR_FLASH_ERASE_FAILED;
}

void slots_running(uint32_t slot) {
  running = slot;
  upload_close();
  is_known[SLOT_A] = false;
  is_known[SLOT_B] = false;
}

int32_t slots_begin(uint32_t slot, uint32_t len, const uint8_t sha[32]) {
  boot_state_t state;
  if (state_load(&state) != 0) return -IMG_MGMT_ERR_FLASH_READ_FAILED;
  int32_t status = writable(slot, &state);
  if (status != 0) return status;
  if (len < IMAGE_MIN_BYTES) return -IMG_MGMT_ERR_INVALID_LENGTH;
  if (len > slot_bytes(slot)) return -IMG_MGMT_ERR_IMAGE_TOO_LARGE;
  is_known[slot] = false;
  const bool known_upload = state.upload_slot == slot && state.upload_bytes == len && memcmp(state.upload_sha, sha, 32) == 0;
  /* One that was complete and is damaged since must come anew, or it could never be got rid of by sending it again. */
  if (known_upload && (state.upload_done == 0u || upload_is_announced(&state))) {
    return (int32_t)upload_resume(&state);
  }
  status = clear(slot, &state);
  if (status != 0) return status;
  /* The announcement says that all behind what is written is erased: so it comes after the erasing. */
  state.upload_slot = (uint8_t)slot;
  state.upload_done = 0;
  state.upload_bytes = len;
  memcpy(state.upload_sha, sha, sizeof state.upload_sha);
  if (state_save(&state) != 0) return -IMG_MGMT_ERR_FLASH_WRITE_FAILED;
  upload_open(0, false);
  return 0;
}

int32_t slots_write(uint32_t slot, uint32_t offset, const uint8_t *data, uint32_t len) {
  boot_state_t state;
  if (state_load(&state) != 0) return -IMG_MGMT_ERR_FLASH_READ_FAILED;
  if (slot >= SLOTS) return -IMG_MGMT_ERR_INVALID_SLOT;
  if (slot != state.upload_slot) return -IMG_MGMT_ERR_INVALID_OFFSET;
  is_known[slot] = false;
  const int32_t wanted = upload_take(&state, offset, data, len);
  if (wanted == (int32_t)state.upload_bytes && state.upload_done == 0u) {
    state.upload_done = 1;
  } else if (wanted == -IMG_MGMT_ERR_INVALID_HASH) {
    /* Something else came than was announced: whoever sends it again begins anew. */
    state.upload_slot = SLOT_NONE;
  } else {
    return wanted;
  }
  return state_save(&state) == 0 ? wanted : -IMG_MGMT_ERR_FLASH_WRITE_FAILED;
}

/* Why an image is not bootable, as the image group says it. */
static int32_t image_error(image_status_t status) {
  static const uint8_t ERRORS[] = {
    [IMAGE_OK] = 0,
    [IMAGE_EMPTY] = IMG_MGMT_ERR_NO_IMAGE,
    [IMAGE_FORMAT] = IMG_MGMT_ERR_INVALID_IMAGE_HEADER,
    [IMAGE_HASH] = IMG_MGMT_ERR_INVALID_HASH,
    [IMAGE_KEY] = IMG_MGMT_ERR_UNKNOWN_KEY,
    [IMAGE_SIGNATURE] = IMG_MGMT_ERR_SIGNATURE,
    [IMAGE_DOWNGRADE] = IMG_MGMT_ERR_CURRENT_VERSION_IS_NEWER,
    [IMAGE_TOO_LARGE] = IMG_MGMT_ERR_IMAGE_TOO_LARGE,
    [IMAGE_ENGINE] = IMG_MGMT_ERR_ENGINE,
    [IMAGE_FLASH] = IMG_MGMT_ERR_FLASH_READ_FAILED,
  };
  return -(int32_t)ERRORS[status];
}

/* Whatever gets a right to run is checked anew, out of flash. */
static int32_t mark_checked(uint32_t slot, uint32_t mark, boot_state_t *state) {
  image_facts_t facts;
  if (state->upload_slot == slot && state->upload_done == 0u) return -IMG_MGMT_ERR_NO_IMAGE;
  const int32_t status = image_error(check(slot, state, &facts));
  if (status != 0) return status;
  if (slot == running) {
    state_confirm(state, (uint8_t)slot, facts.security_counter);
  } else {
    state->pending = (uint8_t)slot;
    state->pending_flags = mark == MARK_PERMANENT ? PENDING_PERMANENT : 0u;
    state->upload_slot = SLOT_NONE;
  }
  /* A raised security counter may change what is bootable. */
  is_known[SLOT_A] = false;
  is_known[SLOT_B] = false;
  return state_save(state) == 0 ? 0 : -IMG_MGMT_ERR_FLASH_WRITE_FAILED;
}

int32_t slots_mark(uint32_t slot, uint32_t mark) {
  boot_state_t state;
  if (state_load(&state) != 0) return -IMG_MGMT_ERR_FLASH_READ_FAILED;
  if (slot >= SLOTS) return -IMG_MGMT_ERR_INVALID_SLOT;
  if (mark == MARK_ERASE) {
    const int32_t status = writable(slot, &state);
    return status == 0 ? clear(slot, &state) : status;
  }
  if (mark != MARK_TEST && mark != MARK_PERMANENT) return -IMG_MGMT_ERR_UNKNOWN;
  if (mark == MARK_TEST && slot == running) return -IMG_MGMT_ERR_IMAGE_SETTING_TEST_TO_ACTIVE_DENIED;
  if (mark == MARK_PERMANENT && slot == running && slot == state.active) return 0;
  return mark_checked(slot, mark, &state);
}

static uint32_t flags(uint32_t slot, const boot_state_t *state, const image_facts_t *facts) {
  const bool pending = state->pending == slot;
  const bool permanent = pending && (state->pending_flags & PENDING_PERMANENT) != 0u;
  const bool tried = pending && (state->pending_flags & PENDING_TRIED) != 0u;
  uint32_t set = 0;
  if (facts->status != IMAGE_EMPTY && facts->status != IMAGE_FLASH) set |= HOLDS;
  if (facts->status == IMAGE_OK) set |= BOOTABLE;
  if (slot == running) set |= RUNNING;
  if (pending && !permanent && !tried) set |= TO_BE_TRIED;
  if (slot == state->active) set |= CONFIRMED;
  if (permanent) set |= TO_BE_CONFIRMED;
  if (facts->development) set |= DEVELOPMENT;
  return set;
}

int32_t slots_info(uint32_t slot, uint8_t *out) {
  boot_state_t state;
  if (slot >= SLOTS || state_load(&state) != 0) return -1;
  image_facts_t *facts = &known[slot];
  if (!is_known[slot]) (void)check(slot, &state, facts);
  is_known[slot] = true;
  memset(out, 0, SLOT_INFO_BYTES);
  put32(out, flags(slot, &state, facts));
  put32(out + 4, (uint32_t)facts->status);
  out[8] = facts->major;
  out[9] = facts->minor;
  put16(out + 10, facts->revision);
  put32(out + 12, facts->build);
  put32(out + 16, facts->security_counter);
  put32(out + 20, facts->bytes);
  put32(out + 24, slot_bytes(slot));
  memcpy(out + 32, facts->hash, sizeof facts->hash);
  if (state.upload_slot == slot) {
    put32(out + 28, upload_received(&state));
    memcpy(out + 64, state.upload_sha, sizeof state.upload_sha);
  }
  return 0;
}
