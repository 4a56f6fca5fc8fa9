/*
 * A restart runs the program anew in the same process: the terminal stays open, and RETAINED memory travels in a memory file. Memory
 * is otherwise fresh, as after a reset of a CPU whose start-up code cleared it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include "native.h"
#include "port.h"

#define ARGUMENTS_MAX 8

extern uint8_t retained_start[];
extern uint8_t retained_end[];

static int file = -1;
static uint32_t reason = RESET_POWER;

static size_t retained_bytes(void) { return (size_t)(retained_end - retained_start); }

void restart_open(int inherited) {
  uint32_t kept = RESET_POWER;
  file = inherited;
  if (inherited < 0) {
    file = memfd_create("retained", 0);
    if (file < 0) fail(EXIT_DEVICE, "retained memory", strerror(errno));
    return;
  }
  const bool whole = pread(file, &kept, sizeof kept, 0) == (ssize_t)sizeof kept &&
                     pread(file, retained_start, retained_bytes(), sizeof kept) == (ssize_t)retained_bytes();
  if (whole) reason = kept;
}

uint32_t restart_reason(void) { return reason; }

/** A number as text, without stdio: this runs in a signal handler too. */
static char *put_number(char *at, int number) {
  char digits[12];
  int count = 0;
  for (int rest = number; count == 0 || rest > 0; rest /= 10) digits[count++] = (char)('0' + rest % 10);
  while (count > 0) *at++ = digits[--count];
  return at;
}

_Noreturn void restart_now(uint32_t why) {
  static char restarted[48] = "--restarted=";
  const arguments_t *given = arguments_given();
  const char *argv[ARGUMENTS_MAX] = {"native_sim", "--flash", given->flash};
  const struct itimerval off = {0};
  sigset_t none;
  int count = 3;
  char *at = put_number(&restarted[12], pty_descriptor());
  *at++ = ',';
  *put_number(at, file) = '\0';
  if (given->sync) argv[count++] = "--sync";
  if (given->link != NULL) {
    argv[count++] = "--link";
    argv[count++] = given->link;
  }
  argv[count] = restarted;
  bool ready = setitimer(ITIMER_REAL, &off, NULL) == 0;
  ready = pwrite(file, &why, sizeof why, 0) == (ssize_t)sizeof why && ready;
  ready = pwrite(file, retained_start, retained_bytes(), sizeof why) == (ssize_t)retained_bytes() && ready;
  /* The handler that this may run in blocks its signal, and the mask would be inherited. */
  (void)sigemptyset(&none);
  if (ready && sigprocmask(SIG_SETMASK, &none, NULL) == 0) (void)execv("/proc/self/exe", (char *const *)argv);
  static const char message[] = "native_sim: the program cannot be started anew\n";
  (void)!write(STDERR_FILENO, message, sizeof message - 1);
  pty_unlink();
  _exit(EXIT_DEVICE);
}
