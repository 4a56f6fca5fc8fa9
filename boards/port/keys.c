/*
 * The device's secrets. The keys partition holds the same record twice, each in a sector of its own: magic, seed, root, SHA-256 of
 * these. A record counts if its SHA-256 is right; a lost copy is made anew from the other. Secrets are made only while the state
 * says that there never were any, so a power cut while they are made makes them again, and damage later is told, not papered over.
 */
#include "keys.h"

#include <stdbool.h>
#include <string.h>

#include "board-config.h"
#include "bytes.h"
#include "ed25519.h"
#include "port.h"
#include "random.h"
#include "sha256.h"
#include "state.h"

#define SECRET_BYTES 32u
#define DIGEST_BYTES 32u
#define MAGIC_BYTES 8u
#define SEED_AT MAGIC_BYTES
#define ROOT_AT (SEED_AT + SECRET_BYTES)
#define DIGEST_AT (ROOT_AT + SECRET_BYTES)
#define RECORD_BYTES 128u
/* A board whose sectors are large may give one sector only: then there is no second copy. */
#define COPIES (KEYS_BYTES >= 2u * FLASH_SECTOR_BYTES ? 2u : 1u)

_Static_assert(DIGEST_AT + DIGEST_BYTES <= RECORD_BYTES, "the record has room");
_Static_assert(RECORD_BYTES % FLASH_UNIT_BYTES == 0u, "a record is whole write units");
_Static_assert(FLASH_SECTOR_BYTES >= RECORD_BYTES && KEYS_BYTES >= FLASH_SECTOR_BYTES, "each copy has a sector of its own");

static const uint8_t magic[MAGIC_BYTES] = {'K', 'M', 'K', 'E', 'Y', 'S', '0', '1'};

static struct {
  bool ready;
  uint8_t private_key[64]; /* the scalar and the prefix of RFC 8032 section 5.1.5 */
  uint8_t public_key[32];
  uint8_t root[SECRET_BYTES];
} keys;

static uint32_t copy_address(uint32_t copy) { return KEYS_ADDRESS + copy * FLASH_SECTOR_BYTES; }

static void record_digest(const uint8_t record[RECORD_BYTES], uint8_t digest[DIGEST_BYTES]) {
  sha256_t hash;
  sha256_start(&hash);
  sha256_add(&hash, record, DIGEST_AT);
  sha256_end(&hash, digest);
  wipe(&hash, sizeof hash);
}

/** Reads a copy; whether it is whole. */
static bool read_copy(uint32_t copy, uint8_t record[RECORD_BYTES]) {
  uint8_t digest[DIGEST_BYTES];
  if (copy >= COPIES) return false;
  if (port_flash_read(copy_address(copy), record, RECORD_BYTES) != 0) return false;
  if (memcmp(record, magic, MAGIC_BYTES) != 0) return false;
  record_digest(record, digest);
  return memcmp(&record[DIGEST_AT], digest, DIGEST_BYTES) == 0;
}

/** Writes a copy and reads it back. */
static int32_t write_copy(uint32_t copy, const uint8_t record[RECORD_BYTES]) {
  uint8_t back[RECORD_BYTES];
  if (copy >= COPIES) return 0;
  int32_t status = port_flash_erase(copy_address(copy), FLASH_SECTOR_BYTES);
  if (status == 0) status = port_flash_write(copy_address(copy), record, RECORD_BYTES);
  if (status == 0 && (!read_copy(copy, back) || memcmp(back, record, RECORD_BYTES) != 0)) status = -1;
  wipe(back, sizeof back);
  return status;
}

static int32_t make_record(uint8_t record[RECORD_BYTES]) {
  (void)memset(record, 0xff, RECORD_BYTES);
  (void)memcpy(record, magic, MAGIC_BYTES);
  if (random_fill(&record[SEED_AT], SECRET_BYTES) != 0) return -1;
  if (random_fill(&record[ROOT_AT], SECRET_BYTES) != 0) return -1;
  record_digest(record, &record[DIGEST_AT]);
  return 0;
}

