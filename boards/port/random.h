/* Strong random bytes: HMAC-DRBG with SHA-256 (NIST SP 800-90A section 10.1.2), seeded and reseeded from port_entropy. */
#ifndef KANMON_RANDOM_H
#define KANMON_RANDOM_H

#include <stdint.h>

int32_t random_start(void);
int32_t random_fill(uint8_t *out, uint32_t len);

#endif
