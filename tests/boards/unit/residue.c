/* What secrets leave on the stack, compiled as for boards: seeding and making keys run on a stack of our own, which is searched then. */
#include <string.h>
#include <ucontext.h>

#include "board.h"
#include "keys.h"
#include "random.h"

#define PIECE 12u

static uint8_t stack[65536];

static void seed(void) {
  CHECK(random_start() == 0);
}

static void make_keys(void) {
  CHECK(keys_start() == 0);
}

static void run(void (*what)(void)) {
  static ucontext_t here;
  static ucontext_t there;
  CHECK(getcontext(&there) == 0);
  there.uc_stack.ss_sp = stack;
  there.uc_stack.ss_size = sizeof stack;
  there.uc_link = &here;
  makecontext(&there, what, 0);
  CHECK(swapcontext(&here, &there) == 0);
}

static bool left(const uint8_t *secret, uint32_t len) {
  for (uint32_t from = 0; from + PIECE <= len; from++) {
    for (uint32_t at = 0; at + PIECE <= sizeof stack; at++) {
      if (memcmp(&stack[at], &secret[from], PIECE) == 0) return true;
    }
  }
  return false;
}

int main(void) {
  for (uint32_t i = 0; i < sizeof entropy_given; i++) entropy_given[i] = (uint8_t)(i * 37u + 1u);
  flash_blank();
  run(seed);
  CHECK(!left(entropy_given, 48)); /* what the generator was seeded with */
  run(make_keys);
  CHECK(!left(&flash[KEYS_ADDRESS + 8u], 64)); /* seed and root as the keys partition has them */
  return 0;
}
