/* Memory protection and caches of a Cortex-M7 whose flash is seen by the CPU: firmware first, data flash behind it. */
#ifndef KANMON_CORTEX_M7_MEMORY_H
#define KANMON_CORTEX_M7_MEMORY_H

#include <stdint.h>

/* Fields of MPU_RASR (Armv7-M ARM, B3.5.9). */
#define MPU_NO_EXECUTE (1u << 28)
#define MPU_NO_ACCESS 0u
#define MPU_READ_WRITE (3u << 24)
#define MPU_READ_ONLY (6u << 24)
#define MPU_WRITE_THROUGH (2u << 16) /* TEX 0, C: cached, writes go out at once */
#define MPU_WRITE_BACK (0xBu << 16)  /* TEX 1, C, B */
#define MPU_UNCACHED (8u << 16)      /* TEX 1: normal memory, no cache */
/** Leaves out eighths of a region, one bit each, the lowest first. */
#define MPU_WITHOUT(eighths) ((uint32_t)(eighths) << 8)
/** A region of 2^`power` bytes. */
#define MPU_BYTES(power) ((((uint32_t)(power) - 1u) << 1) | 1u)

typedef struct {
  uint32_t base;
  uint32_t attributes;
} memory_region_t;

/** Sets up the rules for all Cortex-M7 boards and two of the board's own: its firmware's flash, its data flash. Then the caches go on. */
void memory_start(const memory_region_t own[2]);

#endif
