/* SHA-256 (FIPS 180-4) and HMAC-SHA256 (RFC 2104). */
#ifndef KANMON_SHA256_H
#define KANMON_SHA256_H

#include <stdint.h>

typedef struct {
  uint32_t state[8];
  uint64_t bytes;
  uint8_t block[64];
} sha256_t;

void sha256_start(sha256_t *hash);
void sha256_add(sha256_t *hash, const uint8_t *data, uint32_t len);
void sha256_end(sha256_t *hash, uint8_t digest[32]);

typedef struct {
  sha256_t inner;
  uint8_t outer_key[64];
} hmac_t;

void hmac_start(hmac_t *hmac, const uint8_t *key, uint32_t len);
void hmac_add(hmac_t *hmac, const uint8_t *data, uint32_t len);
/** Ends it; nothing of key or data stays in `hmac`. */
void hmac_end(hmac_t *hmac, uint8_t mac[32]);

#endif
