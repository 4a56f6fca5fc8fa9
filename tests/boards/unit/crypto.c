/*
 * SHA-256, HMAC, HMAC-DRBG and the device's keys, one command a line on stdin, bytes in hexadecimal ("-" is none), the answer on
 * stdout. The vectors and an independent implementation are in unit.test.ts.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "keys.h"
#include "random.c" /* its parts are static: vectors give the entropy of each */
#include "sha256.h"

#define BYTES_MAX 70000u

static uint8_t input[4][BYTES_MAX];
static uint32_t length[4];

static void print(const uint8_t *data, uint32_t len) {
  for (uint32_t i = 0; i < len; i++) (void)printf("%02x", data[i]);
  (void)printf("\n");
}

static void read_hex(uint32_t at, const char *text) {
  length[at] = 0;
  for (const char *c = text; c[0] != '\0' && c[0] != '-'; c += 2) {
    const char pair[3] = {c[0], c[1], '\0'};
    CHECK(length[at] < BYTES_MAX);
    input[at][length[at]++] = (uint8_t)strtoul(pair, NULL, 16);
  }
}

/** In pieces of `piece` bytes, so that blocks are filled in every way. */
static void hash(uint32_t piece) {
  sha256_t sha;
  uint8_t digest[32];
  sha256_start(&sha);
  for (uint32_t at = 0; at < length[0]; at += piece) {
    sha256_add(&sha, &input[0][at], length[0] - at < piece ? length[0] - at : piece);
  }
  sha256_end(&sha, digest);
  print(digest, sizeof digest);
}

static void mac(void) {
  hmac_t hmac;
  uint8_t code[32];
  hmac_start(&hmac, input[0], length[0]);
  hmac_add(&hmac, input[1], length[1]);
  hmac_end(&hmac, code);
  print(code, sizeof code);
}

/** As NIST's vectors do: instantiate, reseed if there is entropy for it, generate twice and show the second. */
static void deterministic(uint32_t bytes) {
  drbg_t state_of_drbg;
  static uint8_t out[BYTES_MAX];
  drbg_instantiate(&state_of_drbg, input[0], length[0]);
  if (length[1] != 0u) drbg_reseed(&state_of_drbg, input[1], length[1]);
  drbg_generate(&state_of_drbg, out, bytes);
  drbg_generate(&state_of_drbg, out, bytes);
  print(out, bytes);
}

/** A board whose seed and root are given: its record as keys.c writes it. */
static void load_keys(void) {
  sha256_t sha;
  uint8_t record[128];
  flash_blank();
  (void)memset(record, 0xff, sizeof record);
  (void)memcpy(record, "KMKEYS01", 8);
  (void)memcpy(&record[8], input[0], 32);
  (void)memcpy(&record[40], input[1], 32);
  sha256_start(&sha);
  sha256_add(&sha, record, 72);
  sha256_end(&sha, &record[72]);
  (void)memcpy(&flash[KEYS_ADDRESS], record, sizeof record);
  state.keys_made = 1;
  CHECK(keys_start() == 0);
}

static void use_keys(void) {
  uint8_t out[64];
  load_keys();
  CHECK(keys_public(out) == 0);
  print(out, 32);
  CHECK(keys_sign(input[2], length[2], out) == 0);
  print(out, 64);
  CHECK(keys_derive(input[2], length[2], out) == 0);
  print(out, 32);
}

int main(void) {
  static char line[4 * 2 * BYTES_MAX + 64];
  while (fgets(line, sizeof line, stdin) != NULL) {
    const char *command = strtok(line, " \n");
    const char *word = strtok(NULL, " \n");
    const uint32_t number = (uint32_t)strtoul(word, NULL, 10);
    for (uint32_t i = 0; i < 4u && (word = strtok(NULL, " \n")) != NULL; i++) read_hex(i, word);
    if (strcmp(command, "sha256") == 0) hash(number);
    if (strcmp(command, "hmac") == 0) mac();
    if (strcmp(command, "drbg") == 0) deterministic(number);
    if (strcmp(command, "keys") == 0) use_keys();
    if (strcmp(command, "verify") == 0) {
      (void)printf("%d\n", (int)ed25519_check(input[0], input[1], length[1], input[2]));
    }
  }
  return 0;
}
