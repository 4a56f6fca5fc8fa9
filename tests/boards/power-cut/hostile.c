/*
 * What no image may do, against the same C: any byte changed, wrong key, too much memory, downgrade, truncated upload, forged sizes.
 * And how the boot gets by when what it had is damaged. Prints one JSON object; the exit status is 1 if anything did not hold.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "fake-flash.h"
#include "img-mgmt.h"
#include "slots.h"
#include "wasm-memory.h"

static uint32_t failures;
static const char *first_failure = "";

static void must(bool holds, const char *what) {
  const char *failed = holds ? (broken != NULL ? broken : flash_fault) : what;
  if (failed == NULL) return;
  failures++;
  if (first_failure[0] == '\0') first_failure = failed;
  broken = NULL;
  flash_fault = NULL;
}

static void place_image(uint32_t slot, test_image_t image) {
  memset(&flash.bytes[slot_address(slot)], 0xFF, slot_bytes(slot));
  memcpy(&flash.bytes[slot_address(slot)], images[image].bytes, images[image].len);
}

static image_status_t check(uint32_t slot, uint32_t floor) {
  image_facts_t facts;
  return image_check(slot_address(slot), slot_bytes(slot), floor, &facts);
}

static void blank_board(void) {
  flash_blank();
  flash_arm(0, TEAR_BEFORE, 1);
  expected_blank();
  power_on();
}

/* Version 1 in A and 2 in B, both confirmed once, 2 confirmed now. */
static void updated_board(void) {
  blank_board();
  update_to(IMAGE_V1);
  update_to(IMAGE_V2);
  must(true, "");
}

/* Each byte of a signed image changed, by every bit for the head and the TLVs, by one for the payload. */
static uint32_t flip_every_byte(void) {
  uint32_t flips = 0;
  flash_blank();
  place_image(SLOT_A, IMAGE_V1);
  must(check(SLOT_A, 0) == IMAGE_OK, "a good image is refused");
  const uint32_t len = images[IMAGE_V1].len;
  for (uint32_t i = 0; i < len; i++) {
    const bool plain = i >= IMAGE_HEADER_BYTES && i + 160u < len;
    for (uint32_t bit = plain ? i % 8u : 0u; bit < 8u; bit += plain ? 8u : 1u) {
      flash.bytes[SLOT_A_ADDRESS + i] ^= (uint8_t)(1u << bit);
      must(check(SLOT_A, 0) != IMAGE_OK, "an image with a flipped bit is accepted");
      flash.bytes[SLOT_A_ADDRESS + i] ^= (uint8_t)(1u << bit);
      flips++;
    }
  }
  return flips;
}

static void refusals(void) {
  flash_blank();
  must(check(SLOT_A, 0) == IMAGE_EMPTY, "an empty slot is not empty");
  place_image(SLOT_A, IMAGE_OTHER_KEY);
  must(check(SLOT_A, 0) == IMAGE_KEY, "an unknown key is accepted");
  /* The other key's signature under this key's name. */
  const uint32_t key_at = images[IMAGE_V1].len - 100u;
  memcpy(&flash.bytes[SLOT_A_ADDRESS + key_at], &images[IMAGE_V1].bytes[key_at], 32);
  must(check(SLOT_A, 0) == IMAGE_SIGNATURE, "another key's signature is accepted");
  place_image(SLOT_A, IMAGE_MEMORY);
  must(check(SLOT_A, 0) == IMAGE_TOO_LARGE, "an image for more memory than there is is accepted");
  place_image(SLOT_A, IMAGE_V1);
  must(check(SLOT_A, 1) == IMAGE_OK && check(SLOT_A, 2) == IMAGE_DOWNGRADE, "a downgrade is accepted");
  image_facts_t facts;
  must(image_check(SLOT_A_ADDRESS, images[IMAGE_V1].len, 0, &facts) == IMAGE_OK, "an image that fills its slot is refused");
  must(image_check(SLOT_A_ADDRESS, images[IMAGE_V1].len - 1u, 0, &facts) == IMAGE_FORMAT, "an image larger than its slot is accepted");
}

