/*
 * The runner: starts the board, lets boot choose an image, and then pumps: bytes of the line into the image, time to the image, and
 * answers out. Nothing of what the reader does is here. Whatever goes wrong in the image ends in a restart that is told: the reason
 * and the count are kept in RETAINED memory. An image that keeps crashing is left for another, in the end for the recovery image.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "board-config.h"
#include "boot.h"
#include "engine.h"
#include "imports.h"
#include "keys.h"
#include "port.h"
#include "random.h"
#include "restarts.h"
#include "slots.h"
#include "state.h"
#include "trace.h"

/* Most bytes that `receive` takes (assembly/link/buffers.ts). */
#define INPUT_BYTES 4096u
/* The image has deadlines of its own: it is polled so often even if nothing comes. */
#define IDLE_POLL_US 10000u
/* An image that ran so long without a trap works: what it did before is forgiven. */
#define SETTLED_US 1000000u
/* Between restarts when even the recovery image crashes. */
#define PAUSE_US 1000000u

static const uint32_t none[ENGINE_ARGUMENTS] = {0};

/** Ends the image and restarts. Nothing of what it held stays in memory. */
static _Noreturn void restart(void) {
  engine_close();
  port_serial_flush();
  port_reset();
}

/** The image cannot go on: `what` failed, because of `why`. */
static _Noreturn void crash(const char *what, const char *why, uint32_t slot) {
  engine_close();
  restarts_crash(slot);
  trace_start("the image crashed in ");
  trace_text(what);
  trace_text(": ");
  trace_text(why);
  trace_number(", crashes since power-on: ", restarts_traps());
  trace_end();
  if (slot == SLOT_NONE && restarts_crashed_often(slot)) {
    const uint64_t until = port_micros() + PAUSE_US;
    while (port_micros() < until) {
      port_watchdog_feed();
      port_idle();
    }
  }
  restart();
}

/** Calls an export; a trap ends in a restart. */
static uint32_t call(engine_export_t which, const char *name, const uint32_t args[ENGINE_ARGUMENTS], uint32_t slot) {
  uint32_t result = 0;
  const engine_status_t status = engine_call(which, args, &result);
  if (status != ENGINE_OK) crash(name, status == ENGINE_TRAP ? engine_trap() : "it cannot be called", slot);
  return result;
}

static const char *refusal(engine_status_t status) {
  const char *why = engine_trap();
  switch (status) {
    case ENGINE_INVALID: why = "not an image that this engine runs"; break;
    case ENGINE_MISMATCH: why = "this firmware was compiled from another image"; break;
    case ENGINE_MEMORY: why = "it does not fit this board's memory"; break;
    case ENGINE_OK:
    case ENGINE_TRAP:
    default: break;
  }
  return why;
}

/** What a board without keys, random numbers or flash can still do is told: the image answers info, and signs nothing. */
static void start_services(void) {
  if (state_start() != 0) trace_line("the state partition cannot be read");
  if (random_start() != 0) trace_line("the source of random numbers failed");
  if (keys_start() != 0) trace_line("the device's keys are damaged, or could not be made: nothing is signed");
}

static void tell_choice(const boot_choice_t *choice, uint32_t reason) {
  static const char *const reasons[] = {"power", "a restart asked for", "a crash", "the watchdog"};
  trace_start("kanmon on " BOARD_NAME ", started by ");
  trace_text(reason < sizeof reasons / sizeof reasons[0] ? reasons[reason] : "something unknown");
  if (choice->slot == SLOT_NONE) {
    trace_text(", recovery image ");
  } else {
    trace_text(choice->slot == SLOT_A ? ", slot A " : ", slot B ");
    trace_number("version ", choice->facts.major);
    trace_number(".", choice->facts.minor);
    trace_number(".", choice->facts.revision);
    trace_number("+", choice->facts.build);
    trace_text(" ");
  }
  trace_hex(choice->digest, 8);
  if (choice->facts.development) trace_text(", SIGNED WITH A DEVELOPMENT KEY");
  trace_end();
}

/** Boots and starts the image. Returns the slot it came from. */
static uint32_t start_image(uint32_t reason) {
  static boot_choice_t choice;
  const uint32_t geometry[ENGINE_ARGUMENTS] = {JOURNAL_BYTES, FLASH_SECTOR_BYTES, FLASH_UNIT_BYTES};
  if (boot_choose(restarts_avoid(), &choice) != 0) trace_line("boot could not read or write its state");
  tell_choice(&choice, reason);
  slots_running(choice.slot);
  imports_set_running(choice.digest, choice.slot, reason, restarts_traps());
  restarts_running(choice.slot);
  if (port_watchdog_start() != 0) trace_line("the watchdog does not run");
  const engine_status_t opened = engine_open(choice.wasm, choice.wasm_bytes, choice.digest);
  if (opened != ENGINE_OK) {
    restarts_avoid_slot(choice.slot);
    crash("loading", refusal(opened), choice.slot);
  }
  const uint32_t state = call(EXPORT_START, "start", geometry, choice.slot);
  if (state != 0u) {
    trace_start("the image answers only info");
    trace_number(", state ", state);
    trace_end();
  }
  return choice.slot;
}

/** Gives the image what came. Returns the count of bytes. */
static uint32_t receive(uint32_t input, uint32_t slot) {
  uint32_t bytes = 0;
  uint8_t *memory = engine_memory(&bytes);
  if (bytes < INPUT_BYTES || input > bytes - INPUT_BYTES) crash("receive", TRAP_BOUNDS, slot);
  const uint32_t args[ENGINE_ARGUMENTS] = {port_serial_read(&memory[input], INPUT_BYTES)};
  if (args[0] != 0u) (void)call(EXPORT_RECEIVE, "receive", args, slot);
  return args[0];
}

static _Noreturn void pump(uint32_t slot) {
  const uint32_t input = call(EXPORT_RECEIVE_BUFFER, "receive_buffer", none, slot);
  const uint64_t began = port_micros();
  uint64_t polled = 0;
  bool settled = false;
  bool more = true;
  for (;;) {
    port_watchdog_feed();
    /* While answers wait for the line nothing new is taken: its answer would find no room. */
    const bool waiting = more && imports_line_full();
    const uint32_t came = waiting ? 0u : receive(input, slot);
    const uint64_t now = port_micros();
    if (came != 0u || more || now - polled >= IDLE_POLL_US) {
      more = call(EXPORT_POLL, "poll", none, slot) == 1u;
      polled = now;
    }
    if (imports_reset_wanted()) {
      restarts_requested();
      restart();
    }
    if (!settled && now - began >= SETTLED_US) {
      settled = true;
      restarts_settled(slot);
    }
    if (came == 0u && (!more || imports_line_full())) port_idle(); /* until the line has room, or something comes */
  }
}

int main(void) {
  if (port_init() != 0) {
    trace_line("the board failed to start");
    port_reset();
  }
  engine_close(); /* after a watchdog's reset, what the image held is still there */
  const uint32_t reason = restarts_start(port_reset_reason());
  start_services();
  pump(start_image(reason));
}
