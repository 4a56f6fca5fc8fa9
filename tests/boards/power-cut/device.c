/* See device.h. */
#include "device.h"

#include <stdio.h>
#include <string.h>

#include "fake-flash.h"
#include "keys.h"
#include "random.h"
#include "sha256.h"
#include "slots.h"

#define BIT(image) (1u << (image))

test_image_file_t images[IMAGES];
expected_t expected;
uint32_t booted;
const char *broken;

static uint32_t running;

void breach(const char *what) {
  if (broken == NULL) broken = what;
}

static bool image_load(const char *folder, const char *name, uint32_t security, test_image_file_t *image) {
  char path[512];
  (void)snprintf(path, sizeof path, "%s/%s.bin", folder, name);
  FILE *file = fopen(path, "rb");
  if (file == NULL) {
    (void)fprintf(stderr, "%s cannot be read\n", path);
    return false;
  }
  image->len = (uint32_t)fread(image->bytes, 1, sizeof image->bytes, file);
  image->security = security;
  (void)fclose(file);
  sha256_t hash;
  sha256_start(&hash);
  sha256_add(&hash, image->bytes, image->len);
  sha256_end(&hash, image->sha);
  return true;
}

bool images_load(const char *folder) {
  return image_load(folder, "v1", 1, &images[IMAGE_V1]) && image_load(folder, "v2", 2, &images[IMAGE_V2]) &&
         image_load(folder, "v3", 2, &images[IMAGE_V3]) && image_load(folder, "old", 0, &images[IMAGE_OLD]) &&
         image_load(folder, "other-key", 2, &images[IMAGE_OTHER_KEY]) && image_load(folder, "memory", 2, &images[IMAGE_MEMORY]);
}

void expected_blank(void) {
  memset(&expected, 0, sizeof expected);
  expected.may_boot = BIT(RECOVERY);
}

/* Which image lies in a slot, byte for byte, without asking the code under test. */
static uint32_t image_in(uint32_t slot) {
  for (uint32_t i = 0; i < IMAGES; i++) {
    if (memcmp(&flash.bytes[slot_address(slot)], images[i].bytes, images[i].len) == 0) return i;
  }
  return IMAGES;
}

static void check_keys(void) {
  uint8_t key[32];
  if (keys_public(key) != 0) {
    breach("the device's keys are lost");
    return;
  }
  if (expected.keyed && memcmp(key, expected.key, sizeof key) != 0) breach("the device's keys changed");
  memcpy(expected.key, key, sizeof key);
  expected.keyed = true;
}

static void check_state(void) {
  boot_state_t state;
  if (state_load(&state) != 0) breach("the state cannot be read");
  if (state.security < expected.security) breach("the security counter went down");
  if (state.counter < expected.counter) breach("the image's counter went down");
  /* What was shown once stays. */
  expected.security = state.security;
  expected.counter = state.counter;
}

void observe(const boot_choice_t *choice) {
  boot_state_t state;
  running = choice->slot;
  booted = running == SLOT_NONE ? RECOVERY : image_in(running);
  if (booted == IMAGES) breach("what boots is no image that was ever signed");
  else if ((expected.may_boot & BIT(booted)) == 0u) breach("what boots is not what must");
  else if (booted != RECOVERY && images[booted].security < expected.security) breach("what boots is a downgrade");
  check_keys();
  check_state();
  /* One that is pending for good is confirmed now; one on trial has had its start. */
  if (booted == RECOVERY || state_load(&state) != 0) return;
  if (state.active == running) expected.may_boot = BIT(booted);
  else expected.may_boot &= ~BIT(booted);
  if (expected.may_boot == 0u) expected.may_boot = BIT(RECOVERY);
}

void power_on(void) {
  boot_choice_t choice;
  flash_power_on();
  (void)state_start();
  if (random_start() != 0) breach("no random numbers");
  if (keys_start() != 0) breach("the device's keys are damaged");
  if (boot_choose(0, &choice) != 0) breach("boot failed");
  slots_running(choice.slot);
  observe(&choice);
}

void power_on_to(uint32_t image) {
  power_on();
  if (booted != image) breach("what boots is not what was asked for");
}

uint32_t free_slot(void) {
  boot_state_t state;
  if (state_load(&state) != 0) breach("the state cannot be read");
  for (uint32_t slot = SLOT_A; slot <= SLOT_B; slot++) {
    if (slot != running && slot != state.active) return slot;
  }
  breach("no slot is free");
  return SLOT_NONE;
}

void upload(uint32_t slot, test_image_t image, uint32_t chunk, uint32_t stop) {
  const test_image_file_t *file = &images[image];
  const uint32_t end = stop < file->len ? stop : file->len;
  int32_t wanted = slots_begin(slot, file->len, file->sha);
  if (wanted < 0) breach("an upload was refused");
  while (wanted >= 0 && (uint32_t)wanted < end) {
    const uint32_t left = end - (uint32_t)wanted;
    const uint32_t len = left < chunk ? left : chunk;
    const int32_t next = slots_write(slot, (uint32_t)wanted, &file->bytes[wanted], len);
    if (next != wanted + (int32_t)len) breach("a chunk was refused");
    wanted = next > wanted ? next : -1;
  }
}

void mark(uint32_t slot, test_image_t image, uint32_t how) {
  expected.may_boot |= BIT(image);
  if (slots_mark(slot, how) != 0) breach("a mark was refused");
}

void confirm(void) {
  if (booted >= IMAGES) {
    breach("there is no image to confirm");
    return;
  }
  expected.may_boot |= BIT(booted);
  if (slots_mark(running, MARK_PERMANENT) != 0) breach("a confirmation was refused");
  expected.may_boot = BIT(booted);
  if (images[booted].security > expected.security) expected.security = images[booted].security;
}

void erase_slot(uint32_t slot) {
  if (slots_mark(slot, MARK_ERASE) != 0) breach("an erase was refused");
}

void raise_counter(uint32_t value) {
  boot_state_t state;
  if (state_load(&state) != 0) breach("the state cannot be read");
  if (value < state.counter) return; /* raised before the cut */
  state.counter = value;
  if (state_save(&state) != 0) breach("the counter was not raised");
  expected.counter = value;
}

/* While an image is on trial no slot is free: a host confirms it, or has the board start again. */
static void leave_trial(void) {
  boot_state_t state;
  if (state_load(&state) != 0) breach("the state cannot be read");
  if (running != SLOT_NONE && state.active != running) power_on();
}

void update_to(test_image_t image) {
  if (booted != image) {
    leave_trial();
    const uint32_t slot = free_slot();
    upload(slot, image, 700, IMAGE_BYTES_MAX);
    mark(slot, image, MARK_TEST);
    power_on_to(image);
  }
  confirm();
  power_on_to(image);
}
