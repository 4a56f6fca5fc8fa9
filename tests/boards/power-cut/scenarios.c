/* See scenarios.h. Chunks are not whole write units, so that units are put together of two. */
#include "scenarios.h"

#include <stddef.h>

#include "board-config.h"
#include "slots.h"

#define CHUNK 1001u
#define ALL IMAGE_BYTES_MAX

static void with_v1(void) {
  power_on();
  update_to(IMAGE_V1);
}

/* Both slots full, both confirmed once. */
static void with_v1_and_v2(void) {
  with_v1();
  update_to(IMAGE_V2);
}

/* So many entries that the next ones go into the second sector, or round the ring into the first. */
static void raise_counter_to(uint32_t value) {
  while (expected.counter < value) raise_counter(expected.counter + 1u);
}

static void with_sector_full(void) {
  with_v1();
  raise_counter_to(FLASH_SECTOR_BYTES / 64u - 4u);
}

static void with_ring_full(void) {
  with_v1();
  raise_counter_to(STATE_BYTES / 64u - 4u);
}

static void first_start(void) {
  power_on_to(RECOVERY);
  power_on_to(RECOVERY);
}

static void first_install(void) {
  power_on_to(RECOVERY);
  upload(SLOT_A, IMAGE_V1, CHUNK, ALL);
  mark(SLOT_A, IMAGE_V1, MARK_TEST);
  power_on_to(IMAGE_V1);
  confirm();
  power_on_to(IMAGE_V1);
}

static void first_install_reverted(void) {
  power_on_to(RECOVERY);
  upload(SLOT_B, IMAGE_V1, CHUNK, ALL);
  mark(SLOT_B, IMAGE_V1, MARK_TEST);
  power_on_to(IMAGE_V1);
  power_on_to(RECOVERY);
}

static void tested_and_confirmed(void) {
  power_on_to(IMAGE_V1);
  upload(SLOT_B, IMAGE_V2, CHUNK, ALL);
  mark(SLOT_B, IMAGE_V2, MARK_TEST);
  power_on_to(IMAGE_V2);
  confirm();
  power_on_to(IMAGE_V2);
}

static void tested_and_reverted(void) {
  power_on_to(IMAGE_V1);
  upload(SLOT_B, IMAGE_V2, CHUNK, ALL);
  mark(SLOT_B, IMAGE_V2, MARK_TEST);
  power_on_to(IMAGE_V2);
  power_on_to(IMAGE_V1);
  power_on_to(IMAGE_V1);
}

static void permanent(void) {
  power_on_to(IMAGE_V1);
  upload(SLOT_B, IMAGE_V2, CHUNK, ALL);
  mark(SLOT_B, IMAGE_V2, MARK_PERMANENT);
  power_on_to(IMAGE_V2);
  power_on_to(IMAGE_V2);
}

static void erased_slot(void) {
  power_on_to(IMAGE_V2);
  erase_slot(free_slot());
  power_on_to(IMAGE_V2);
}

static void counter_raised(void) {
  power_on_to(IMAGE_V1);
  raise_counter_to(expected.counter + FLASH_SECTOR_BYTES / 64u % 16u + 8u);
  power_on_to(IMAGE_V1);
}

static void upload_by_two_hosts(void) {
  power_on_to(IMAGE_V1);
  upload(SLOT_B, IMAGE_V2, CHUNK, images[IMAGE_V2].len / 2u);
  upload(SLOT_B, IMAGE_V2, CHUNK - 100u, images[IMAGE_V2].len - 200u);
  power_on_to(IMAGE_V1);
  upload(SLOT_B, IMAGE_V2, CHUNK, ALL);
  mark(SLOT_B, IMAGE_V2, MARK_TEST);
  power_on_to(IMAGE_V2);
  confirm();
}

static void upload_given_up_for_another(void) {
  power_on_to(IMAGE_V1);
  upload(SLOT_B, IMAGE_V3, CHUNK, images[IMAGE_V3].len / 2u);
  upload(SLOT_B, IMAGE_V2, CHUNK, ALL);
  mark(SLOT_B, IMAGE_V2, MARK_TEST);
  power_on_to(IMAGE_V2);
  confirm();
}

/* An image with a lower security counter arrives whole, and is refused when it should boot. */
static void downgrade(void) {
  power_on_to(IMAGE_V2);
  const uint32_t slot = free_slot();
  upload(slot, IMAGE_OLD, CHUNK, ALL);
  if (slots_mark(slot, MARK_TEST) == 0 || slots_mark(slot, MARK_PERMANENT) == 0) breach("a downgrade was accepted");
  power_on_to(IMAGE_V2);
}

static void two_updates(void) {
  power_on_to(IMAGE_V1);
  upload(SLOT_B, IMAGE_V2, CHUNK, ALL);
  mark(SLOT_B, IMAGE_V2, MARK_TEST);
  power_on_to(IMAGE_V2);
  confirm();
  upload(SLOT_A, IMAGE_V3, CHUNK, ALL);
  mark(SLOT_A, IMAGE_V3, MARK_TEST);
  power_on_to(IMAGE_V3);
  confirm();
  power_on_to(IMAGE_V3);
}

const scenario_t scenarios[] = {
  {"first start", NULL, first_start, IMAGE_V1},
  {"first install", NULL, first_install, IMAGE_V2},
  {"first install, not confirmed", NULL, first_install_reverted, IMAGE_V1},
  {"upload, test, confirm", with_v1, tested_and_confirmed, IMAGE_V3},
  {"upload, test, no confirmation", with_v1, tested_and_reverted, IMAGE_V2},
  {"permanent", with_v1, permanent, IMAGE_V3},
  {"erase", with_v1_and_v2, erased_slot, IMAGE_V3},
  {"counter raised, into the next sector", with_sector_full, counter_raised, IMAGE_V2},
  {"counter raised, round the ring", with_ring_full, counter_raised, IMAGE_V2},
  {"upload interrupted, another host goes on", with_v1, upload_by_two_hosts, IMAGE_V2},
  {"upload given up for another image", with_v1, upload_given_up_for_another, IMAGE_V3},
  {"downgrade refused", with_v1_and_v2, downgrade, IMAGE_V3},
  {"two updates in a row", with_v1, two_updates, IMAGE_V3},
};
const uint32_t scenarios_count = sizeof scenarios / sizeof scenarios[0];
