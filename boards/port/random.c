/*
 * HMAC-DRBG with SHA-256 (NIST SP 800-90A Rev. 1, sections 9 and 10.1.2), security strength 256 bits, without personalization
 * string and additional input. A source of full entropy (port_entropy) seeds it, and reseeds it long before it must be.
 */
#include "random.h"

#include <stdbool.h>
#include <string.h>

#include "bytes.h"
#include "port.h"
#include "sha256.h"

#define KEY_BYTES 32u
#define ENTROPY_BYTES 32u
#define NONCE_BYTES 16u
/* Requests between reseeds; the standard allows 2^48. */
#define RESEED_REQUESTS 1024u
/* Bytes of one request; the standard allows 2^16. */
#define REQUEST_BYTES 4096u

typedef struct {
  uint8_t key[KEY_BYTES];
  uint8_t value[KEY_BYTES];
  uint32_t requests; /* since the last seed */
  bool seeded;
} drbg_t;

static drbg_t drbg;

/** The update function (10.1.2.2); `provided` may be empty. */
static void drbg_update(drbg_t *state, const uint8_t *provided, uint32_t len) {
  const uint8_t rounds = len == 0u ? 1u : 2u;
  for (uint8_t round = 0; round < rounds; round++) {
    hmac_t hmac;
    hmac_start(&hmac, state->key, KEY_BYTES);
    hmac_add(&hmac, state->value, KEY_BYTES);
    hmac_add(&hmac, &round, 1);
    hmac_add(&hmac, provided, len);
    hmac_end(&hmac, state->key);
    hmac_start(&hmac, state->key, KEY_BYTES);
    hmac_add(&hmac, state->value, KEY_BYTES);
    hmac_end(&hmac, state->value);
  }
}

/** Instantiation (10.1.2.3): `seed` is entropy input and nonce. */
static void drbg_instantiate(drbg_t *state, const uint8_t *seed, uint32_t len) {
  (void)memset(state->key, 0, KEY_BYTES);
  (void)memset(state->value, 1, KEY_BYTES);
  drbg_update(state, seed, len);
  state->requests = 0;
  state->seeded = true;
}

/** Reseeding (10.1.2.4). */
static void drbg_reseed(drbg_t *state, const uint8_t *entropy, uint32_t len) {
  drbg_update(state, entropy, len);
  state->requests = 0;
}

/** One request (10.1.2.5) of at most REQUEST_BYTES. */
static void drbg_generate(drbg_t *state, uint8_t *out, uint32_t len) {
  for (uint32_t done = 0; done < len;) {
    hmac_t hmac;
    const uint32_t take = len - done < KEY_BYTES ? len - done : KEY_BYTES;
    hmac_start(&hmac, state->key, KEY_BYTES);
    hmac_add(&hmac, state->value, KEY_BYTES);
    hmac_end(&hmac, state->value);
    (void)memcpy(&out[done], state->value, take);
    done += take;
  }
  drbg_update(state, NULL, 0);
  state->requests++;
}

/** Entropy, unless the source fails or is stuck at one value. */
static int32_t entropy(uint8_t *out, uint32_t len) {
  if (port_entropy(out, len) != 0) return -1;
  uint32_t same = 1;
  for (uint32_t i = 1; i < len; i++) same += out[i] == out[0] ? 1u : 0u;
  return same == len ? -1 : 0;
}

int32_t random_start(void) {
  uint8_t seed[ENTROPY_BYTES + NONCE_BYTES];
  const int32_t status = entropy(seed, sizeof seed);
  drbg.seeded = false;
  if (status == 0) drbg_instantiate(&drbg, seed, sizeof seed);
  wipe(seed, sizeof seed);
  return status;
}

int32_t random_fill(uint8_t *out, uint32_t len) {
  if (!drbg.seeded) return -1;
  for (uint32_t done = 0; done < len;) {
    const uint32_t take = len - done < REQUEST_BYTES ? len - done : REQUEST_BYTES;
    if (drbg.requests >= RESEED_REQUESTS) {
      uint8_t fresh[ENTROPY_BYTES];
      if (entropy(fresh, sizeof fresh) != 0) return -1;
      drbg_reseed(&drbg, fresh, sizeof fresh);
      wipe(fresh, sizeof fresh);
    }
    drbg_generate(&drbg, &out[done], take);
    done += take;
  }
  return 0;
}
