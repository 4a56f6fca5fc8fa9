/* The board of the C unit tests: small, so that its limits are met. What the build generates of board.json elsewhere. */
#ifndef BOARD_CONFIG_H
#define BOARD_CONFIG_H

#define BOARD_NAME "unit"
#define BOARD_LINEAR_BYTES 655360u
/* In two regions, of which the first holds less than the image's compiled form. */
#ifndef BOARD_POOL_BYTES
#define BOARD_POOL_BYTES 262144u
#define BOARD_POOL_MORE_BYTES 2359296u
#endif
/* So that small frames meet the limit of the C stack (of which a process has 8 MB) and large ones that of the WASM stack. */
#define BOARD_WASM_STACK_BYTES 1310720u
#define BOARD_C_STACK_BYTES 4194304u
#define BOARD_HAS_ALL_MODALITIES 1u

#define FLASH_SECTOR_BYTES 4096u
#define FLASH_UNIT_BYTES 8u
#define KEYS_ADDRESS 0u
#define KEYS_BYTES 8192u
#define JOURNAL_ADDRESS 8192u
#define JOURNAL_BYTES 16384u
#define SLOT_A_ADDRESS 24576u /* behind the journal */
#define SLOT_A_BYTES 4096u
#define SLOT_B_ADDRESS 28672u
#define SLOT_B_BYTES 4096u
#define FLASH_BYTES 32768u

#endif
