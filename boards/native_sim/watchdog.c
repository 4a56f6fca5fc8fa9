/*
 * The watchdog: a timer that counts its ticks since the last feed. Ticks are counted, not time, so that a process that was
 * stopped by job control or a debugger does not bite at once when it goes on.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/time.h>

#include "board-config.h"
#include "native.h"
#include "port.h"

#define TICKS 20u
#define TICK_US (BOARD_WATCHDOG_MS * 1000u / TICKS)

static volatile sig_atomic_t unfed;

static void tick(int signal_number) {
  (void)signal_number;
  unfed++;
  if (unfed > (sig_atomic_t)TICKS) restart_now(RESET_WATCHDOG);
}

int32_t port_watchdog_start(void) {
  struct sigaction action = {.sa_handler = tick, .sa_flags = SA_RESTART};
  const struct timeval period = {.tv_sec = TICK_US / 1000000u, .tv_usec = TICK_US % 1000000u};
  const struct itimerval timer = {.it_interval = period, .it_value = period};
  if (sigaction(SIGALRM, &action, NULL) != 0) return -1;
  return setitimer(ITIMER_REAL, &timer, NULL) == 0 ? 0 : -1;
}

void port_watchdog_feed(void) { unfed = 0; }
