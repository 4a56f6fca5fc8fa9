/*
 * The i.MX RT1062 from its boot ROM to running: 600 MHz from the ARM PLL, at 1.25 V (data sheet IMXRT1060CEC, operating ranges), the
 * peripherals' bus at 150 MHz. UARTs and the timer run from the 24 MHz crystal, whatever the PLLs do.
 */
#include "../common/cortex-m7/chip.h"

#include <stdbool.h>

#include "../common/cortex-m7/fast.h"
#include "board-config.h"
#include "chip-uart.h"
#include "flash.h"
#include "port.h"

#define WAIT_TURNS 10000000u
#define CRYSTAL_HZ 24000000u
_Static_assert(BOARD_CLOCK_HZ == 600000000u, "board.json says what is set up here");

/* One eighth of the flash is firmware. It is only read: programming goes through FlexSPI's commands. */
_Static_assert(FLASH_BASE == 0x60100000u && FLASH_BYTES <= 0x6C0000u, "board.json's data flash is what the rules below say");
const memory_region_t chip_flash_regions[2] = {
    {0x60000000u, MPU_READ_ONLY | MPU_WRITE_THROUGH | MPU_BYTES(20)},
    {0x60000000u, MPU_READ_ONLY | MPU_NO_EXECUTE | MPU_UNCACHED | MPU_WITHOUT(0x01u) | MPU_BYTES(23)},
};

static bool reaches(volatile const uint32_t *where, uint32_t mask, uint32_t value) {
  for (uint32_t turns = 0u; turns < WAIT_TURNS; turns++) {
    if ((*where & mask) == value) {
      return true;
    }
  }
  return false;
}

static void change(volatile uint32_t *where, uint32_t mask, uint32_t value) {
  *where = (*where & ~mask) | value;
}

/* Chapter 18: 0.8 V + 18 x 25 mV = 1.25 V, before the clock goes up. */
static bool start_power(void) {
  CCM_CCGR6 |= GATE(3u);
  change(&DCDC_REG3, 0x1Fu, 18u);
  return reaches(&DCDC_REG0, 1u << 31, 1u << 31); /* STS_DC_OK */
}

/* Chapter 14, clock tree: over to the crystal (PERIPH_CLK2), the PLL set up, and over to it (PRE_PERIPH_CLK). */
static bool start_clock(void) {
  change(&CCM_CBCDR, 7u << 27, 0u);        /* PERIPH_CLK2_PODF / 1 */
  change(&CCM_CBCMR, 3u << 12, 1u << 12);  /* PERIPH_CLK2_SEL: crystal */
  bool right = reaches(&CCM_CDHIPR, 1u << 3, 0u);
  change(&CCM_CBCDR, 1u << 25, 1u << 25);  /* PERIPH_CLK_SEL: PERIPH_CLK2 */
  right = right && reaches(&CCM_CDHIPR, 1u << 5, 0u);
  PLL_ARM = 1u << 12;                      /* POWERDOWN */
  PLL_ARM = (1u << 13) | 100u;             /* ENABLE; 24 MHz x 100 / 2 = 1.2 GHz */
  right = right && reaches(&PLL_ARM, 1u << 31, 1u << 31);
  change(&CCM_CACRR, 7u, 1u);              /* ARM_PODF / 2: 600 MHz */
  right = right && reaches(&CCM_CDHIPR, 1u << 16, 0u);
  change(&CCM_CBCDR, 7u << 10, 0u);        /* AHB_PODF / 1 */
  right = right && reaches(&CCM_CDHIPR, 1u << 1, 0u);
  change(&CCM_CBCDR, 3u << 8, 3u << 8);    /* IPG_PODF / 4: 150 MHz */
  change(&CCM_CBCMR, 3u << 18, 3u << 18);  /* PRE_PERIPH_CLK_SEL: ARM PLL */
  if (!right) {
    return false;
  }
  change(&CCM_CBCDR, 1u << 25, 0u);        /* PERIPH_CLK_SEL: PRE_PERIPH_CLK */
  return reaches(&CCM_CDHIPR, 1u << 5, 0u);
}

/* Chapter 14, CLPCR: WFI stops the CPU only, and the tick goes on; CGPR: memories keep their clock meanwhile. */
static void start_sleep(void) {
  CCM_CGPR |= 1u << 17;
  change(&CCM_CLPCR, 3u, 0u);
}

