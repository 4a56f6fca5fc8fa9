/*
 * The STM32H743's flash (RM0433, section 4.3): two banks of eight sectors of 128 KB, programmed by words of 32 bytes with an ECC of
 * their own. A word whose programming was cut reads as an error of two bits: the bus reports it, and the CPU would fault.
 */
#include <stdbool.h>
#include <string.h>

#include "../common/cortex-m/irq.h"
#include "../common/cortex-m7/chip.h"
#include "../common/cortex-m7/fast.h"
#include "board-config.h"
#include "h743.h"

#define PIECE_BYTES 256u
#define BANK_BYTES 0x100000u
#define MEMORY 0x08000000u

/* Section 4.9: offsets in a bank's registers, and bits. */
#define KEYR(bank) REGISTER((bank) + 0x04u)
#define CR(bank) REGISTER((bank) + 0x0Cu)
#define SR(bank) REGISTER((bank) + 0x10u)
#define CCR(bank) REGISTER((bank) + 0x14u)
#define ECC_ADDRESS(bank) REGISTER((bank) + 0x60u) /* of the first error, in flash words */
#define KEY1 0x45670123u
#define KEY2 0xCDEF89ABu
#define CR_LOCK (1u << 0)
#define CR_PG (1u << 1)
#define CR_SER (1u << 2)
#define CR_PSIZE_64 (3u << 4)
#define CR_START (1u << 7)
#define CR_SECTOR(number) ((number) << 8)
#define SR_BUSY 7u            /* BSY, WBNE, QW */
#define SR_EVENTS 0x07EF0000u /* EOP, WRPERR, PGSERR, STRBERR, INCERR, OPERR, RDPERR, RDSERR, SNECCERR, DBECCERR */
#define SR_FAILED 0x01EE0000u /* of these, what says that programming or erasing did not work */
#define SR_DBECCERR (1u << 26)

#define SCB_CCR REGISTER(0xE000ED14u)
#define SCB_CFSR REGISTER(0xE000ED28u)
#define CCR_BFHFNMIGN (1u << 8)
#define CFSR_BUS 0x0000FF00u

static uint32_t bank_of(uint32_t where) {
  return FLASH_BANK((where - MEMORY) / BANK_BYTES);
}

/* In ITCM from here until the bank is ready: nothing may touch a bank that is busy, or the CPU stands still. */
IN_FAST static uint32_t finish(uint32_t bank) {
  while ((SR(bank) & SR_BUSY) != 0u) {
    serial_poll();
  }
  const uint32_t events = SR(bank);
  CCR(bank) = SR_EVENTS;
  CR(bank) = CR_PSIZE_64; /* nothing is to be done any more; locking leaves the other bits as they are */
  CR(bank) = CR_LOCK;
  return events;
}

IN_FAST static void begin(uint32_t bank, uint32_t control) {
  while ((SR(bank) & SR_BUSY) != 0u) {
    serial_poll();
  }
  CCR(bank) = SR_EVENTS;
  if ((CR(bank) & CR_LOCK) != 0u) {
    KEYR(bank) = KEY1;
    KEYR(bank) = KEY2;
  }
  CR(bank) = control;
  (void)CR(bank);
}

/* Section 4.3.9: eight words of 32 bits, then the flash begins by itself. */
IN_FAST static uint32_t program(uint32_t bank, volatile uint32_t *to, const uint32_t *from) {
  begin(bank, CR_PSIZE_64 | CR_PG);
  __asm__ volatile("dsb\n\tisb" : : : "memory");
  for (uint32_t i = 0u; i < (FLASH_UNIT_BYTES / 4u); i++) {
    to[i] = from[i];
  }
  __asm__ volatile("dsb\n\tisb" : : : "memory");
  return finish(bank);
}

/* Section 4.3.10 */
IN_FAST static uint32_t erase(uint32_t bank, uint32_t sector) {
  const uint32_t control = CR_PSIZE_64 | CR_SER | CR_SECTOR(sector);
  begin(bank, control);
  CR(bank) = control | CR_START;
  (void)CR(bank);
  __asm__ volatile("dsb" : : : "memory");
  return finish(bank);
}

int32_t chip_flash_program(uint32_t address, const uint32_t *words, uint32_t len) {
  uint32_t failed = 0u;
  for (uint32_t done = 0u; (done < len) && (failed == 0u); done += FLASH_UNIT_BYTES) {
    const uint32_t where = FLASH_BASE + address + done;
    const uint32_t mask = irq_lock();
    failed = program(bank_of(where), (volatile uint32_t *)where, &words[done / 4u]) & SR_FAILED;
    irq_unlock(mask);
  }
  return (failed == 0u) ? 0 : -1;
}

int32_t chip_flash_erase(uint32_t address) {
  const uint32_t where = FLASH_BASE + address;
  const uint32_t sector = ((where - MEMORY) % BANK_BYTES) / FLASH_SECTOR_BYTES;
  const uint32_t mask = irq_lock();
  const uint32_t failed = erase(bank_of(where), sector) & SR_FAILED;
  irq_unlock(mask);
  return (failed == 0u) ? 0 : -1;
}

/* Whether an ECC error was noted in one of these flash words. A guessed load of the CPU may have met one elsewhere: it does not count. */
static bool has_error(uint32_t number, uint32_t where, uint32_t len) {
  const uint32_t bank = FLASH_BANK(number);
  const bool noted = (SR(bank) & SR_DBECCERR) != 0u;
  const uint32_t at = MEMORY + (number * BANK_BYTES) + ((ECC_ADDRESS(bank) & 0x7FFFu) * FLASH_UNIT_BYTES);
  return noted && (at < (where + len)) && ((at + FLASH_UNIT_BYTES) > where);
}

static void forget_errors(void) {
  CCR(FLASH_BANK(0u)) = SR_DBECCERR;
  CCR(FLASH_BANK(1u)) = SR_DBECCERR;
  SCB_CFSR = CFSR_BUS;
}

/*
 * Reads few bytes, as nothing else may happen meanwhile. With BFHFNMIGN set and FAULTMASK at priority -1, a bus error of a load is ignored
 * (Armv7-M ARM, B3.2.8, B1.5.4); the flash notes which word it was (RM0433, section 4.7). The MPU is on all the while, so that the data
 * flash stays uncached (memory.c).
 */
static bool read_piece(uint32_t where, uint8_t *out, uint32_t len) {
  uint32_t mask;
  __asm__ volatile("mrs %0, faultmask\n\tcpsid f" : "=r"(mask) : : "memory");
  forget_errors();
  SCB_CCR |= CCR_BFHFNMIGN;
  __asm__ volatile("dsb\n\tisb" : : : "memory");
  (void)memcpy(out, (const void *)where, len);
  __asm__ volatile("dsb\n\tisb" : : : "memory");
  SCB_CCR &= ~CCR_BFHFNMIGN;
  const bool failed = ((SCB_CFSR & CFSR_BUS) != 0u) || has_error(0u, where, len) || has_error(1u, where, len);
  forget_errors();
  __asm__ volatile("msr faultmask, %0" : : "r"(mask) : "memory");
  return !failed;
}

int32_t chip_flash_read(uint32_t address, uint8_t *out, uint32_t len) {
  uint32_t done = 0u;
  while (done < len) {
    const uint32_t count = ((len - done) < PIECE_BYTES) ? (len - done) : PIECE_BYTES;
    if (!read_piece(FLASH_BASE + address + done, &out[done], count)) {
      return -1;
    }
    done += count;
  }
  return 0;
}
