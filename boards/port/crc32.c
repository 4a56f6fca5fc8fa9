/* CRC-32 with a table of 16 words: a compromise between 1 KiB of table and eight steps a byte. */
#include "crc32.h"

static const uint32_t TABLE[16] = {
  0x00000000u, 0x1DB71064u, 0x3B6E20C8u, 0x26D930ACu, 0x76DC4190u, 0x6B6B51F4u, 0x4DB26158u, 0x5005713Cu,
  0xEDB88320u, 0xF00F9344u, 0xD6D6A3E8u, 0xCB61B38Cu, 0x9B64C2B0u, 0x86D3D2D4u, 0xA00AE278u, 0xBDBDF21Cu,
};

uint32_t crc32(const uint8_t *data, uint32_t len) {
  uint32_t crc = 0xFFFFFFFFu;
  for (uint32_t i = 0; i < len; i++) {
    crc ^= data[i];
    crc = TABLE[crc & 15u] ^ (crc >> 4);
    crc = TABLE[crc & 15u] ^ (crc >> 4);
  }
  return ~crc;
}
