/* The ring between a UART and the runner: bytes in order, no more than it holds, and nothing of a frame left in it. */
#include "../../../boards/common/ring.h"

#include <string.h>

#include "board.h"

static uint8_t memory[16];
static ring_t ring = RING(memory);

int main(void) {
  static const uint8_t zero[sizeof memory] = {0};
  uint8_t frame[20];
  uint8_t out[20];
  for (uint32_t i = 0; i < sizeof frame; i++) frame[i] = (uint8_t)(i + 1u);
  for (uint32_t round = 0; round < 5u; round++) {
    CHECK(ring_write(&ring, frame, sizeof frame) == sizeof memory);
    CHECK(!ring_put(&ring, 99));
    CHECK(ring_read(&ring, out, 5) == 5u && memcmp(out, frame, 5) == 0);
    CHECK(ring_write(&ring, &frame[16], 4) == 4u);
    CHECK(ring_read(&ring, out, sizeof out) == 15u && memcmp(out, &frame[5], 15) == 0);
    CHECK(ring_empty(&ring));
    CHECK(memcmp(memory, zero, sizeof memory) == 0); /* what was taken is a person's frame, mostly */
  }
  return 0;
}