/* Chapter 49: 24 MHz / 26 samples a bit = 923,077 baud, 0.16 % from 921,600. */
static void start_uart(void) {
  const uint32_t samples = (CRYSTAL_HZ + (BOARD_BAUD / 2u)) / BOARD_BAUD;
  _Static_assert((CRYSTAL_HZ / BOARD_BAUD) >= 8u && (CRYSTAL_HZ / BOARD_BAUD) < 32u, "8 to 32 samples a bit, no divider");
  change(&CCM_CSCDR1, 0x7Fu, 1u << 6); /* UART_CLK_SEL: crystal; UART_CLK_PODF / 1 */
  CCM_CCGR3 |= GATE(3u);               /* LPUART6 */
  CCM_CCGR1 |= GATE(12u);              /* LPUART4 */
  MUX_AD_B0_02 = 2u;                   /* ALT2: LPUART6_TX */
  MUX_AD_B0_03 = 2u;                   /* ALT2: LPUART6_RX */
  LPUART6_RX_SELECT = 1u;              /* from GPIO_AD_B0_03 */
  PAD_AD_B0_02 = (3u << 6) | (6u << 3); /* fast, drive 6 */
  PAD_AD_B0_03 = (1u << 16) | (2u << 14) | (1u << 13) | (1u << 12) | (3u << 6); /* hysteresis, 100 k pull-up */
  MUX_B1_00 = 2u;                      /* ALT2: LPUART4_TX */
  PAD_B1_00 = (3u << 6) | (6u << 3);
  LPUART6(LPUART_GLOBAL) = 2u; /* reset */
  LPUART6(LPUART_GLOBAL) = 0u;
  LPUART6(LPUART_BAUD) = ((samples - 1u) << 24) | 1u;
  LPUART6(LPUART_FIFO) = (1u << 15) | (1u << 14) | (1u << 7) | (1u << 3); /* both emptied, both on */
  LPUART6(LPUART_WATER) = 0u; /* an interrupt from the first received word on, and once nothing waits to be sent */
  LPUART4(LPUART_GLOBAL) = 2u;
  LPUART4(LPUART_GLOBAL) = 0u;
  LPUART4(LPUART_BAUD) = ((samples - 1u) << 24) | 1u;
  LPUART4(LPUART_CTRL) = LPUART_CTRL_TE;
}

/* Chapter 52: 24 MHz / 24, running freely, also while the CPU waits or is halted in sleep. */
static void start_timer(void) {
  change(&CCM_CSCMR1, 0x7Fu, 1u << 6); /* PERCLK_CLK_SEL: crystal; PERCLK_PODF / 1 */
  CCM_CCGR1 |= GATE(10u) | GATE(11u);
  GPT1_CR = 0u;
  GPT1_IR = 0u;
  GPT1_PR = 24u - 1u;
  GPT1_SR = 0x3Fu;
  GPT1_CR = (1u << 9) | (1u << 6) | (1u << 3) | (1u << 1); /* FRR; CLKSRC: peripheral clock; WAITEN; from 0 */
  GPT1_CR |= 1u;
}

/* Chapter 58: the third watchdog may be on after a reset. Unlocked, it must be set within 128 of its bus's cycles: so in ITCM. */
IN_FAST static void stop_rtwdog(void) {
  if ((RTWDOG_CS & (1u << 7)) != 0u) {
    RTWDOG_CNT = 0xD928C520u;
    RTWDOG_TOVAL = 0xFFFFu;
    RTWDOG_CS = (RTWDOG_CS & ~(1u << 7)) | (1u << 5);
  }
}

int32_t chip_start(void) {
  CCM_CCGR5 |= GATE(2u); /* WDOG3 */
  stop_rtwdog();
  if (!start_power() || !start_clock()) {
    return -1;
  }
  start_sleep();
  start_uart();
  start_timer();
  CCM_CCGR3 |= GATE(8u); /* WDOG1 */
  WDOG1_WMCR = 0u;       /* chapter 57: its power-down counter, on after every reset, off */
  flash_start();
  return 0;
}

uint32_t chip_micros(void) {
  return GPT1_CNT;
}

/* Chapter 21: bits stay until 1 is written to them. Power-on and the button count as power-on. */
uint32_t chip_reset_reason(void) {
  const uint32_t flags = SRC_SRSR;
  SRC_SRSR = flags;
  uint32_t reason = RESET_POWER;
  if ((flags & ((1u << 4) | (1u << 7))) != 0u) { /* WDOG_RST_B, WDOG3_RST_B */
    reason = RESET_WATCHDOG;
  } else if (((flags & (1u << 1)) != 0u) && ((flags & 1u) == 0u)) { /* LOCKUP_SYSRESETREQ, not IPP_RESET_B */
    reason = RESET_REQUESTED;
  }
  return reason;
}
