/*
 * MPU (Armv7-M ARM, B3.5) and caches (B2.2.7, B3.2.23; Cortex-M7 TRM, 4.3). Whatever is not in a region follows the default map.
 *
 * The data flash is not cached, so that nobody can read there what was before an erase. No DMA is used, so RAM may be cached without
 * more ado. Outside of the chip nothing may be touched, not even speculatively: an unconfigured memory controller never answers.
 */
#include "memory.h"

#define CCR (*(volatile uint32_t *)0xE000ED14u)
#define CCR_DCACHE (1u << 16)
#define CCR_ICACHE (1u << 17)
#define CCSIDR (*(volatile uint32_t *)0xE000ED80u)
#define CSSELR (*(volatile uint32_t *)0xE000ED84u)
#define MPU_TYPE (*(volatile uint32_t *)0xE000ED90u)
#define MPU_CTRL (*(volatile uint32_t *)0xE000ED94u)
#define MPU_RBAR (*(volatile uint32_t *)0xE000ED9Cu)
#define MPU_RASR (*(volatile uint32_t *)0xE000EDA0u)
#define ICIALLU (*(volatile uint32_t *)0xE000EF50u)
#define DCISW (*(volatile uint32_t *)0xE000EF60u)

#define RBAR_VALID (1u << 4)
/* On, also while faults are masked (chip_flash_read of the STM32H743 must not fill the cache), and the default map behind it. */
#define CTRL_ON 7u

#define GENERAL_REGIONS 4u

static const memory_region_t general[GENERAL_REGIONS] = {
    /* 0x60000000 to 0xDFFFFFFF, eighths 3 to 6 of all: memory controllers and external devices. */
    {0x00000000u, MPU_NO_ACCESS | MPU_NO_EXECUTE | MPU_WITHOUT(0x87u) | MPU_BYTES(32)},
    /* Below the stack, which begins where DTCM does: an overflow faults. */
    {0x10000000u, MPU_NO_ACCESS | MPU_NO_EXECUTE | MPU_BYTES(28)},
    /* A null pointer faults, though ITCM is at 0. */
    {0x00000000u, MPU_NO_ACCESS | MPU_NO_EXECUTE | MPU_BYTES(5)},
    /* RAM is not executed. */
    {0x20000000u, MPU_READ_WRITE | MPU_NO_EXECUTE | MPU_WRITE_BACK | MPU_BYTES(29)},
};

static const memory_region_t unused = {0u, 0u};

static void barrier(void) {
  __asm__ volatile("dsb\n\tisb" : : : "memory");
}

static void set_region(uint32_t number, const memory_region_t *region) {
  MPU_RBAR = region->base | RBAR_VALID | number;
  MPU_RASR = region->attributes;
}

/* The data cache's content is arbitrary after a reset, so each set and way is invalidated before it is switched on. */
static void invalidate_data(void) {
  CSSELR = 0u; /* level 1, data */
  barrier();
  const uint32_t sizes = CCSIDR;
  const uint32_t sets = ((sizes >> 13) & 0x7FFFu) + 1u;
  const uint32_t ways = ((sizes >> 3) & 0x3FFu) + 1u;
  for (uint32_t set = 0u; set < sets; set++) {
    for (uint32_t way = 0u; way < ways; way++) {
      DCISW = (way << 30) | (set << 5); /* Cortex-M7 TRM, 4.3.3: four ways, lines of 32 bytes */
    }
  }
  barrier();
}

void memory_start(const memory_region_t own[2]) {
  barrier();
  MPU_CTRL = 0u;
  for (uint32_t number = 0u; number < GENERAL_REGIONS; number++) {
    set_region(number, &general[number]);
  }
  set_region(GENERAL_REGIONS, &own[0]);
  set_region(GENERAL_REGIONS + 1u, &own[1]);
  const uint32_t regions = (MPU_TYPE >> 8) & 0xFFu;
  for (uint32_t number = GENERAL_REGIONS + 2u; number < regions; number++) {
    set_region(number, &unused); /* a boot ROM may have had rules of its own */
  }
  MPU_CTRL = CTRL_ON;
  barrier();
  ICIALLU = 0u;
  barrier();
  /* A boot ROM may have left it on: then it holds what is not yet in memory. */
  if ((CCR & CCR_DCACHE) == 0u) {
    invalidate_data();
  }
  CCR |= CCR_ICACHE | CCR_DCACHE;
  barrier();
}
