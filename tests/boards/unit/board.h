/* A board of plain memory for C unit tests: what a test looks at and changes. */
#ifndef BOARD_H
#define BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "board-config.h"
#include "state.h"

extern uint8_t flash[FLASH_BYTES];
/** Writes and erases so far. */
extern uint32_t flash_changes;
extern boot_state_t state;
/** What port_entropy gives: these bytes in turn, or nothing if it fails. */
extern uint8_t entropy_given[64];
extern bool entropy_fails;
extern uint32_t entropy_asked;
/** What port_serial_write takes at once. */
extern uint32_t line_room;
/** The last line that was traced. */
extern char traced[256];
extern uint32_t fed;

void flash_blank(void);

/** Ends the test with a message unless it holds. */
#define CHECK(condition) check((condition), #condition, __FILE__, __LINE__)
void check(bool holds, const char *what, const char *file, int line);

#endif