/* What slots.h promises to whoever calls it in the wrong way. */
static void wrong_uploads(void) {
  const test_image_file_t *v3 = &images[IMAGE_V3];
  updated_board();
  const uint32_t slot = free_slot();
  const uint32_t other = 1u - slot;
  must(slots_begin(other, v3->len, v3->sha) == -IMG_MGMT_ERR_NO_FREE_SLOT, "the running slot is written");
  must(slots_mark(other, MARK_ERASE) == -IMG_MGMT_ERR_NO_FREE_SLOT, "the running slot is erased");
  must(slots_begin(2, v3->len, v3->sha) == -IMG_MGMT_ERR_INVALID_SLOT, "there is a third slot");
  must(slots_begin(slot, IMAGE_MIN_BYTES - 1u, v3->sha) == -IMG_MGMT_ERR_INVALID_LENGTH, "an upload of nothing is begun");
  must(slots_begin(slot, slot_bytes(slot) + 1u, v3->sha) == -IMG_MGMT_ERR_IMAGE_TOO_LARGE, "an upload larger than the slot is begun");
  must(slots_write(slot, 0, v3->bytes, 100) == -IMG_MGMT_ERR_INVALID_OFFSET, "bytes are taken before an upload");
  must(slots_begin(slot, v3->len, v3->sha) == 0, "an upload is not begun");
  must(slots_write(slot, 0, v3->bytes, 100) == 100, "bytes are not taken");
  must(slots_write(slot, 0, v3->bytes, 100) == 100, "a chunk that comes twice is not answered alike");
  must(slots_write(slot, 200, v3->bytes, 100) == 100, "a gap is accepted");
  must(slots_write(slot, 100, v3->bytes, v3->len - 99u) == -IMG_MGMT_ERR_IMAGE_DATA_OVERRUN, "more bytes than announced are taken");
  must(slots_mark(slot, MARK_TEST) == -IMG_MGMT_ERR_NO_IMAGE, "a truncated upload is marked");
  must(slots_mark(slot, MARK_PERMANENT) == -IMG_MGMT_ERR_NO_IMAGE, "a truncated upload is marked for good");
  power_on_to(IMAGE_V2);
  /* What arrives is not what was announced: forgotten, and may be sent anew. */
  must(slots_begin(slot, v3->len, images[IMAGE_V1].sha) == 0, "an upload is not begun anew");
  must(slots_write(slot, 0, v3->bytes, v3->len) == -IMG_MGMT_ERR_INVALID_HASH, "something else than was announced is accepted");
  update_to(IMAGE_V3);
  must(slots_mark(SLOT_A, MARK_TEST) + slots_mark(SLOT_B, MARK_TEST) < 0, "what runs is tried");
  must(true, "");
}

/* Each refused image is uploaded in good order, and cannot be marked. */
static void wrong_images(void) {
  static const struct {
    test_image_t image;
    int32_t answer;
  } WRONG[] = {{IMAGE_OTHER_KEY, IMG_MGMT_ERR_UNKNOWN_KEY},
               {IMAGE_MEMORY, IMG_MGMT_ERR_IMAGE_TOO_LARGE},
               {IMAGE_OLD, IMG_MGMT_ERR_CURRENT_VERSION_IS_NEWER},
               {IMAGE_V1, IMG_MGMT_ERR_CURRENT_VERSION_IS_NEWER}};
  updated_board();
  const uint32_t slot = free_slot();
  for (uint32_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
    upload(slot, WRONG[i].image, 512, IMAGE_BYTES_MAX);
    must(slots_mark(slot, MARK_TEST) == -WRONG[i].answer, "an image that may not boot is marked");
    must(slots_mark(slot, MARK_PERMANENT) == -WRONG[i].answer, "an image that may not boot is marked for good");
    power_on_to(IMAGE_V2);
  }
  must(true, "");
}

