/*
 * A ring of bytes between an interrupt and the program: one side puts, the other takes, so counts need no lock. The capacity is a
 * power of two. What finds no room is not taken: a lost byte is found out by the link's checksum, and asked for again.
 */
#ifndef KANMON_RING_H
#define KANMON_RING_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
  uint8_t *const bytes;
  const uint32_t capacity;
  volatile uint32_t in;  /* ever put */
  volatile uint32_t out; /* ever taken */
} ring_t;

/** A ring over the array `memory`. */
#define RING(memory) {(memory), (uint32_t)sizeof(memory), 0u, 0u}

static inline bool ring_empty(const ring_t *ring) {
  return ring->in == ring->out;
}

static inline bool ring_put(ring_t *ring, uint8_t byte) {
  const uint32_t in = ring->in;
  if ((in - ring->out) >= ring->capacity) {
    return false;
  }
  ring->bytes[in & (ring->capacity - 1u)] = byte;
  __asm__ volatile("" : : : "memory"); /* the byte before its count: one core, so the compiler alone must keep the order */
  ring->in = in + 1u;
  return true;
}

/** Takes the next byte; the ring must not be empty. */
static inline uint8_t ring_take(ring_t *ring) {
  const uint32_t out = ring->out;
  uint8_t *const place = &ring->bytes[out & (ring->capacity - 1u)];
  const uint8_t byte = *place;
  *place = 0u; /* what comes in is frames of people, and a ring is only written over by more of them */
  __asm__ volatile("" : : : "memory");
  ring->out = out + 1u;
  return byte;
}

/** Takes up to `len` bytes; returns how many. */
static inline uint32_t ring_read(ring_t *ring, uint8_t *out, uint32_t len) {
  uint32_t count = 0u;
  while ((count < len) && !ring_empty(ring)) {
    out[count] = ring_take(ring);
    count++;
  }
  return count;
}

/** Puts up to `len` bytes; returns how many. */
static inline uint32_t ring_write(ring_t *ring, const uint8_t *data, uint32_t len) {
  uint32_t count = 0u;
  while ((count < len) && ring_put(ring, data[count])) {
    count++;
  }
  return count;
}

#endif
