/*
 * Walks over the sections of a module by their sizes, up to the memory section. Every size is checked against what is left, so
 * that no module, however made, is read beyond its end; sections in the wrong order are for the engine to refuse.
 */
#include "wasm-memory.h"

#include "port.h"

#define SECTION_MEMORY 5u

typedef struct {
  uint32_t at;
  uint32_t left;
} reader_t;

static int32_t read_byte(reader_t *reader, uint8_t *out) {
  if (reader->left == 0u || port_flash_read(reader->at, out, 1) != 0) return -1;
  reader->at++;
  reader->left--;
  return 0;
}

/* An unsigned LEB128 number of 32 bits (section 5.2.2): five bytes at most, the last with no bit beyond. */
static int32_t read_number(reader_t *reader, uint32_t *out) {
  uint32_t value = 0;
  for (uint32_t shift = 0; shift < 35u; shift += 7u) {
    uint8_t byte;
    if (read_byte(reader, &byte) != 0) return -1;
    if (shift == 28u && byte > 15u) return -1;
    value |= (uint32_t)(byte & 0x7Fu) << shift;
    if (byte < 0x80u) {
      *out = value;
      return 0;
    }
  }
  return -1;
}

/* Reads a section's head; the section itself is what follows. */
static int32_t read_section(reader_t *reader, uint8_t *id, uint32_t *bytes) {
  if (read_byte(reader, id) != 0 || read_number(reader, bytes) != 0) return -1;
  return *bytes <= reader->left ? 0 : -1;
}

/* One memory, with or without a maximum. */
static int32_t read_memory(reader_t *reader, uint32_t *pages) {
  uint32_t count;
  uint8_t limits;
  if (read_number(reader, &count) != 0 || count != 1u || read_byte(reader, &limits) != 0 || limits > 1u) return -1;
  return read_number(reader, pages);
}

int32_t wasm_memory_minimum(uint32_t address, uint32_t bytes, uint32_t *pages) {
  static const uint8_t START[8] = {0x00, 0x61, 0x73, 0x6D, 0x01, 0x00, 0x00, 0x00};
  reader_t reader = {address, bytes};
  for (uint32_t i = 0; i < sizeof START; i++) {
    uint8_t byte;
    if (read_byte(&reader, &byte) != 0 || byte != START[i]) return -1;
  }
  for (;;) {
    uint8_t id;
    uint32_t size;
    if (read_section(&reader, &id, &size) != 0) return -1;
    if (id == SECTION_MEMORY) {
      reader.left = size;
      return read_memory(&reader, pages);
    }
    reader.at += size;
    reader.left -= size;
  }
}
