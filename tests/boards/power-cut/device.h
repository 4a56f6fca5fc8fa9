/*
 * A board under test: power-on as the runner does it (boards/port/run.c), what a host does with its slots, and what must hold at each
 * power-on whatever was cut before. A step first widens what may be found (the step may have been done when power went), and when it
 * is done narrows it to what must be found.
 */
#ifndef DEVICE_H
#define DEVICE_H

#include <stdint.h>

#include "boot.h"

#define IMAGE_BYTES_MAX 131072u
#define RECOVERY 31u /* in `may_boot`: the recovery image */

/** The signed images of a scenario, from files; by their place in this list. */
typedef enum { IMAGE_V1 = 0, IMAGE_V2, IMAGE_V3, IMAGE_OLD, IMAGE_OTHER_KEY, IMAGE_MEMORY, IMAGES } test_image_t;

typedef struct {
  uint8_t bytes[IMAGE_BYTES_MAX];
  uint32_t len;
  uint8_t sha[32];
  uint32_t security;
} test_image_file_t;
extern test_image_file_t images[IMAGES];

/** What must be found at the next power-on. */
typedef struct {
  uint32_t may_boot; /* a bit for each image, and RECOVERY */
  uint32_t security; /* the state's are not lower */
  uint32_t counter;
  bool keyed;        /* the keys were made and must be these */
  uint8_t key[32];
} expected_t;
extern expected_t expected;
/** What runs: as in `may_boot`. */
extern uint32_t booted;
/** What did not hold, or NULL. */
extern const char *broken;

/** Reads the images out of `folder`; false: one is missing. */
bool images_load(const char *folder);
void expected_blank(void);

/** Checks what boot chose, and what it found. */
void observe(const boot_choice_t *choice);
/** Cuts and restores power, and observes. */
void power_on(void);
/** `power_on`, of which this must be the outcome if nothing was cut. */
void power_on_to(uint32_t image);
/** Uploads in chunks up to `stop` bytes, going on where the board stands. */
void upload(uint32_t slot, test_image_t image, uint32_t chunk, uint32_t stop);
/** Has an image tried, or booted for good, at the next start. */
void mark(uint32_t slot, test_image_t image, uint32_t how);
/** Confirms what runs. */
void confirm(void);
void erase_slot(uint32_t slot);
void raise_counter(uint32_t value);
/** The slot that neither runs nor is confirmed. */
uint32_t free_slot(void);
/** Uploads, tries and confirms, whatever was there before. */
void update_to(test_image_t image);
/** Says what did not hold, unless something was said before. */
void breach(const char *what);

#endif
