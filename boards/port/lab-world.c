/* The world of the lab firmware: nothing in it differs from run to run. */
#include "lab-world.h"

#include <string.h>

#include "bytes.h"
#include "sha256.h"

#define DIGEST_BYTES 32u

static uint64_t micros;
static uint32_t requests;
static uint8_t sent[LAB_SENT_BYTES];
static uint32_t sent_bytes;

uint64_t lab_micros(void) { return micros; }

void lab_set_micros(uint64_t now) { micros = now; }

void lab_set_random(uint32_t request) { requests = request; }

int32_t lab_random_fill(uint8_t *out, uint32_t len) {
  static const uint8_t label[] = "kanmon lab random";
  uint8_t numbers[8];
  uint8_t digest[DIGEST_BYTES];
  put32(numbers, requests);
  requests++;
  for (uint32_t at = 0; at < len; at += DIGEST_BYTES) {
    sha256_t hash;
    put32(&numbers[4], at / DIGEST_BYTES);
    sha256_start(&hash);
    sha256_add(&hash, label, sizeof label - 1u);
    sha256_add(&hash, numbers, sizeof numbers);
    sha256_end(&hash, digest);
    (void)memcpy(&out[at], digest, (len - at) < DIGEST_BYTES ? len - at : DIGEST_BYTES);
  }
  return 0;
}

uint32_t lab_serial_write(const uint8_t *data, uint32_t len) {
  const uint32_t room = LAB_SENT_BYTES - sent_bytes;
  const uint32_t taken = len < room ? len : room;
  (void)memcpy(&sent[sent_bytes], data, taken);
  sent_bytes += taken;
  return taken;
}

const uint8_t *lab_sent(uint32_t *len) {
  *len = sent_bytes;
  sent_bytes = 0;
  return sent;
}
