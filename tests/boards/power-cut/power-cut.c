/*
 * The proof: each scenario is run whole, then cut at every operation in every way, and after each cut the board must boot what it
 * must, with nothing lost, and take an update. Some cuts are followed by a second one: in the boot that follows, or in that update.
 * Prints one JSON object; the exit status is 1 if anything did not hold.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake-flash.h"
#include "scenarios.h"

/* Of so many cuts one is followed by a second one in the boot, and one by a second one in the update. */
#define SECOND_CUT_EVERY 11u
#define KEYS_ROUNDS 400u

typedef struct {
  flash_t flash;
  expected_t expected;
} snapshot_t;

static struct {
  uint32_t operations;
  uint32_t cuts;
  uint32_t second_cuts;
  uint32_t bricked;
} count;
static char first_breach[256];

static void keep(snapshot_t *to) {
  to->flash = flash;
  to->expected = expected;
}

static void restore(const snapshot_t *from) {
  flash = from->flash;
  expected = from->expected;
}

/* Runs until it is done (true) or cut. */
static bool run_cut(void (*run)(void), uint32_t at, tear_t tear, uint32_t seed) {
  flash_arm(at, tear, seed);
  if (setjmp(flash_cut) != 0) return false;
  run();
  return true;
}

static const scenario_t *scenario;

static void recover(void) {
  power_on();
}

/* What is unstable shows itself at the second power-on. */
static void complete(void) {
  power_on();
  power_on();
  update_to(scenario->after);
}

static void judge(uint32_t at, tear_t tear, const char *when) {
  const char *what = broken != NULL ? broken : flash_fault;
  if (what == NULL) return;
  count.bricked++;
  if (first_breach[0] == '\0') {
    (void)snprintf(first_breach, sizeof first_breach, "%s: cut at operation %u, tear %u, %s: %s", scenario->name, at, tear, when, what);
  }
  broken = NULL;
  flash_fault = NULL;
}

/* After a cut: boots and completes an update; for a sample of the cuts, is cut once more in either. */
static void after_cut(uint32_t at, tear_t tear, uint32_t seed) {
  static snapshot_t torn;
  static void (*const LATER[2])(void) = {recover, complete};
  keep(&torn);
  for (uint32_t i = 0; i < 2u; i++) {
    if ((seed + i) % SECOND_CUT_EVERY != 0u) continue;
    (void)run_cut(LATER[i], 0, TEAR_BEFORE, seed);
    const uint32_t operations = flash_operations;
    judge(at, tear, "then counting");
    restore(&torn);
    if (operations == 0u) continue;
    const tear_t second = (tear_t)((seed / 7u) % TEARS);
    if (!run_cut(LATER[i], 1u + (seed * 31u) % operations, second, seed)) count.second_cuts++;
    (void)run_cut(complete, 0, TEAR_BEFORE, seed + 1u);
    judge(at, tear, i == 0u ? "and again in the boot after it" : "and again in the update after it");
    restore(&torn);
  }
  (void)run_cut(complete, 0, TEAR_BEFORE, seed);
  judge(at, tear, "once");
}

static void prove(const scenario_t *which) {
  static snapshot_t start;
  scenario = which;
  flash_blank();
  expected_blank();
  if (which->prepare != NULL) (void)run_cut(which->prepare, 0, TEAR_BEFORE, 1);
  keep(&start);
  (void)run_cut(which->run, 0, TEAR_BEFORE, 1);
  const uint32_t operations = flash_operations;
  judge(0, TEAR_BEFORE, "not cut at all");
  for (uint32_t at = 1; at <= operations; at++) {
    for (uint32_t tear = 0; tear < TEARS; tear++) {
      const uint32_t seed = at * TEARS + tear;
      restore(&start);
      (void)run_cut(which->run, at, (tear_t)tear, seed);
      judge(at, (tear_t)tear, "before it");
      after_cut(at, (tear_t)tear, seed);
      count.cuts++;
    }
  }
  count.operations += operations;
}

static void start_again(void) {
  for (uint32_t i = 0; i < 4u; i++) power_on();
}

/*
 * Keys are made once and never again, so their few operations are cut many times over, twice in a row, and read in many ways. Where two
 * torn entries of the state in a row leave it writing is not the question here (docs/boot.md, "Not covered").
 */
static void prove_keys(void) {
  static const scenario_t FIRST = {"keys made", NULL, power_on, IMAGE_V1};
  scenario = &FIRST;
  for (uint32_t seed = 1; seed <= KEYS_ROUNDS; seed++) {
    for (uint32_t at = 1; at <= 6u; at++) {
      flash_blank();
      expected_blank();
      (void)run_cut(power_on, at, TEAR_UNSTABLE, seed * 8u + at);
      (void)run_cut(power_on, seed % 8u, TEAR_UNSTABLE, seed * 8u + at + 1u);
      (void)run_cut(start_again, 0, TEAR_BEFORE, seed * 8u + at + 2u);
      flash_fault = NULL;
      judge(at, TEAR_UNSTABLE, "and again in the next start");
    }
  }
}

int main(int argc, char **argv) {
  flash_ecc = argc > 2 && strcmp(argv[2], "ecc") == 0;
  if (argc < 2 || !images_load(argv[1])) return 2;
  for (uint32_t i = 0; i < scenarios_count; i++) prove(&scenarios[i]);
  prove_keys();
  (void)printf("{\"sector\":%u,\"unit\":%u,\"scenarios\":%u,\"operations\":%u,\"cuts\":%u,\"second_cuts\":%u,\"bricked\":%u,\"first\":\"%s\"}\n",
               FLASH_SECTOR_BYTES, FLASH_UNIT_BYTES, scenarios_count, count.operations, count.cuts, count.second_cuts, count.bricked, first_breach);
  return count.bricked == 0u ? 0 : 1;
}
