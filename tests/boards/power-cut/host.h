/*
 * A host that updates a board over its link, as `kanmon flash` does: asks which images there are, uploads, has the new one tried, restarts
 * the board, confirms. It keeps nothing over a power cut; what it asks first tells it where it stands.
 */
#ifndef HOST_H
#define HOST_H

#include "device.h"

/** Begins: the first request waits to be read. */
void host_start(test_image_t target);
/** Bytes for the board. Returns how many. */
uint32_t host_read(uint8_t *out, uint32_t len);
/** Takes bytes of the board; an answer makes the next request. */
void host_take(const uint8_t *data, uint32_t len);
/** Whether the board runs the target, confirmed. */
bool host_is_done(void);

#endif