/* Damage after a mark, and of what is confirmed. */
static void damage(void) {
  static const uint32_t MARKS[] = {MARK_TEST, MARK_PERMANENT};
  for (uint32_t i = 0; i < 2u; i++) {
    updated_board();
    const uint32_t slot = free_slot();
    upload(slot, IMAGE_V3, 512, IMAGE_BYTES_MAX);
    mark(slot, IMAGE_V3, MARKS[i]);
    flash.bytes[slot_address(slot) + 100u] ^= 1u;
    power_on_to(IMAGE_V2);
    update_to(IMAGE_V3);
    must(true, "");
  }
  /* Damage of a whole upload, before its mark: it is sent again. */
  updated_board();
  const uint32_t held = free_slot();
  upload(held, IMAGE_V3, 512, IMAGE_BYTES_MAX);
  flash.bytes[slot_address(held) + 100u] ^= 1u;
  must(slots_mark(held, MARK_TEST) == -IMG_MGMT_ERR_INVALID_HASH, "a damaged upload is marked");
  update_to(IMAGE_V3);
  must(true, "");
  /* 2 and 3 have the same security counter: 2 serves when 3 is damaged, and can be replaced. */
  updated_board();
  update_to(IMAGE_V3);
  const uint32_t slot = 1u - free_slot();
  flash.bytes[slot_address(slot) + 100u] ^= 1u;
  expected.may_boot = 1u << IMAGE_V2;
  power_on_to(IMAGE_V2);
  update_to(IMAGE_V3);
  must(true, "");
  /* 1 may not serve when 2 is damaged: recovery, which may write over what is damaged, but not over what is not. */
  updated_board();
  const uint32_t damaged = 1u - free_slot();
  flash.bytes[slot_address(damaged) + 100u] ^= 1u;
  expected.may_boot = 1u << RECOVERY;
  power_on_to(RECOVERY);
  upload(damaged, IMAGE_V3, 512, IMAGE_BYTES_MAX);
  power_on_to(RECOVERY);
  mark(damaged, IMAGE_V3, MARK_TEST);
  power_on_to(IMAGE_V3);
  confirm();
  power_on_to(IMAGE_V3);
  must(true, "");
  /* One that was never confirmed is no fall back. */
  blank_board();
  update_to(IMAGE_V1);
  upload(free_slot(), IMAGE_V2, 512, IMAGE_BYTES_MAX);
  flash.bytes[slot_address(1u - free_slot()) + 100u] ^= 1u;
  expected.may_boot = 1u << RECOVERY;
  power_on_to(RECOVERY);
  must(true, "");
  /* Nor one that was, once its slot was given to another. */
  updated_board();
  update_to(IMAGE_V3);
  const uint32_t old = free_slot();
  upload(old, IMAGE_V2, 512, 600);
  place_image(old, IMAGE_V2);
  flash.bytes[slot_address(1u - old) + 100u] ^= 1u;
  expected.may_boot = 1u << RECOVERY;
  power_on_to(RECOVERY);
  must(true, "");
}

/* Slots that crash again and again are left out, for this power-on. */
static void avoided(void) {
  boot_choice_t choice;
  updated_board();
  update_to(IMAGE_V3);
  boot_state_t state;
  (void)state_load(&state);
  must(boot_choose(1u << state.active, &choice) == 0 && choice.slot == 1u - state.active, "a slot that crashes is not left");
  must(boot_choose(3, &choice) == 0 && choice.slot == SLOT_NONE && choice.wasm == recovery_image, "no recovery when both crash");
}

/* While another is on trial, and in a recovery that is not for damage, what is confirmed is not written. */
static void confirmed_is_kept(void) {
  const test_image_file_t *v3 = &images[IMAGE_V3];
  updated_board();
  const uint32_t confirmed = 1u - free_slot();
  upload(1u - confirmed, IMAGE_V3, 512, IMAGE_BYTES_MAX);
  mark(1u - confirmed, IMAGE_V3, MARK_TEST);
  power_on_to(IMAGE_V3);
  must(slots_begin(confirmed, v3->len, v3->sha) == -IMG_MGMT_ERR_NO_FREE_SLOT, "the confirmed slot is written during a trial");
  must(slots_mark(confirmed, MARK_ERASE) == -IMG_MGMT_ERR_NO_FREE_SLOT, "the confirmed slot is erased during a trial");
  power_on_to(IMAGE_V2);
  slots_running(SLOT_NONE);
  must(slots_begin(confirmed, v3->len, v3->sha) == -IMG_MGMT_ERR_NO_FREE_SLOT, "the recovery image writes over a good image");
}

