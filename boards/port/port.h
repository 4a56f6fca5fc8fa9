/*
 * The contract of a board. A port implements these functions, and nothing else of the firmware knows the board; facts that are
 * numbers (partitions, memory sizes, baud) stand in board.json, from which the build generates board-config.h.
 *
 * Rules for all: called from one thread, never from an interrupt; must not call back into the runner; must not allocate.
 * "status" is 0 done, negative failed. A flash address counts from the start of the board's data flash (board.json, flash.base).
 *
 * | function             | called                      | must                                                            | returns            |
 * |----------------------|-----------------------------|-----------------------------------------------------------------|--------------------|
 * | port_init            | once, first                 | clock, UART, timer, flash ready; interrupts on                  | status             |
 * | port_reset_reason    | once, after port_init       | say why the CPU started                                         | RESET_…            |
 * | port_serial_read     | in every turn               | give bytes that came, in order; never wait                      | count, 0..len      |
 * | port_serial_write    | when the image sends        | queue bytes; never wait                                         | count, 0..len      |
 * | port_serial_flush    | before a restart            | wait until what was queued has left, 1 s at most                | –                  |
 * | port_idle            | when there is nothing to do | sleep until an interrupt, 1 ms at most                          | –                  |
 * | port_micros          | at any time                 | a clock in µs since port_init that never goes back              | µs                 |
 * | port_entropy         | at start, then now and then | fill with bytes of a physical source, full entropy              | status             |
 * | port_flash_read      | at any time                 | read; -1 where the flash cannot (ECC), never a fault            | status             |
 * | port_flash_write     | at any time                 | program; address and len are multiples of the write unit        | status             |
 * | port_flash_erase     | at any time                 | erase whole sectors to 0xFF                                     | status             |
 * | port_flash_map       | after a slot was verified   | where the CPU reads the flash at this address; stays valid      | pointer            |
 * | port_watchdog_start  | once, before the image      | reset the CPU if not fed for BOARD_WATCHDOG_MS                  | status             |
 * | port_watchdog_feed   | in every turn and import    | start the time anew                                             | –                  |
 * | port_reset           | for a restart               | reset the CPU; what is in RETAINED memory stays                 | never              |
 * | port_trace           | now and then                | show a line to an engineer (debug port), or drop it             | –                  |
 * | port_runner_digest   | once, at start              | SHA-256 of the runner's code; a board may leave it to imports.c | status             |
 * | port_instructions    | lab firmware only           | a counter of instructions or cycles that never goes back        | count              |
 */
#ifndef KANMON_PORT_H
#define KANMON_PORT_H

#include <stdint.h>

/** Why the CPU started (values of board_info, assembly/board.ts). */
#define RESET_POWER 0u
#define RESET_REQUESTED 1u
#define RESET_TRAP 2u /* the runner's own: kept in RETAINED memory over port_reset */
#define RESET_WATCHDOG 3u

/** Memory that keeps its content over port_reset, and that start-up code must not clear. Its content after power-on is arbitrary. */
#define RETAINED __attribute__((section(".retained")))
/** Large buffers that start-up code need not clear; board.ld places them. */
#define IN_LINEAR __attribute__((section(".linear"), aligned(16)))
#define IN_POOL __attribute__((section(".pool"), aligned(16)))
#define IN_POOL_MORE __attribute__((section(".pool_more"), aligned(16)))

int32_t port_init(void);
uint32_t port_reset_reason(void);

uint32_t port_serial_read(uint8_t *out, uint32_t len);
uint32_t port_serial_write(const uint8_t *data, uint32_t len);
void port_serial_flush(void);
void port_idle(void);

uint64_t port_micros(void);
int32_t port_entropy(uint8_t *out, uint32_t len);

int32_t port_flash_read(uint32_t address, uint8_t *out, uint32_t len);
int32_t port_flash_write(uint32_t address, const uint8_t *data, uint32_t len);
int32_t port_flash_erase(uint32_t address, uint32_t len);
const uint8_t *port_flash_map(uint32_t address);

int32_t port_watchdog_start(void);
void port_watchdog_feed(void);
_Noreturn void port_reset(void);
void port_trace(const char *text, uint32_t len);

int32_t port_runner_digest(uint8_t out[32]);
uint64_t port_instructions(void);

#endif
