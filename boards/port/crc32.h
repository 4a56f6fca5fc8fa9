/* CRC-32 (ISO-HDLC, polynomial 0xEDB88320 reflected), as on the link. */
#ifndef KANMON_CRC32_H
#define KANMON_CRC32_H

#include <stdint.h>

/** CRC-32 of `len` bytes; "123456789" gives 0xCBF43926. */
uint32_t crc32(const uint8_t *data, uint32_t len);

#endif
