/*
 * What the boot ROM of the i.MX RT1062 reads at the start of the flash (IMXRT1060RM, chapter 9, "System boot"): the FlexSPI NOR
 * configuration block at 0, the image vector table at 0x1000, the boot data behind it. Teensy's loader wants to see them too.
 */
#include <stdint.h>

#include "rt1062.h"

extern const uint32_t vectors_start[];
extern const uint32_t image_start[];
extern const uint32_t image_bytes[]; /* its address is the number (board.ld) */

/* A FlexSPI instruction (chapter 27, LUT): operation, pads as a power of two, operand; two in a word. */
#define STEP(operation, pads, operand) (((operation) << 10) | ((pads) << 8) | (operand))
#define STEPS(first, second) ((uint32_t)(first) | ((uint32_t)(second) << 16))
#define COMMAND 1u
#define ADDRESS 2u
#define DUMMY 12u
#define READ 9u
#define WRITE 8u

/*
 * 512 bytes: the FlexSPI configuration block (448) and what is special to serial NOR. For the Winbond W25Q64JV of the Teensy 4.1:
 * 8 MB, quad I/O read (EBh) at 133 MHz, read strobe looped back from the DQS pad; the flash is never left in its continuous read mode,
 * in which it would not understand flash.c's commands. Offsets as in the manual's tables.
 */
__attribute__((section(".flash_config"), used)) static const uint32_t flash_config[128] = {
    [0x000 / 4] = 0x42464346u, /* tag "FCFB" */
    [0x004 / 4] = 0x56010000u, /* version 1.0.0 */
    [0x00C / 4] = 0x00030301u, /* readSampleClkSrc 1: DQS pad; csHoldTime 3, csSetupTime 3 */
    [0x044 / 4] = 0x00080401u, /* deviceType 1: serial NOR; sflashPadType 4; serialClkFreq 8: 133 MHz */
    [0x050 / 4] = 0x00800000u, /* sflashA1Size */
    /* Look-up table: sequences of four words. 0: read */
    [0x080 / 4] = STEPS(STEP(COMMAND, 0u, 0xEBu), STEP(ADDRESS, 2u, 24u)),
    [0x084 / 4] = STEPS(STEP(DUMMY, 2u, 6u), STEP(READ, 2u, 4u)),
    /* 1: status; 3: write enable; 5: erase a sector; 9: program a page */
    [0x090 / 4] = STEPS(STEP(COMMAND, 0u, 0x05u), STEP(READ, 0u, 4u)),
    [0x0B0 / 4] = STEPS(STEP(COMMAND, 0u, 0x06u), 0u),
    [0x0D0 / 4] = STEPS(STEP(COMMAND, 0u, 0x20u), STEP(ADDRESS, 0u, 24u)),
    [0x110 / 4] = STEPS(STEP(COMMAND, 0u, 0x02u), STEP(ADDRESS, 0u, 24u)),
    [0x114 / 4] = STEPS(STEP(WRITE, 0u, 4u), 0u),
    [0x1C0 / 4] = 256u,  /* pageSize */
    [0x1C4 / 4] = 4096u, /* sectorSize */
    [0x1C8 / 4] = 1u,    /* ipcmdSerialClkFreq: 30 MHz */
    [0x1D0 / 4] = 65536u, /* blockSize */
};

/* Start of the image, its length, no plug-in. */
__attribute__((section(".boot_data"), used)) static const void *const boot_data[3] = {image_start, image_bytes, 0};

/*
 * Header D1h, 32 bytes, version 4.0. As in NXP's own images, and unlike what the manual says of the field, the ROM takes the stack and
 * the first instruction from the vector table that `entry` names.
 */
__attribute__((section(".ivt"), used)) static const void *const image_vector_table[8] = {
    (const void *)0x402000D1u, vectors_start, 0, 0, boot_data, image_vector_table, 0, 0,
};

/*
 * FlexRAM as the fuses give it by default (AN12077): 128 KB ITCM, 128 KB DTCM, 256 KB OCRAM behind the 512 KB of OCRAM2; said again
 * here, in case that a program before us said otherwise. It keeps what it holds over a restart. Then the stack, and C.
 */
#define GPR14 "0x400AC038"
#define GPR16 "0x400AC040"
#define GPR17 "0x400AC044"

__attribute__((naked, used)) void chip_reset(void);
__attribute__((naked, used)) void chip_reset(void) {
  __asm__ volatile(
      "cpsid i\n\t"
      "ldr r0, =" GPR17 "\n\t"
      "ldr r1, =0x55AFFA55\n\t"
      "str r1, [r0]\n\t"
      "ldr r0, =" GPR16 "\n\t"
      "ldr r1, [r0]\n\t"
      "orr r1, r1, #7\n\t" /* FLEXRAM_BANK_CFG_SEL: from GPR17; both TCMs on */
      "str r1, [r0]\n\t"
      "ldr r0, =" GPR14 "\n\t"
      "ldr r1, [r0]\n\t"
      "ldr r2, =0x00FF0000\n\t" /* CM7_CFGDTCMSZ, CM7_CFGITCMSZ: 8 is 128 KB */
      "bic r1, r1, r2\n\t"
      "orr r1, r1, #0x00880000\n\t"
      "str r1, [r0]\n\t"
      "dsb\n\t"
      "isb\n\t"
      "ldr r0, =0xE000ED08\n\t" /* VTOR */
      "ldr r1, =vectors_start\n\t"
      "str r1, [r0]\n\t"
      "ldr r1, =stack_top\n\t"
      "msr msp, r1\n\t"
      "dsb\n\t"
      "isb\n\t"
      "b reset_handler\n\t");
}
