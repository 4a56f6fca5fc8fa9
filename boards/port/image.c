/*
 * An image is read in small pieces and trusted by nothing but its signature. The parser takes the one encoding that
 * `kanmon image sign` makes (docs/image.md): fixed order, fixed sizes, each TLV once. Whatever could be said in two ways is refused,
 * which leaves hostile sizes nothing to work with. The head and the TLVs that are interpreted are the very bytes that are hashed.
 */
#include "image.h"

#include <string.h>

#include "board-config.h"
#include "bytes.h"
#include "keys.h"
#include "port.h"
#include "sha256.h"
#include "wasm-memory.h"

#define MAGIC 0x96F3B83Du
#define PROTECTED_MAGIC 0x6908u
#define TLV_MAGIC 0x6907u
#define TLV_KEYHASH 0x01u
#define TLV_SHA256 0x10u
#define TLV_ED25519 0x24u
#define TLV_SEC_CNT 0x50u
#define TLV_DEVELOPMENT 0xA0u

#define PLAIN_BYTES 12u  /* protected area: its head, SEC_CNT */
#define MARKED_BYTES 27u /* the same and the mark of a development image */
#define SEAL_BYTES 144u  /* area's head, SHA256, KEYHASH, ED25519 */
#define PAYLOAD_LIMIT 0x01000000u
#define CHUNK_BYTES 256u

typedef struct {
  uint8_t header[IMAGE_HEADER_BYTES];
  uint8_t covered_tlvs[MARKED_BYTES];
  uint8_t seal[SEAL_BYTES];
  uint32_t protected_bytes;
} parts_t;

/* Whether an area's head, or a TLV's, is this one with this length. */
static bool is_head(const uint8_t *at, uint32_t type, uint32_t len) {
  return get16(at) == type && get16(at + 2) == len;
}

static image_status_t read_header(uint32_t address, uint32_t capacity, parts_t *parts, image_facts_t *facts) {
  uint8_t *header = parts->header;
  if (capacity < IMAGE_HEADER_BYTES || port_flash_read(address, header, IMAGE_HEADER_BYTES) != 0) return IMAGE_FLASH;
  if (get32(header) != MAGIC) return IMAGE_EMPTY;
  parts->protected_bytes = get16(header + 10);
  facts->payload = address + IMAGE_HEADER_BYTES;
  facts->payload_bytes = get32(header + 12);
  facts->major = header[20];
  facts->minor = header[21];
  facts->revision = (uint16_t)get16(header + 22);
  facts->build = get32(header + 24);
  /* No load address, no flags, nothing in the padding: those are for images that are copied, encrypted or linked. */
  if (get32(header + 4) != 0u || get16(header + 8) != IMAGE_HEADER_BYTES || get32(header + 16) != 0u || get32(header + 28) != 0u) {
    return IMAGE_FORMAT;
  }
  if (parts->protected_bytes != PLAIN_BYTES && parts->protected_bytes != MARKED_BYTES) return IMAGE_FORMAT;
  if (facts->payload_bytes == 0u || facts->payload_bytes > PAYLOAD_LIMIT) return IMAGE_FORMAT;
  facts->bytes = IMAGE_HEADER_BYTES + facts->payload_bytes + parts->protected_bytes + SEAL_BYTES;
  return facts->bytes <= capacity ? IMAGE_OK : IMAGE_FORMAT;
}

