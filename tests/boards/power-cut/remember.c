/*
 * Ed25519's answers, remembered: the proof checks the same few signatures ten thousand times over, and asks for the same few keys. Linked in
 * front of the library (ld --wrap): an answer is given again only for exactly the same input.
 */
#include <stdbool.h>
#include <string.h>

#include "ed25519.h"

#define PLACES 16u

int __real_ed25519_verify(const unsigned char *signature, const unsigned char *message, size_t len, const unsigned char *key);
int __wrap_ed25519_verify(const unsigned char *signature, const unsigned char *message, size_t len, const unsigned char *key);
void __real_ed25519_create_keypair(unsigned char *public_key, unsigned char *private_key, const unsigned char *seed);
void __wrap_ed25519_create_keypair(unsigned char *public_key, unsigned char *private_key, const unsigned char *seed);

int __wrap_ed25519_verify(const unsigned char *signature, const unsigned char *message, size_t len, const unsigned char *key) {
  static struct {
    bool used;
    unsigned char input[128];
    int answer;
  } known[PLACES];
  static unsigned next;
  unsigned char input[128];
  if (len != 32u) return __real_ed25519_verify(signature, message, len, key);
  memcpy(input, signature, 64);
  memcpy(input + 64, message, 32);
  memcpy(input + 96, key, 32);
  for (unsigned i = 0; i < PLACES; i++) {
    if (known[i].used && memcmp(known[i].input, input, sizeof input) == 0) return known[i].answer;
  }
  next = (next + 1u) % PLACES;
  known[next].used = true;
  known[next].answer = __real_ed25519_verify(signature, message, len, key);
  memcpy(known[next].input, input, sizeof input);
  return known[next].answer;
}

void __wrap_ed25519_create_keypair(unsigned char *public_key, unsigned char *private_key, const unsigned char *seed) {
  static struct {
    bool used;
    unsigned char seed[32];
    unsigned char public_key[32];
    unsigned char private_key[64];
  } known[PLACES];
  static unsigned next;
  unsigned at = 0;
  while (at < PLACES && !(known[at].used && memcmp(known[at].seed, seed, 32) == 0)) at++;
  if (at == PLACES) {
    at = next = (next + 1u) % PLACES;
    known[at].used = true;
    memcpy(known[at].seed, seed, 32);
    __real_ed25519_create_keypair(known[at].public_key, known[at].private_key, seed);
  }
  memcpy(public_key, known[at].public_key, 32);
  memcpy(private_key, known[at].private_key, 64);
}
