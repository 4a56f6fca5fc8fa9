/*
 * MCUboot's image format (mcuboot docs/design.md), read and verified where it lies in flash; docs/image.md says which parts.
 */
#ifndef KANMON_IMAGE_H
#define KANMON_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#define IMAGE_HEADER_BYTES 32u
/** The smallest image: header, one byte of payload, TLVs. */
#define IMAGE_MIN_BYTES 189u

/** Why an image is not bootable; 0: it is. In the order of the checks. */
typedef enum {
  IMAGE_OK = 0,
  IMAGE_EMPTY,     /* no header: erased, or something else */
  IMAGE_FORMAT,    /* sizes or TLVs that do not fit */
  IMAGE_HASH,      /* the content is not what was signed */
  IMAGE_KEY,       /* signed with a key that this board does not know */
  IMAGE_SIGNATURE, /* the signature is wrong */
  IMAGE_DOWNGRADE, /* the security counter is below the board's */
  IMAGE_TOO_LARGE, /* wants more memory than the board has */
  IMAGE_ENGINE,    /* AOT: another image than the one compiled in */
  IMAGE_FLASH      /* the flash could not be read */
} image_status_t;

/** Facts of an image. Those behind `status` are only as true as the checks that passed. */
typedef struct {
  image_status_t status;
  uint8_t major;
  uint8_t minor;
  uint16_t revision;
  uint32_t build;
  uint32_t security_counter;
  uint32_t bytes;          /* header to last TLV */
  uint32_t payload;        /* address of the WASM in flash */
  uint32_t payload_bytes;
  uint8_t hash[32];        /* SHA-256 TLV */
  uint8_t payload_hash[32];/* SHA-256 of the WASM: the image digest of the records */
  bool development;        /* signed with the development key */
} image_facts_t;

/** Reads and checks the image at `address` of at most `capacity` bytes; `floor` is the lowest security counter allowed. */
image_status_t image_check(uint32_t address, uint32_t capacity, uint32_t floor, image_facts_t *facts);

/** Whether the engine that is linked runs this image (its WASM's SHA-256). The engine implements it: wasm3 runs any, AOT the one it was made of. */
bool image_runs_here(const uint8_t payload_hash[32]);

/** A key that may sign images; the build generates root-keys.c. */
typedef struct {
  uint8_t key[32];
  uint8_t hash[32]; /* as in the KEYHASH TLV */
  bool development;
} root_key_t;
extern const root_key_t root_keys[];
extern const uint32_t root_keys_count;

#endif