/* Flash that does not take what is written, and does not say so. */
static void weak_flash(void) {
  updated_board();
  raise_counter(5);
  flash_weak_writes = 2;
  raise_counter(9);
  power_on_to(IMAGE_V2);
  must(true, "");
  const uint32_t slot = free_slot();
  flash_weak_writes = 3;
  must(slots_begin(slot, images[IMAGE_V3].len, images[IMAGE_V3].sha) == 0, "an upload is not begun on weak flash");
  flash_weak_writes = 1;
  must(slots_write(slot, 0, images[IMAGE_V3].bytes, images[IMAGE_V3].len) == -IMG_MGMT_ERR_INVALID_HASH, "weak flash is not noticed");
  flash_weak_writes = 0;
  update_to(IMAGE_V3);
  must(true, "");
}

static void counters(void) {
  boot_state_t state;
  updated_board();
  raise_counter(7);
  (void)state_load(&state);
  state.counter = 6;
  must(state_save(&state) != 0, "the counter was lowered");
  (void)state_load(&state);
  state.security -= 1u;
  must(state_save(&state) != 0, "the security counter was lowered");
  power_on_to(IMAGE_V2);
  must(true, "");
}

/* Garbage, and good images with a few bytes changed, in the head and the TLVs above all: nothing is accepted, nothing read beyond. */
static uint32_t fuzz_images(uint32_t rounds) {
  const uint32_t len = images[IMAGE_V1].len;
  flash_arm(0, TEAR_BEFORE, 77);
  flash_blank();
  for (uint32_t round = 0; round < rounds; round++) {
    /* At the very end of the flash, so that reading on is seen. */
    const uint32_t size = round % 16u == 0u ? 1u + flash_random() % 300u : len;
    const uint32_t at = FLASH_BYTES - size;
    if (size < len) {
      for (uint32_t i = 0; i < size; i++) flash.bytes[at + i] = (uint8_t)flash_random();
      if (size > 4u) memcpy(&flash.bytes[at], images[IMAGE_V1].bytes, 4);
    } else {
      memcpy(&flash.bytes[at], images[IMAGE_V1].bytes, len);
      const uint32_t changes = 1u + flash_random() % 4u;
      for (uint32_t i = 0; i < changes; i++) {
        const uint32_t where = (flash_random() & 1u) != 0u ? flash_random() % IMAGE_HEADER_BYTES : len - 1u - flash_random() % 156u;
        flash.bytes[at + where] = (uint8_t)flash_random();
      }
    }
    image_facts_t facts;
    const image_status_t status = image_check(at, size, 0, &facts);
    must(status != IMAGE_OK || memcmp(&flash.bytes[at], images[IMAGE_V1].bytes, len) == 0, "a forged image is accepted");
  }
  return rounds;
}

/* The parser of WASM sections, on what no signature protects here. */
static uint32_t fuzz_modules(uint32_t rounds) {
  static const uint8_t START[] = {0x00, 0x61, 0x73, 0x6D, 0x01, 0x00, 0x00, 0x00};
  flash_arm(0, TEAR_BEFORE, 78);
  for (uint32_t round = 0; round < rounds; round++) {
    const uint32_t size = 1u + flash_random() % 64u;
    const uint32_t at = FLASH_BYTES - size;
    for (uint32_t i = 0; i < size; i++) flash.bytes[at + i] = (uint8_t)(flash_random() >> (flash_random() % 32u));
    memcpy(&flash.bytes[at], START, size < 8u ? size : 8u);
    uint32_t pages = 0;
    (void)wasm_memory_minimum(at, size, &pages);
    must(true, "");
  }
  return rounds;
}

int main(int argc, char **argv) {
  if (argc < 3 || !images_load(argv[1])) return 2;
  const uint32_t rounds = (uint32_t)strtoul(argv[2], NULL, 10);
  refusals();
  wrong_uploads();
  wrong_images();
  damage();
  avoided();
  counters();
  confirmed_is_kept();
  weak_flash();
  const uint32_t flips = flip_every_byte();
  const uint32_t forged = fuzz_images(rounds) + fuzz_modules(rounds);
  (void)printf("{\"flips\":%u,\"forged\":%u,\"failures\":%u,\"first\":\"%s\"}\n", flips, forged, failures, first_failure);
  return failures == 0u ? 0 : 1;
}
