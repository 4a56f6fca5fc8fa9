/* Random numbers, watchdog and debug line of the i.MX RT1062. The rest of the port is common to Cortex-M7 boards. */
#include "port.h"

#include <stdbool.h>
#include <string.h>

#include "board-config.h"
#include "chip-uart.h"
#include "rt1062.h"

#define TRNG_PRGM (1u << 16)
#define TRNG_ERR (1u << 12) /* a statistical test failed; written 1 to clear */
#define TRNG_ENT_VAL (1u << 10)
#define TRNG_RST_DEF (1u << 6)
#define TRNG_SAMP_MODE 3u
#define TRNG_VON_NEUMANN_ENTROPY 2u /* entropy behind von Neumann's corrector, tests on the raw bits */
#define TRNG_WORDS 16u
#define TRNG_TRIES 4u
#define TRNG_TURNS 10000000u /* a block takes 2,500 samples of 3,200 cycles: 53 ms at 150 MHz */

#define WATCHDOG_HALF_SECONDS (BOARD_WATCHDOG_MS / 500u)
_Static_assert(WATCHDOG_HALF_SECONDS >= 1u && WATCHDOG_HALF_SECONDS <= 256u, "the watchdog counts half seconds, 128 s at most");
#define TRACE_TURNS 1000000u

static bool watched;

/* Reading the last word asks for the next block; NXP's driver then reads another word, for an error of the chip. */
static void ask_block(void) {
  (void)TRNG_ENT(TRNG_WORDS - 1u);
  (void)TRNG_ENT(0u);
}

/* With the defaults of the manual for samples and tests. What the boot ROM gathered with other settings is thrown away. */
static void start_trng(void) {
  CCM_CCGR6 |= GATE(6u);
  TRNG_MCTL = TRNG_PRGM | TRNG_ERR | TRNG_RST_DEF;
  TRNG_MCTL = (TRNG_MCTL & ~(TRNG_SAMP_MODE | TRNG_ERR)) | TRNG_PRGM | TRNG_VON_NEUMANN_ENTROPY;
  TRNG_MCTL &= ~(TRNG_PRGM | TRNG_ERR);
  ask_block();
}

/* Reads 512 bits. False: the TRNG's own tests of this block failed, or it stands still. */
static bool read_block(uint32_t block[TRNG_WORDS]) {
  uint32_t turns = 0u;
  while (((TRNG_MCTL & (TRNG_ENT_VAL | TRNG_ERR)) == 0u) && (turns < TRNG_TURNS)) {
    port_watchdog_feed();
    turns++;
  }
  const uint32_t status = TRNG_MCTL;
  if (((status & TRNG_ERR) != 0u) || ((status & TRNG_ENT_VAL) == 0u)) {
    return false;
  }
  for (uint32_t i = 0u; i < TRNG_WORDS; i++) {
    block[i] = TRNG_ENT(i);
  }
  (void)TRNG_ENT(0u);
  return true;
}

int32_t port_entropy(uint8_t *out, uint32_t len) {
  static bool started;
  uint32_t block[TRNG_WORDS];
  uint32_t done = 0u;
  uint32_t tries = 0u;
  while (done < len) {
    if (!started) {
      start_trng();
      started = true;
    }
    if (read_block(block)) {
      const uint32_t count = ((len - done) < sizeof(block)) ? (len - done) : (uint32_t)sizeof(block);
      (void)memcpy(&out[done], block, count);
      done += count;
    } else {
      started = false;
      tries++;
      if (tries == TRNG_TRIES) {
        break;
      }
    }
  }
  for (uint32_t i = 0u; i < TRNG_WORDS; i++) {
    ((volatile uint32_t *)block)[i] = 0u;
  }
  if (done < len) {
    (void)memset(out, 0, len);
    return -1;
  }
  return 0;
}

/* IMXRT1060RM, chapter 57. WDE cannot be taken back; SRS and WDA are left at 1, which asks for nothing. */
int32_t port_watchdog_start(void) {
  WDOG1_WCR = (uint16_t)(((WATCHDOG_HALF_SECONDS - 1u) << 8) | (1u << 5) | (1u << 4));
  WDOG1_WCR = (uint16_t)(((WATCHDOG_HALF_SECONDS - 1u) << 8) | (1u << 5) | (1u << 4) | (1u << 2));
  watched = true;
  port_watchdog_feed();
  return 0;
}

void port_watchdog_feed(void) {
  if (watched) {
    WDOG1_WSR = 0x5555u;
    WDOG1_WSR = 0xAAAAu;
  }
}

static void trace_byte(uint8_t byte) {
  uint32_t turns = 0u;
  while (((LPUART4(LPUART_STAT) & (1u << 23)) == 0u) && (turns < TRACE_TURNS)) { /* TDRE */
    turns++;
  }
  LPUART4(LPUART_DATA) = byte;
}

/* The Teensy has no debug port: lines go out at pin 8, at the baud of the line. */
void port_trace(const char *text, uint32_t len) {
  if (((CCM_CCGR1 & GATE(12u)) != GATE(12u)) || ((LPUART4(LPUART_CTRL) & LPUART_CTRL_TE) == 0u)) {
    return; /* not set up yet: without its clock it must not be touched */
  }
  for (uint32_t i = 0u; i < len; i++) {
    trace_byte((uint8_t)text[i]);
  }
  trace_byte((uint8_t)'\r');
  trace_byte((uint8_t)'\n');
}
