/* Random numbers, watchdog and debug line of the STM32H743. The rest of the port is common to Cortex-M7 boards. */
#include "port.h"

#include <stdbool.h>
#include <string.h>

#include "board-config.h"
#include "h743.h"

#define RNG_TURNS 100000u
#define RNG_TRIES 4u
#define RNG_DISCARD 12u
#define RNG_CR_ON (1u << 2)
#define RNG_SR_READY (1u << 0)
#define RNG_SR_ERRORS 0x66u      /* CECS, SECS, CEIS, SEIS */
#define RNG_SR_ERRORS_NOTED 0x60u /* CEIS, SEIS: written 0 to clear */

#define IWDG_HZ 32000u
#define IWDG_PRESCALER 256u
#define IWDG_TICKS ((BOARD_WATCHDOG_MS * (IWDG_HZ / 1000u)) / IWDG_PRESCALER)
#define IWDG_TURNS 10000000u
_Static_assert(IWDG_TICKS >= 1u && IWDG_TICKS <= 4096u, "the watchdog counts 12 bits: 32.7 s at most");

#define ITM_PORT0 (*(volatile uint32_t *)0xE0000000u)
#define ITM_PORT0_BYTE (*(volatile uint8_t *)0xE0000000u)
#define ITM_TER REGISTER(0xE0000E00u)
#define ITM_TCR REGISTER(0xE0000E80u)
#define ITM_TURNS 100000u

/* RM0433, section 34.3: a word is good if it was ready and no error is noted after it was read; 0 is what an error may leave. */
static bool read_word(uint32_t *word) {
  for (uint32_t turns = 0u; turns < RNG_TURNS; turns++) {
    const uint32_t status = RNG_SR;
    if ((status & RNG_SR_ERRORS) != 0u) {
      return false;
    }
    if ((status & RNG_SR_READY) != 0u) {
      *word = RNG_DR;
      return ((RNG_SR & RNG_SR_ERRORS) == 0u) && (*word != 0u);
    }
  }
  return false;
}

/* Section 34.3: after an error the notes are cleared, twelve words are thrown away, and only then it may be trusted again. */
static void recover(void) {
  uint32_t thrown;
  RNG_CR = 0u;
  RNG_SR &= ~RNG_SR_ERRORS_NOTED;
  RNG_CR = RNG_CR_ON;
  for (uint32_t i = 0u; i < RNG_DISCARD; i++) {
    (void)read_word(&thrown);
  }
}

/* FIPS 140-2, 4.9.2: a word that repeats the one before is an error; the first ever is only compared with. */
static bool fresh_word(uint32_t *word) {
  static uint32_t last;
  static bool compared;
  uint32_t first = 0u;
  if (!compared) {
    if (!read_word(&first)) {
      return false;
    }
    last = first;
    compared = true;
  }
  if (!read_word(word) || (*word == last)) {
    return false;
  }
  last = *word;
  return true;
}

int32_t port_entropy(uint8_t *out, uint32_t len) {
  uint32_t done = 0u;
  uint32_t tries = 0u;
  while (done < len) {
    uint32_t word = 0u;
    if (fresh_word(&word)) {
      const uint32_t count = ((len - done) < sizeof(word)) ? (len - done) : (uint32_t)sizeof(word);
      (void)memcpy(&out[done], &word, count);
      done += count;
      tries = 0u;
    } else if (tries < RNG_TRIES) {
      recover();
      tries++;
    } else {
      (void)memset(out, 0, len);
      return -1;
    }
  }
  return 0;
}

/* Section 45.3: started first, then set up under the key, then waited until the slow clock has taken it over. Nothing stops it. */
int32_t port_watchdog_start(void) {
  IWDG1_KR = 0xCCCCu;
  IWDG1_KR = 0x5555u;
  IWDG1_PR = 6u; /* / 256 */
  IWDG1_RLR = IWDG_TICKS - 1u;
  uint32_t turns = 0u;
  while (((IWDG1_SR & 7u) != 0u) && (turns < IWDG_TURNS)) {
    turns++;
  }
  IWDG1_KR = 0xAAAAu;
  return (turns < IWDG_TURNS) ? 0 : -1;
}

void port_watchdog_feed(void) {
  IWDG1_KR = 0xAAAAu;
}

static void trace_byte(uint8_t byte) {
  uint32_t turns = 0u;
  while ((ITM_PORT0 == 0u) && (turns < ITM_TURNS)) {
    turns++;
  }
  ITM_PORT0_BYTE = byte;
}

/* SWO: stimulus port 0 of the ITM (Armv7-M ARM, C1.7), if a debugger has switched it on. */
void port_trace(const char *text, uint32_t len) {
  if (((ITM_TCR & 1u) == 0u) || ((ITM_TER & 1u) == 0u)) {
    return;
  }
  for (uint32_t i = 0u; i < len; i++) {
    trace_byte((uint8_t)text[i]);
  }
  trace_byte((uint8_t)'\n');
}
