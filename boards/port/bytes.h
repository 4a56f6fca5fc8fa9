/* Little-endian numbers in bytes, whatever the CPU's order and alignment; what erased flash looks like; secrets that must go. */
#ifndef KANMON_BYTES_H
#define KANMON_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline uint32_t get16(const uint8_t *at) {
  return (uint32_t)at[0] | ((uint32_t)at[1] << 8);
}

static inline uint32_t get32(const uint8_t *at) {
  return get16(at) | (get16(at + 2) << 16);
}

static inline void put16(uint8_t *at, uint32_t value) {
  at[0] = (uint8_t)value;
  at[1] = (uint8_t)(value >> 8);
}

static inline void put32(uint8_t *at, uint32_t value) {
  put16(at, value);
  put16(at + 2, value >> 16);
}

/** Whether all bytes are 0xFF. */
static inline bool erased(const uint8_t *at, uint32_t len) {
  uint8_t all = 0xFFu;
  for (uint32_t i = 0; i < len; i++) all &= at[i];
  return all == 0xFFu;
}

/** Zeroes a secret. volatile: the compiler must not leave out what nobody reads again. */
static inline void wipe(void *at, size_t bytes) {
  volatile uint8_t *byte = at;
  for (size_t i = 0; i < bytes; i++) byte[i] = 0;
}

#endif
