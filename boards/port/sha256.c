/* SHA-256 (FIPS 180-4 sections 4.1.2, 5 and 6.2) and HMAC-SHA256 (RFC 2104), for boot, keys and random numbers. */
#include "sha256.h"

#include <string.h>

#include "bytes.h"

#define BLOCK_BYTES 64u
#define LENGTH_AT 56u
#define DIGEST_WORDS 8u

static const uint32_t K[64] = {
    0x428a2f98u, 0x71374491u, 0xb5c0fbcfu, 0xe9b5dba5u, 0x3956c25bu, 0x59f111f1u, 0x923f82a4u, 0xab1c5ed5u,
    0xd807aa98u, 0x12835b01u, 0x243185beu, 0x550c7dc3u, 0x72be5d74u, 0x80deb1feu, 0x9bdc06a7u, 0xc19bf174u,
    0xe49b69c1u, 0xefbe4786u, 0x0fc19dc6u, 0x240ca1ccu, 0x2de92c6fu, 0x4a7484aau, 0x5cb0a9dcu, 0x76f988dau,
    0x983e5152u, 0xa831c66du, 0xb00327c8u, 0xbf597fc7u, 0xc6e00bf3u, 0xd5a79147u, 0x06ca6351u, 0x14292967u,
    0x27b70a85u, 0x2e1b2138u, 0x4d2c6dfcu, 0x53380d13u, 0x650a7354u, 0x766a0abbu, 0x81c2c92eu, 0x92722c85u,
    0xa2bfe8a1u, 0xa81a664bu, 0xc24b8b70u, 0xc76c51a3u, 0xd192e819u, 0xd6990624u, 0xf40e3585u, 0x106aa070u,
    0x19a4c116u, 0x1e376c08u, 0x2748774cu, 0x34b0bcb5u, 0x391c0cb3u, 0x4ed8aa4au, 0x5b9cca4fu, 0x682e6ff3u,
    0x748f82eeu, 0x78a5636fu, 0x84c87814u, 0x8cc70208u, 0x90befffau, 0xa4506cebu, 0xbef9a3f7u, 0xc67178f2u,
};

static uint32_t rotate(uint32_t x, uint32_t by) { return (x >> by) | (x << (32u - by)); }

static uint32_t big_endian(const uint8_t *at) {
  return ((uint32_t)at[0] << 24) | ((uint32_t)at[1] << 16) | ((uint32_t)at[2] << 8) | (uint32_t)at[3];
}

static void put_big_endian(uint8_t *at, uint32_t value) {
  at[0] = (uint8_t)(value >> 24);
  at[1] = (uint8_t)(value >> 16);
  at[2] = (uint8_t)(value >> 8);
  at[3] = (uint8_t)value;
}

/** Takes one block into the state; the message schedule is kept in a ring of 16 words. */
static void compress(uint32_t state[DIGEST_WORDS], const uint8_t *block) {
  uint32_t w[16];
  uint32_t s[DIGEST_WORDS];
  (void)memcpy(s, state, sizeof s);
  for (uint32_t t = 0; t < 64u; t++) {
    if (t < 16u) {
      w[t] = big_endian(&block[t * 4u]);
    } else {
      const uint32_t before15 = w[(t + 1u) & 15u];
      const uint32_t before2 = w[(t + 14u) & 15u];
      const uint32_t sigma0 = rotate(before15, 7) ^ rotate(before15, 18) ^ (before15 >> 3);
      const uint32_t sigma1 = rotate(before2, 17) ^ rotate(before2, 19) ^ (before2 >> 10);
      w[t & 15u] += sigma0 + w[(t + 9u) & 15u] + sigma1;
    }
    const uint32_t sum1 = rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25);
    const uint32_t choice = (s[4] & s[5]) ^ (~s[4] & s[6]);
    const uint32_t t1 = s[7] + sum1 + choice + K[t] + w[t & 15u];
    const uint32_t sum0 = rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22);
    const uint32_t majority = (s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]);
    s[7] = s[6];
    s[6] = s[5];
    s[5] = s[4];
    s[4] = s[3] + t1;
    s[3] = s[2];
    s[2] = s[1];
    s[1] = s[0];
    s[0] = t1 + sum0 + majority;
  }
  for (uint32_t i = 0; i < DIGEST_WORDS; i++) state[i] += s[i];
}

void sha256_start(sha256_t *hash) {
  static const uint32_t initial[DIGEST_WORDS] = {0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au,
                                                 0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u};
  (void)memcpy(hash->state, initial, sizeof initial);
  hash->bytes = 0;
}

void sha256_add(sha256_t *hash, const uint8_t *data, uint32_t len) {
  uint32_t done = 0;
  while (done < len) {
    const uint32_t filled = (uint32_t)(hash->bytes % BLOCK_BYTES);
    const uint32_t left = len - done;
    uint32_t take = BLOCK_BYTES - filled;
    if (take == BLOCK_BYTES && left >= BLOCK_BYTES) {
      compress(hash->state, &data[done]);
    } else {
      if (take > left) take = left;
      (void)memcpy(&hash->block[filled], &data[done], take);
      if (filled + take == BLOCK_BYTES) compress(hash->state, hash->block);
    }
    hash->bytes += take;
    done += take;
  }
}

void sha256_end(sha256_t *hash, uint8_t digest[32]) {
  static const uint8_t padding[BLOCK_BYTES] = {0x80u};
  const uint64_t bits = hash->bytes * 8u;
  const uint32_t filled = (uint32_t)(hash->bytes % BLOCK_BYTES);
  uint8_t length[8];
  put_big_endian(&length[0], (uint32_t)(bits >> 32));
  put_big_endian(&length[4], (uint32_t)bits);
  sha256_add(hash, padding, (filled < LENGTH_AT ? LENGTH_AT : LENGTH_AT + BLOCK_BYTES) - filled);
  sha256_add(hash, length, sizeof length);
  for (uint32_t i = 0; i < DIGEST_WORDS; i++) put_big_endian(&digest[i * 4u], hash->state[i]);
}

void hmac_start(hmac_t *hmac, const uint8_t *key, uint32_t len) {
  uint8_t pad[BLOCK_BYTES] = {0};
  sha256_start(&hmac->inner);
  if (len > BLOCK_BYTES) {
    sha256_add(&hmac->inner, key, len);
    sha256_end(&hmac->inner, pad);
    sha256_start(&hmac->inner);
  } else if (len > 0u) {
    (void)memcpy(pad, key, len);
  }
  for (uint32_t i = 0; i < BLOCK_BYTES; i++) {
    hmac->outer_key[i] = pad[i] ^ 0x5cu;
    pad[i] ^= 0x36u;
  }
  sha256_add(&hmac->inner, pad, BLOCK_BYTES);
  wipe(pad, sizeof pad);
}

void hmac_add(hmac_t *hmac, const uint8_t *data, uint32_t len) { sha256_add(&hmac->inner, data, len); }

void hmac_end(hmac_t *hmac, uint8_t mac[32]) {
  uint8_t inner[32];
  sha256_end(&hmac->inner, inner);
  sha256_start(&hmac->inner);
  sha256_add(&hmac->inner, hmac->outer_key, BLOCK_BYTES);
  sha256_add(&hmac->inner, inner, sizeof inner);
  sha256_end(&hmac->inner, mac);
  wipe(hmac, sizeof *hmac); /* its key, and the end of what it was of */
}
