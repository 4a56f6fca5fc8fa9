/*
 * Trace and entropy of emulated boards by Arm semihosting (ARM-software/abi-aa, semihosting.rst), as QEMU offers it to Cortex-M and RISC-V:
 * the operation in the first register, a pointer to its arguments in the second, a trap that debuggers know.
 */
#include "port.h"

#define SYS_OPEN 0x01u
#define SYS_CLOSE 0x02u
#define SYS_WRITE0 0x04u
#define SYS_READ 0x06u
#define OPEN_READ_BINARY 1u
#define LINE_BYTES 202u

#if defined(__riscv)
/* RISC-V semihosting 0.2, section 2: three uncompressed instructions that lie in one page. */
static int32_t call(uint32_t operation, const void *arguments) {
  register uint32_t a0 __asm__("a0") = operation;
  register const void *a1 __asm__("a1") = arguments;
  __asm__ volatile(
      ".option push\n\t"
      ".option norvc\n\t"
      ".balign 16\n\t"
      "slli zero, zero, 0x1f\n\t"
      "ebreak\n\t"
      "srai zero, zero, 7\n\t"
      ".option pop"
      : "+r"(a0)
      : "r"(a1)
      : "memory");
  return (int32_t)a0;
}
#else
static int32_t call(uint32_t operation, const void *arguments) {
  register uint32_t r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = arguments;
  __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return (int32_t)r0;
}
#endif

/* On the host's console; cut at 200 bytes. */
void port_trace(const char *text, uint32_t len) {
  char line[LINE_BYTES];
  uint32_t at = 0u;
  while ((at < len) && (at < (LINE_BYTES - 2u))) {
    line[at] = text[at];
    at++;
  }
  line[at] = '\n';
  line[at + 1u] = '\0';
  (void)call(SYS_WRITE0, line);
}

/* Of the host's kernel. */
int32_t port_entropy(uint8_t *out, uint32_t len) {
  static const char name[] = "/dev/urandom";
  const uint32_t open[3] = {(uint32_t)(uintptr_t)name, OPEN_READ_BINARY, sizeof(name) - 1u};
  const int32_t file = call(SYS_OPEN, open);
  if (file < 0) {
    return -1;
  }
  const uint32_t read[3] = {(uint32_t)file, (uint32_t)(uintptr_t)out, len};
  const int32_t missing = call(SYS_READ, read); /* bytes that were not read */
  const uint32_t close[1] = {(uint32_t)file};
  const int32_t closed = call(SYS_CLOSE, close);
  return ((missing == 0) && (closed == 0)) ? 0 : -1;
}
