/*
 * The command line: [--flash] FILE [--link NAME] [--sync]. main belongs to the runner, so it is read from /proc. After a restart
 * one more argument, --restarted=PTY,RETAINED, names the file descriptors that were kept.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "native.h"

#define COMMAND_BYTES 8192
#define RESTARTED "--restarted="

static const char usage[] = "usage: native_sim [--flash] FILE [--link NAME] [--sync]";
static char command[COMMAND_BYTES];
static arguments_t given = {.pty = -1, .retained = -1};

/** The arguments, each ending in NUL. Returns their bytes. */
static size_t read_command(void) {
  size_t used = 0;
  ssize_t got = 0;
  const int file = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
  if (file < 0) fail(EXIT_DEVICE, "/proc is not mounted", NULL);
  while (used < COMMAND_BYTES - 1 && (got = read(file, &command[used], COMMAND_BYTES - 1 - used)) > 0) {
    used += (size_t)got;
  }
  (void)close(file);
  if (used == COMMAND_BYTES - 1) fail(EXIT_USAGE, "the command line is too long", NULL);
  return used;
}

static void take_restarted(const char *text) {
  char *end = NULL;
  given.pty = (int)strtol(text, &end, 10);
  given.retained = *end == ',' ? (int)strtol(end + 1, &end, 10) : -1;
  if (*end != '\0' || given.pty < 0 || given.retained < 0) fail(EXIT_USAGE, usage, NULL);
}

static void set_once(const char **option, const char *value) {
  if (*option != NULL || *value == '\0') fail(EXIT_USAGE, usage, NULL);
  *option = value;
}

const arguments_t *arguments_given(void) { return &given; }

const arguments_t *arguments_read(void) {
  const size_t bytes = read_command();
  const char **wanted = NULL; /* the option whose value comes next */
  for (const char *at = &command[strlen(command) + 1]; at < &command[bytes]; at += strlen(at) + 1) {
    if (wanted != NULL) {
      set_once(wanted, at);
      wanted = NULL;
    } else if (strcmp(at, "--flash") == 0) {
      wanted = &given.flash;
    } else if (strcmp(at, "--link") == 0) {
      wanted = &given.link;
    } else if (strcmp(at, "--sync") == 0) {
      given.sync = true;
    } else if (strncmp(at, RESTARTED, sizeof RESTARTED - 1) == 0) {
      take_restarted(&at[sizeof RESTARTED - 1]);
    } else if (at[0] != '-') {
      set_once(&given.flash, at);
    } else {
      fail(EXIT_USAGE, usage, at);
    }
  }
  if (wanted != NULL || given.flash == NULL) fail(EXIT_USAGE, usage, NULL);
  return &given;
}
