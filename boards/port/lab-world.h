/*
 * What the lab firmware gives to the image in place of the board's: a stopped clock, random bytes that can be foretold, and a line that
 * ends in a buffer. imports.c and keys.c are compiled against these (sources.json), all else is as in what is shipped.
 */
#ifndef KANMON_LAB_WORLD_H
#define KANMON_LAB_WORLD_H

#include <stdint.h>

#define LAB_SENT_BYTES 16384u

/** For port_micros: what lab_set_micros said last. */
uint64_t lab_micros(void);
void lab_set_micros(uint64_t micros);

/** For random_fill: request n (from 0) is SHA-256("kanmon lab random" || n || 0), …(n || 1), …; n and block are u32, little-endian. */
int32_t lab_random_fill(uint8_t *out, uint32_t len);
/** The next request is number `request`. */
void lab_set_random(uint32_t request);

/** For port_serial_write: keeps bytes for lab_sent, as many as there is room for. */
uint32_t lab_serial_write(const uint8_t *data, uint32_t len);
/** What was sent since the last call, LAB_SENT_BYTES at most. */
const uint8_t *lab_sent(uint32_t *len);

#endif
