/*
 * A Winbond W25Q64JV (its data sheet, section 8) behind FlexSPI (IMXRT1060RM, chapter 27). The CPU reads it as memory; commands go
 * through FlexSPI's IP interface. While it erases or programs it answers nothing else, and code there cannot run. It has no error flags:
 * what was programmed is read back (port.c). Should it never be ready again, the watchdog ends the waiting.
 */
#include "flash.h"

#include <stdbool.h>
#include <string.h>

#include "../common/cortex-m/irq.h"
#include "../common/cortex-m7/chip.h"
#include "../common/cortex-m7/fast.h"
#include "board-config.h"
#include "rt1062.h"

#define MEMORY 0x60000000u

/* Our sequences: the boot ROM leaves these free (boot.c has its own). Four words each. */
#define WRITE_ENABLE 12u
#define READ_STATUS 13u
#define ERASE_SECTOR 14u
#define PROGRAM_PAGE 15u
/* Words of the table: operation << 10 | pads << 8 | operand, twice. One pad each. */
#define LUT_WRITE_ENABLE 0x00000406u
#define LUT_READ_STATUS 0x24010405u
#define LUT_ERASE_SECTOR 0x08180420u
#define LUT_PROGRAM_PAGE 0x08180402u
#define LUT_PROGRAM_PAGE_DATA 0x00002001u
#define LUT_KEY 0x5AF05AF0u

#define INTR_DONE (1u << 0)
#define INTR_ERROR (1u << 3)
#define INTR_ROOM (1u << 6) /* IPTXWE: eight bytes fit */
/* Done, a conflict of grants, error. The rest is left alone: clearing the FIFOs' flags moves their contents on. */
#define INTR_ENDED 0xBu
#define STATUS_BUSY 1u

static void set_sequence(uint32_t sequence, uint32_t first, uint32_t second) {
  FLEXSPI_LUT((4u * sequence)) = first;
  FLEXSPI_LUT((4u * sequence) + 1u) = second;
  FLEXSPI_LUT((4u * sequence) + 2u) = 0u;
  FLEXSPI_LUT((4u * sequence) + 3u) = 0u;
}

/* Sequences that nobody is using may be written while the CPU runs from flash; done in ITCM all the same. */
IN_FAST static void set_sequences(void) {
  FLEXSPI_LUTKEY = LUT_KEY;
  FLEXSPI_LUTCR = 2u; /* unlock */
  set_sequence(WRITE_ENABLE, LUT_WRITE_ENABLE, 0u);
  set_sequence(READ_STATUS, LUT_READ_STATUS, 0u);
  set_sequence(ERASE_SECTOR, LUT_ERASE_SECTOR, 0u);
  set_sequence(PROGRAM_PAGE, LUT_PROGRAM_PAGE, LUT_PROGRAM_PAGE_DATA);
  FLEXSPI_LUTKEY = LUT_KEY;
  FLEXSPI_LUTCR = 1u; /* lock */
}

void flash_start(void) {
  const uint32_t mask = irq_lock();
  set_sequences();
  irq_unlock(mask);
}

/* Begins a command with `len` bytes of data. */
IN_FAST static void begin(uint32_t sequence, uint32_t address, uint32_t len) {
  FLEXSPI_INTR = INTR_ENDED;
  FLEXSPI_IPRXFCR = 1u; /* both FIFOs emptied, filled eight bytes at a time */
  FLEXSPI_IPTXFCR = 1u;
  FLEXSPI_IPCR0 = address;
  FLEXSPI_IPCR1 = (sequence << 16) | len;
  FLEXSPI_IPCMD = 1u;
}

/* Waits for the command's end; gives `words` out meanwhile. False: FlexSPI refused it. */
IN_FAST static bool end(const uint32_t *words, uint32_t count) {
  uint32_t at = 0u;
  uint32_t events;
  do {
    events = FLEXSPI_INTR;
    if (((events & INTR_ROOM) != 0u) && (at < count)) {
      FLEXSPI_TFDR(0u) = words[at];
      FLEXSPI_TFDR(1u) = words[at + 1u];
      at += 2u;
      FLEXSPI_INTR = INTR_ROOM; /* takes the eight bytes over */
    }
    serial_poll();
  } while ((events & (INTR_DONE | INTR_ERROR)) == 0u);
  FLEXSPI_INTR = INTR_ENDED;
  return (events & INTR_ERROR) == 0u;
}

IN_FAST static bool is_busy(void) {
  begin(READ_STATUS, 0u, 1u);
  const bool right = end(0, 0u);
  return !right || ((FLEXSPI_RFDR(0u) & STATUS_BUSY) != 0u);
}

/* One command that changes the flash, with all around it. In ITCM, interrupts off, until the flash can be read again. */
IN_FAST static bool run(uint32_t sequence, uint32_t address, const uint32_t *words, uint32_t len) {
  begin(WRITE_ENABLE, 0u, 0u);
  bool right = end(0, 0u);
  if (right) {
    begin(sequence, address, len);
    right = end(words, len / 4u);
  }
  while (is_busy()) {
    serial_poll();
  }
  FLEXSPI_MCR0 |= 1u; /* SWRESET: what its buffers hold was read before */
  while ((FLEXSPI_MCR0 & 1u) != 0u) {
  }
  __asm__ volatile("dsb\n\tisb" : : : "memory");
  return right;
}

int32_t chip_flash_program(uint32_t address, const uint32_t *words, uint32_t len) {
  const uint32_t mask = irq_lock();
  const bool right = run(PROGRAM_PAGE, (FLASH_BASE - MEMORY) + address, words, len);
  irq_unlock(mask);
  return right ? 0 : -1;
}

int32_t chip_flash_erase(uint32_t address) {
  const uint32_t mask = irq_lock();
  const bool right = run(ERASE_SECTOR, (FLASH_BASE - MEMORY) + address, 0, 0u);
  irq_unlock(mask);
  return right ? 0 : -1;
}

int32_t chip_flash_read(uint32_t address, uint8_t *out, uint32_t len) {
  (void)memcpy(out, (const void *)(FLASH_BASE + address), len);
  return 0;
}
