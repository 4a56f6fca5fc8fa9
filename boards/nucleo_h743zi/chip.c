/*
 * The STM32H743 from reset to running: 400 MHz from its own 64 MHz oscillator (so that no crystal and no ST-LINK is needed), at voltage
 * scale 1, which all revisions of the silicon can. AHB and AXI 200 MHz, APB 100 MHz, timers 200 MHz (RM0433, section 8.5).
 */
#include "../common/cortex-m7/chip.h"

#include <stdbool.h>

#include "../common/cortex-m7/vectors.h"
#include "../common/cortex-m/startup.h"
#include "board-config.h"
#include "chip-uart.h"
#include "h743.h"
#include "port.h"

#define VTOR REGISTER(0xE000ED08u)
#define WAIT_TURNS 10000000u
#define APB_HZ 100000000u
#define TIMER_HZ 200000000u
_Static_assert(BOARD_CLOCK_HZ == 400000000u, "board.json says what is set up here");

/* Two eighths of the flash are firmware: the data flash is behind them. */
_Static_assert(FLASH_BASE == 0x08080000u && FLASH_BYTES == 0x180000u, "board.json's data flash is what the rules below say");
const memory_region_t chip_flash_regions[2] = {
    {0x08000000u, MPU_READ_ONLY | MPU_WRITE_THROUGH | MPU_BYTES(19)},
    {0x08000000u, MPU_READ_WRITE | MPU_NO_EXECUTE | MPU_UNCACHED | MPU_WITHOUT(0x03u) | MPU_BYTES(21)},
};

extern const uint32_t __runner_start[];

void chip_reset(void) {
  VTOR = (uint32_t)(uintptr_t)__runner_start;
  reset_handler();
}

static bool reaches(volatile const uint32_t *where, uint32_t mask, uint32_t value) {
  for (uint32_t turns = 0u; turns < WAIT_TURNS; turns++) {
    if ((*where & mask) == value) {
      return true;
    }
  }
  return false;
}

/* Section 6.4: the supply is the LDO, said once after power-on; then voltage scale 1. */
static bool start_power(void) {
  PWR_CR3 = (PWR_CR3 & ~7u) | (1u << 1); /* LDOEN alone */
  if (!reaches(&PWR_CSR1, 1u << 13, 1u << 13)) { /* ACTVOSRDY */
    return false;
  }
  PWR_D3CR |= 3u << 14; /* VOS = scale 1 */
  return reaches(&PWR_D3CR, 1u << 13, 1u << 13); /* VOSRDY */
}

/* Section 4.3, read wait states: 185 to 210 MHz at scale 1 takes two wait states and WRHIGHFREQ 2. */
static bool start_flash(void) {
  FLASH_ACR = (2u << 4) | 2u;
  return reaches(&FLASH_ACR, 0x3Fu, (2u << 4) | 2u);
}

/* Section 8.5: HSI 64 MHz / 6 = 10.67 MHz, x 75 = 800 MHz, / 2 = 400 MHz. */
static bool start_clock(void) {
  RCC_PLLCKSELR = 6u << 4;              /* DIVM1; source HSI */
  RCC_PLLCFGR = (1u << 16) | (3u << 2); /* P on; input 8 to 16 MHz; wide VCO */
  RCC_PLL1DIVR = (1u << 24) | (1u << 16) | ((2u - 1u) << 9) | (75u - 1u);
  RCC_CR |= 1u << 24; /* PLL1ON */
  if (!reaches(&RCC_CR, 1u << 25, 1u << 25)) {
    return false;
  }
  RCC_D1CFGR = (4u << 4) | 8u; /* APB3 / 2; AHB / 2; CPU undivided */
  RCC_D2CFGR = (4u << 8) | (4u << 4);
  RCC_D3CFGR = 4u << 4;
  RCC_CFGR = 3u; /* the system's clock is PLL1 */
  return reaches(&RCC_CFGR, 7u << 3, 3u << 3);
}

/* Section 11.3: PD8 and PD9 as alternate function 7 (data sheet DS12110, pin tables), the input pulled up. */
static void start_uart(void) {
  RCC_AHB4ENR |= 1u << 3;
  RCC_APB1LENR |= 1u << 18;
  (void)RCC_APB1LENR; /* section 8.5: two cycles after enabling */
  (void)RCC_AHB4ENR;
  GPIOD_OSPEEDR = (GPIOD_OSPEEDR & ~(0xFu << 16)) | (0xAu << 16);
  GPIOD_PUPDR = (GPIOD_PUPDR & ~(0xFu << 16)) | (1u << 18);
  GPIOD_AFRH = (GPIOD_AFRH & ~0xFFu) | 0x77u;
  GPIOD_MODER = (GPIOD_MODER & ~(0xFu << 16)) | (0xAu << 16);
  RCC_D2CCIP2R &= ~7u; /* from APB1's clock */
  USART3_CR1 = 0u;
  USART3_CR1 = USART_CR1_FIFOEN; /* only while UE is off */
  USART3_CR3 = 0u;
  USART3_BRR = (APB_HZ + (BOARD_BAUD / 2u)) / BOARD_BAUD; /* section 48.5, 16 samples a bit */
}

static void start_timer(void) {
  RCC_APB1LENR |= 1u << 0;
  (void)RCC_APB1LENR;
  TIM2_PSC = (TIMER_HZ / 1000000u) - 1u;
  TIM2_ARR = UINT32_MAX;
  TIM2_EGR = 1u; /* takes the prescaler over */
  TIM2_CR1 = 1u;
}

/* Section 34.3: the RNG is clocked by HSI48. Its errors are looked at where it is read. */
static bool start_random(void) {
  RCC_CR |= 1u << 12;
  if (!reaches(&RCC_CR, 1u << 13, 1u << 13)) {
    return false;
  }
  RCC_D2CCIP2R &= ~(3u << 8);
  RCC_AHB2ENR |= 1u << 6;
  (void)RCC_AHB2ENR;
  RNG_CR = 1u << 2;
  return true;
}

/* Errata sheet ES0392, "Reading from AXI SRAM might lead to data read corruption": silicon before revision X takes one read at a time. */
static void mend_axi(void) {
  if (DBGMCU_IDC < 0x20000000u) {
    AXI_TARG7_FN_MOD = 1u;
  }
}

int32_t chip_start(void) {
  mend_axi();
  /* SRAM1 to SRAM3 (section 8.7), where the pool lies. */
  RCC_AHB2ENR |= 7u << 29;
  if (!start_power() || !start_flash() || !start_clock()) {
    return -1;
  }
  start_uart();
  start_timer();
  return start_random() ? 0 : -1;
}

uint32_t chip_micros(void) {
  return TIM2_CNT;
}

/* Section 8.7. A reset by the pin is one by a person: it counts as power-on. */
uint32_t chip_reset_reason(void) {
  const uint32_t flags = RCC_RSR;
  RCC_RSR |= 1u << 16; /* RMVF */
  uint32_t reason = RESET_POWER;
  if ((flags & (1u << 26)) != 0u) { /* IWDG1RSTF */
    reason = RESET_WATCHDOG;
  } else if (((flags & (1u << 24)) != 0u) && ((flags & ((1u << 23) | (1u << 21))) == 0u)) { /* SFTRSTF, not PORRSTF or BORRSTF */
    reason = RESET_REQUESTED;
  }
  return reason;
}