/** Reads the record, or makes it if there never was one. `whole`: which copies are as they should be. */
static int32_t find_record(uint8_t record[RECORD_BYTES], bool made, bool whole[2]) {
  uint8_t second[RECORD_BYTES];
  int32_t status = 0;
  whole[0] = read_copy(0, record);
  whole[1] = read_copy(1, second);
  if (whole[0]) {
    whole[1] = whole[1] && memcmp(record, second, RECORD_BYTES) == 0;
  } else if (whole[1]) {
    (void)memcpy(record, second, RECORD_BYTES);
  } else {
    status = made ? -1 : make_record(record);
  }
  wipe(second, sizeof second);
  return status;
}

/** Loads or makes the record; `record` is only good if the status is 0. */
static int32_t load_record(uint8_t record[RECORD_BYTES]) {
  boot_state_t state;
  bool whole[2];
  if (state_load(&state) != 0) return -1;
  const bool made = state.keys_made != 0u;
  if (find_record(record, made, whole) != 0) return -1;
  /* A cut may have left an entry that says so, unseen today; nothing of it may show while the copies are written. */
  if (!made && state_save(&state) != 0) return -1;
  for (uint32_t copy = 0; copy < 2u; copy++) {
    /* Until the state says that they were made, a copy may be one whose writing was cut: whole today, and not tomorrow. */
    if (made && whole[copy]) continue;
    /* A copy that cannot be written is not worth refusing a good one, unless the secrets are new. */
    if (write_copy(copy, record) != 0 && !made) return -1;
  }
  if (made) return 0;
  state.keys_made = 1;
  return state_save(&state);
}

int32_t keys_start(void) {
  uint8_t record[RECORD_BYTES];
  const int32_t status = load_record(record);
  wipe(&keys, sizeof keys);
  if (status == 0) {
    ed25519_create_keypair(keys.public_key, keys.private_key, &record[SEED_AT]);
    (void)memcpy(keys.root, &record[ROOT_AT], SECRET_BYTES);
    keys.ready = true;
  }
  wipe(record, sizeof record);
  return status;
}

int32_t keys_public(uint8_t out[32]) {
  if (!keys.ready) return -1;
  (void)memcpy(out, keys.public_key, sizeof keys.public_key);
  return 0;
}

int32_t keys_sign(const uint8_t *data, uint32_t len, uint8_t signature[64]) {
  if (!keys.ready) return -1;
  ed25519_sign(signature, data, len, keys.public_key, keys.private_key);
  return 0;
}

int32_t keys_derive(const uint8_t *context, uint32_t len, uint8_t out[32]) {
  static const uint8_t salt[32] = {0};
  const uint8_t counter = 1;
  uint8_t prk[32];
  hmac_t hmac;
  if (!keys.ready) return -1;
  hmac_start(&hmac, salt, sizeof salt);
  hmac_add(&hmac, keys.root, SECRET_BYTES);
  hmac_end(&hmac, prk);
  hmac_start(&hmac, prk, sizeof prk);
  hmac_add(&hmac, context, len);
  hmac_add(&hmac, &counter, 1);
  hmac_end(&hmac, out);
  wipe(prk, sizeof prk);
  return 0;
}

/** Whether the little-endian scalar is below the group's order (RFC 8032 section 5.1.7, step 1): else signatures are malleable. */
static bool scalar_in_range(const uint8_t s[32]) {
  static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                    0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10};
  for (uint32_t i = 32; i > 0u; i--) {
    if (s[i - 1u] != order[i - 1u]) return s[i - 1u] < order[i - 1u];
  }
  return false;
}

int32_t ed25519_check(const uint8_t key[32], const uint8_t *data, uint32_t len, const uint8_t signature[64]) {
  if (!scalar_in_range(&signature[32])) return 0;
  return ed25519_verify(signature, data, len, key) == 1 ? 1 : 0;
}
