/*
 * The firmware as a Linux program: the line is a pseudo-terminal, flash is a file, a restart runs the program anew with the same
 * terminal. Everything above the port is the code that runs on microcontrollers.
 */
#define _GNU_SOURCE
#include "port.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "native.h"
#include "sha256.h"

static uint64_t began;

static uint64_t nanoseconds(void) {
  struct timespec now;
  if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) return 0;
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void fail(int code, const char *what, const char *detail) {
  (void)fprintf(stderr, "native_sim: %s%s%s\n", what, detail != NULL ? ": " : "", detail != NULL ? detail : "");
  pty_unlink();
  _exit(code);
}

/* The power goes. The flash file is whole at any time. */
static void power_off(int signal_number) {
  (void)signal_number;
  pty_unlink();
  _exit(0);
}

int32_t port_init(void) {
  const arguments_t *given = arguments_read();
  struct sigaction action = {.sa_handler = power_off};
  began = nanoseconds();
  flash_file_open(given->flash, given->sync);
  restart_open(given->retained);
  if (sigaction(SIGTERM, &action, NULL) != 0 || sigaction(SIGINT, &action, NULL) != 0) return -1;
  pty_open(given->pty, given->link);
  return 0;
}

uint32_t port_reset_reason(void) { return restart_reason(); }

_Noreturn void port_reset(void) { restart_now(RESET_REQUESTED); }

uint64_t port_micros(void) { return (nanoseconds() - began) / 1000u; }

uint64_t port_instructions(void) { return nanoseconds() - began; }

int32_t port_entropy(uint8_t *out, uint32_t len) {
  for (uint32_t done = 0; done < len;) {
    const ssize_t got = getrandom(&out[done], len - done, 0);
    if (got <= 0) return -1;
    done += (uint32_t)got;
  }
  return 0;
}

void port_trace(const char *text, uint32_t len) {
  char line[256];
  const uint32_t shown = len < sizeof line - 1u ? len : (uint32_t)sizeof line - 1u;
  (void)memcpy(line, text, shown);
  line[shown] = '\n';
  /* One write: lines of several processes do not mix. Nobody may be there to read it. */
  if (write(STDERR_FILENO, line, shown + 1u) < 0) return;
}

/* The program itself is the runner's code. */
int32_t port_runner_digest(uint8_t out[32]) {
  static uint8_t part[65536];
  sha256_t hash;
  ssize_t got = 0;
  const int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  sha256_start(&hash);
  while ((got = read(file, part, sizeof part)) > 0) sha256_add(&hash, part, (uint32_t)got);
  sha256_end(&hash, out);
  (void)close(file);
  return got == 0 ? 0 : -1;
}
