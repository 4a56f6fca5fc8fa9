/* Parts of the native board: what they tell one another. */
#ifndef KANMON_NATIVE_H
#define KANMON_NATIVE_H

#include <stdbool.h>
#include <stdint.h>

/** Exit codes, those of the command line. */
#define EXIT_USAGE 2
#define EXIT_INPUT 3
#define EXIT_DEVICE 4

typedef struct {
  const char *flash;  /* the file */
  const char *link;   /* a name for the pseudo-terminal, or NULL */
  bool sync;          /* flash operations are on the disk when they return */
  int pty;            /* of the process before a restart; -1: power-on */
  int retained;
} arguments_t;

/** Reads the command line of this process; what is wrong with it ends the process with EXIT_USAGE. */
const arguments_t *arguments_read(void);
/** What arguments_read gave. May be called by a signal handler. */
const arguments_t *arguments_given(void);

/** Opens the flash file, or makes one that is erased. What is wrong with it ends the process with EXIT_INPUT. */
void flash_file_open(const char *path, bool sync);

/** Opens a pseudo-terminal, or goes on with that of before a restart (-1: none). Ends the process with EXIT_DEVICE. */
void pty_open(int inherited, const char *link);
int pty_descriptor(void);
/** Removes the link. May be called by a signal handler. */
void pty_unlink(void);

/** Takes over what was retained, or notes that the power came on. */
void restart_open(int inherited);
uint32_t restart_reason(void);
/** Runs this program anew. May be called by a signal handler. */
_Noreturn void restart_now(uint32_t reason);

/** Says on stderr what is wrong and ends the process. `detail` may be NULL. */
_Noreturn void fail(int code, const char *what, const char *detail);

#endif
