/*
 * The line: the master side of a pseudo-terminal. The slave side is not kept open, so that this side sees whether a host is there:
 * without one, what is sent is lost, as on a UART that nobody is connected to.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "native.h"
#include "port.h"

#define IDLE_MS 1

static int master = -1;
static const char *volatile link_name; /* while it exists */
static bool connected;
static bool full; /* the last write did not take all */

/* No echo, no translation. The kernel forgets this whenever the last host leaves. */
static void make_raw(void) {
  struct termios line;
  if (tcgetattr(master, &line) != 0) return;
  cfmakeraw(&line);
  (void)tcsetattr(master, TCSANOW, &line);
}

static void make_link(const char *target, const char *name) {
  struct stat there;
  if (lstat(name, &there) == 0 && S_ISLNK(there.st_mode)) (void)unlink(name);
  if (symlink(target, name) != 0) fail(EXIT_INPUT, name, strerror(errno));
}

static void pty_new(const char *link) {
  char name[64];
  master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
  const bool opened = master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0;
  if (!opened || ptsname_r(master, name, sizeof name) != 0) fail(EXIT_DEVICE, "no pseudo-terminal", strerror(errno));
  /* Opened once and closed: from now on the kernel tells whether a host is there. */
  const int slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (slave < 0) fail(EXIT_DEVICE, name, strerror(errno));
  (void)close(slave);
  if (link != NULL) make_link(name, link);
  link_name = link;
  if (printf("pty %s\n", name) < 0 || fflush(stdout) != 0) fail(EXIT_DEVICE, "stdout", strerror(errno));
}

void pty_open(int inherited, const char *link) {
  if (inherited >= 0) {
    master = inherited;
    link_name = link;
  } else {
    pty_new(link);
  }
}

int pty_descriptor(void) { return master; }

void pty_unlink(void) {
  if (link_name != NULL) (void)unlink(link_name);
}

uint32_t port_serial_read(uint8_t *out, uint32_t len) {
  const ssize_t got = read(master, out, len);
  /* EIO: nobody has the other side open. */
  const bool now = got > 0 || (got < 0 && errno != EIO);
  if (now && !connected) make_raw();
  connected = now;
  return got > 0 ? (uint32_t)got : 0u;
}

uint32_t port_serial_write(const uint8_t *data, uint32_t len) {
  full = false;
  if (!connected) return len;
  const ssize_t put = write(master, data, len);
  if (put < 0 && errno == EIO) return len;
  const uint32_t taken = put > 0 ? (uint32_t)put : 0u;
  full = taken < len;
  return taken;
}

/* What was written is the kernel's, and outlives a restart. */
void port_serial_flush(void) {}

void port_idle(void) {
  struct pollfd line = {.fd = master, .events = full ? POLLOUT : POLLIN};
  /* Without a host, poll would return at once, and tell so. */
  const nfds_t watched = connected ? 1 : 0;
  (void)poll(&line, watched, IDLE_MS);
}
