/*
 * The same proof over the link: the whole runner (run.c) with wasm3 and images that speak SMP, updated by a host. Power is cut at every
 * operation of an installation on a blank board and of an update; the host then begins anew, and must succeed.
 */
#define _GNU_SOURCE /* memmem */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "fake-flash.h"
#include "host.h"
#include "port.h"

int runner_main(void);
int32_t __real_boot_choose(uint32_t avoid, boot_choice_t *choice);
int32_t __wrap_boot_choose(uint32_t avoid, boot_choice_t *choice);

enum { CUT = 1, RESTARTED, FINISHED };
#define RESTARTS_MAX 12u
#define IDLE_MAX 2000u

static uint32_t reason;
static uint32_t idle;
static uint64_t micros;
static struct {
  uint32_t operations;
  uint32_t cuts;
  uint32_t second_cuts;
  uint32_t bricked;
  char first[256];
} count;

int32_t __wrap_boot_choose(uint32_t avoid, boot_choice_t *choice) {
  const int32_t status = __real_boot_choose(avoid, choice);
  if (status != 0) breach("boot failed");
  observe(choice);
  return status;
}

int32_t port_init(void) { return 0; }
uint32_t port_reset_reason(void) { return reason; }
uint32_t port_serial_read(uint8_t *out, uint32_t len) {
  if (host_is_done()) longjmp(flash_cut, FINISHED);
  const uint32_t given = host_read(out, len);
  if (given != 0u) idle = 0;
  return given;
}
uint32_t port_serial_write(const uint8_t *data, uint32_t len) {
  host_take(data, len);
  return len;
}
void port_serial_flush(void) {}
void port_idle(void) {
  micros += 1000u;
  if (++idle < IDLE_MAX) return;
  breach("the board does not answer");
  longjmp(flash_cut, FINISHED);
}
uint64_t port_micros(void) { return micros += 10u; }
int32_t port_entropy(uint8_t *out, uint32_t len) {
  static uint8_t next;
  for (uint32_t i = 0; i < len; i++) out[i] = next += 37u;
  return 0;
}
int32_t port_watchdog_start(void) { return 0; }
void port_watchdog_feed(void) {}
_Noreturn void port_reset(void) { longjmp(flash_cut, RESTARTED); }
void port_trace(const char *text, uint32_t len) {
  if (memmem(text, len, "crashed", 7) != NULL) breach("the image crashed");
}
uint64_t port_instructions(void) { return 0; }

/* Powers on and updates until it is done (true) or power is cut. */
static bool update(test_image_t target, uint32_t at, tear_t tear, uint32_t seed) {
  static volatile uint32_t restarts;
  restarts = 0;
  reason = RESET_POWER;
  flash_arm(at, tear, seed);
  flash_power_on();
  for (;;) {
    idle = 0;
    host_start(target);
    const int why = setjmp(flash_cut);
    if (why == 0) (void)runner_main();
    if (why == CUT) return false;
    if (why == FINISHED) break;
    reason = RESET_REQUESTED;
    if (++restarts > RESTARTS_MAX) {
      breach("the board restarts without end");
      break;
    }
  }
  if (booted != target) breach("the update is not what runs");
  expected.may_boot = 1u << target;
  if (images[target].security > expected.security) expected.security = images[target].security;
  return true;
}

static void judge(const char *name, uint32_t at, tear_t tear) {
  const char *what = broken != NULL ? broken : flash_fault;
  if (what == NULL) return;
  count.bricked++;
  if (count.first[0] == '\0') (void)snprintf(count.first, sizeof count.first, "%s: cut at operation %u, tear %u: %s", name, at, tear, what);
  broken = NULL;
  flash_fault = NULL;
}

/*
 * Updates to `target` from what the flash is, cut at each operation in `ways` of the ways, in turn; then cut once more in what follows.
 */
static void prove(const char *name, test_image_t target, uint32_t ways) {
  static flash_t start;
  const expected_t before = expected;
  start = flash;
  (void)update(target, 0, TEAR_BEFORE, 1);
  const uint32_t operations = flash_operations;
  judge(name, 0, TEAR_BEFORE);
  for (uint32_t at = 1; at <= operations; at++) {
    for (uint32_t way = 0; way < ways; way++) {
      const uint32_t tear = (at * ways + way) % TEARS;
      const uint32_t seed = at * TEARS + tear;
      flash = start;
      expected = before;
      (void)update(target, at, (tear_t)tear, seed);
      if (!update(target, 1u + seed % operations, (tear_t)(seed % TEARS), seed)) count.second_cuts++;
      (void)update(target, 0, TEAR_BEFORE, seed);
      judge(name, at, (tear_t)tear);
      count.cuts++;
    }
  }
  count.operations += operations;
}

int main(int argc, char **argv) {
  if (argc < 2 || !images_load(argv[1])) return 2;
  flash_blank();
  expected_blank();
  prove("installation", IMAGE_V1, TEARS);
  prove("update", IMAGE_V2, TEARS);
  prove("update to the reader's image", IMAGE_V3, 2);
  (void)printf("{\"scenarios\":3,\"operations\":%u,\"cuts\":%u,\"second_cuts\":%u,\"bricked\":%u,\"first\":\"%s\"}\n", count.operations,
               count.cuts, count.second_cuts, count.bricked, count.first);
  return count.bricked == 0u ? 0 : 1;
}