static image_status_t read_tlvs(parts_t *parts, image_facts_t *facts) {
  const uint32_t at = facts->payload + facts->payload_bytes;
  const uint8_t *covered = parts->covered_tlvs;
  const uint8_t *seal = parts->seal;
  if (port_flash_read(at, parts->covered_tlvs, parts->protected_bytes) != 0) return IMAGE_FLASH;
  if (port_flash_read(at + parts->protected_bytes, parts->seal, SEAL_BYTES) != 0) return IMAGE_FLASH;
  if (!is_head(covered, PROTECTED_MAGIC, parts->protected_bytes) || !is_head(covered + 4, TLV_SEC_CNT, 4)) return IMAGE_FORMAT;
  facts->security_counter = get32(covered + 8);
  facts->development = parts->protected_bytes == MARKED_BYTES;
  if (facts->development && (!is_head(covered + 12, TLV_DEVELOPMENT, 11) || memcmp(covered + 16, "development", 11) != 0)) {
    return IMAGE_FORMAT;
  }
  if (!is_head(seal, TLV_MAGIC, SEAL_BYTES) || !is_head(seal + 4, TLV_SHA256, 32) || !is_head(seal + 40, TLV_KEYHASH, 32) ||
      !is_head(seal + 76, TLV_ED25519, 64)) {
    return IMAGE_FORMAT;
  }
  memcpy(facts->hash, seal + 8, sizeof facts->hash);
  return IMAGE_OK;
}

static image_status_t check_hash(const parts_t *parts, image_facts_t *facts) {
  uint8_t chunk[CHUNK_BYTES];
  uint8_t digest[32];
  sha256_t whole;
  sha256_t payload;
  sha256_start(&whole);
  sha256_start(&payload);
  sha256_add(&whole, parts->header, IMAGE_HEADER_BYTES);
  for (uint32_t done = 0; done < facts->payload_bytes;) {
    const uint32_t left = facts->payload_bytes - done;
    const uint32_t len = left < CHUNK_BYTES ? left : CHUNK_BYTES;
    if (port_flash_read(facts->payload + done, chunk, len) != 0) return IMAGE_FLASH;
    sha256_add(&whole, chunk, len);
    sha256_add(&payload, chunk, len);
    done += len;
  }
  sha256_add(&whole, parts->covered_tlvs, parts->protected_bytes);
  sha256_end(&whole, digest);
  sha256_end(&payload, facts->payload_hash);
  return memcmp(digest, facts->hash, sizeof digest) == 0 ? IMAGE_OK : IMAGE_HASH;
}

/* MCUboot signs the 32 bytes of the digest (imgtool, `sign_digest`). */
static image_status_t check_signature(const parts_t *parts, image_facts_t *facts) {
  for (uint32_t i = 0; i < root_keys_count; i++) {
    if (memcmp(root_keys[i].hash, parts->seal + 44, 32) != 0) continue;
    facts->development = facts->development || root_keys[i].development;
    const bool good = ed25519_check(root_keys[i].key, facts->hash, sizeof facts->hash, parts->seal + 80) == 1;
    return good ? IMAGE_OK : IMAGE_SIGNATURE;
  }
  return IMAGE_KEY;
}

static image_status_t check_fit(const image_facts_t *facts) {
  uint32_t pages;
  if (wasm_memory_minimum(facts->payload, facts->payload_bytes, &pages) != 0) return IMAGE_FORMAT;
  if (pages > BOARD_LINEAR_BYTES / WASM_PAGE_BYTES) return IMAGE_TOO_LARGE;
  return image_runs_here(facts->payload_hash) ? IMAGE_OK : IMAGE_ENGINE;
}

image_status_t image_check(uint32_t address, uint32_t capacity, uint32_t floor, image_facts_t *facts) {
  parts_t parts;
  memset(facts, 0, sizeof *facts);
  facts->status = read_header(address, capacity, &parts, facts);
  if (facts->status == IMAGE_OK) facts->status = read_tlvs(&parts, facts);
  if (facts->status == IMAGE_OK) facts->status = check_hash(&parts, facts);
  if (facts->status == IMAGE_OK) facts->status = check_signature(&parts, facts);
  if (facts->status == IMAGE_OK && facts->security_counter < floor) facts->status = IMAGE_DOWNGRADE;
  if (facts->status == IMAGE_OK) facts->status = check_fit(facts);
  return facts->status;
}
