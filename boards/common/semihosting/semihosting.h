/* Arm semihosting (ARM-software/abi-aa, semihosting.rst), as QEMU offers it to Cortex-M and RISC-V: a debug line and the host's files. */
#ifndef KANMON_SEMIHOSTING_H
#define KANMON_SEMIHOSTING_H

#include <stdint.h>

/** Shows a line on the host's console; cut at 200 bytes. */
void semihosting_line(const char *text, uint32_t len);
/** Random bytes of the host's kernel (/dev/urandom). Status. */
int32_t semihosting_entropy(uint8_t *out, uint32_t len);

#endif
