/* The image's kernels in C, as one would write them for the processor; compiled with -O3. */
#include "lab-kernels.h"

#include "bytes.h"

#define SHA_INPUT 65536u

static uint32_t rotr(uint32_t x, uint32_t by) { return (x >> by) | (x << (32u - by)); }

/* FIPS 180-4, section 6.2.2, the message schedule in place. */
static void sha256_compress(uint32_t h[8], const uint8_t *block) {
  static const uint32_t k[64] = {
      0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
      0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
      0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
      0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
      0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
      0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
      0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
      0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
  uint32_t w[16];
  uint32_t v[8];
  for (uint32_t i = 0; i < 8u; i++) v[i] = h[i];
  for (uint32_t i = 0; i < 16u; i++) w[i] = __builtin_bswap32(get32(&block[4u * i]));
  for (uint32_t t = 0; t < 64u; t++) {
    if (t >= 16u) {
      const uint32_t w15 = w[(t + 1u) & 15u];
      const uint32_t w2 = w[(t + 14u) & 15u];
      w[t & 15u] += (rotr(w15, 7) ^ rotr(w15, 18) ^ (w15 >> 3)) + w[(t + 9u) & 15u] +
                    (rotr(w2, 17) ^ rotr(w2, 19) ^ (w2 >> 10));
    }
    const uint32_t e = v[4];
    const uint32_t t1 = v[7] + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + (v[6] ^ (e & (v[5] ^ v[6]))) + k[t] + w[t & 15u];
    const uint32_t a = v[0];
    const uint32_t t2 = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & v[1]) ^ (v[2] & (a ^ v[1])));
    v[7] = v[6];
    v[6] = v[5];
    v[5] = v[4];
    v[4] = v[3] + t1;
    v[3] = v[2];
    v[2] = v[1];
    v[1] = v[0];
    v[0] = t1 + t2;
  }
  for (uint32_t i = 0; i < 8u; i++) h[i] += v[i];
}

static uint32_t sha256_kernel(const uint8_t *data) {
  uint32_t h[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint8_t last[64] = {0x80};
  last[61] = (uint8_t)((SHA_INPUT * 8u) >> 16); /* the length in bits, big-endian */
  for (uint32_t at = 0; at < SHA_INPUT; at += 64u) sha256_compress(h, &data[at]);
  sha256_compress(h, last);
  return h[0];
}

uint32_t lab_kernel(uint32_t kernel, const uint8_t *data, uint32_t bytes) {
  if (kernel == KERNEL_SHA256 && bytes >= SHA_INPUT) return sha256_kernel(data);
  return 0;
}
