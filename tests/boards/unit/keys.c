/* Keys and random numbers as a board lives with them: made once, kept twice, repaired, and refused when both copies are damaged. */
#include "keys.h"

#include <string.h>

#include "board.h"
#include "random.h"

#define SECOND (KEYS_ADDRESS + FLASH_SECTOR_BYTES)

static uint8_t first_key[32];

static void expect_same_key(void) {
  uint8_t key[32];
  CHECK(keys_start() == 0);
  CHECK(keys_public(key) == 0 && memcmp(key, first_key, sizeof key) == 0);
  CHECK(memcmp(&flash[KEYS_ADDRESS], &flash[SECOND], 128) == 0);
}

static void test_damage(void) {
  uint8_t signature[64];
  for (uint32_t copy = 0; copy < 2u; copy++) {
    for (uint32_t at = 0; at < 104u; at += 7u) {
      flash[copy * FLASH_SECTOR_BYTES + at] ^= 0x10u;
      expect_same_key();
    }
  }
  const uint32_t before = flash_changes;
  expect_same_key();
  CHECK(flash_changes == before); /* nothing is written when nothing is wrong */
  flash[KEYS_ADDRESS + 20] ^= 1u;
  flash[SECOND + 20] ^= 1u;
  CHECK(keys_start() < 0);
  CHECK(keys_sign(first_key, 32, signature) < 0 && keys_public(signature) < 0 && keys_derive(first_key, 1, signature) < 0);
  CHECK(flash_changes == before); /* damaged secrets are kept for whoever looks into it, never made anew */
}

static void test_random(void) {
  uint8_t a[5000];
  uint8_t b[5000];
  CHECK(random_start() == 0);
  CHECK(random_fill(a, sizeof a) == 0 && random_fill(b, sizeof b) == 0 && memcmp(a, b, sizeof a) != 0);
  const uint32_t asked = entropy_asked;
  for (uint32_t i = 0; i < 1100u; i++) CHECK(random_fill(a, 1) == 0);
  CHECK(entropy_asked == asked + 32u); /* reseeded once */
  entropy_fails = true;
  bool refused = false;
  for (uint32_t i = 0; i < 1100u; i++) refused = refused || random_fill(a, 1) < 0;
  CHECK(refused);
  CHECK(random_start() < 0 && random_fill(a, 1) < 0);
  entropy_fails = false;
  (void)memset(entropy_given, 7, sizeof entropy_given); /* a source that is stuck */
  CHECK(random_start() < 0);
}

int main(void) {
  for (uint32_t i = 0; i < sizeof entropy_given; i++) entropy_given[i] = (uint8_t)(i * 37u + 1u);
  flash_blank();
  entropy_fails = true;
  CHECK(random_start() < 0 && keys_start() < 0); /* no keys rather than weak ones */
  CHECK(state.keys_made == 0u);
  entropy_fails = false;
  CHECK(random_start() == 0 && keys_start() == 0);
  CHECK(state.keys_made == 1u);
  CHECK(keys_public(first_key) == 0);
  expect_same_key();
  test_damage();
  test_random();
  return 0;
}
