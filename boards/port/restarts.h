/*
 * What is remembered of restarts while there is power: why the last one was, how many crashes there were, and which images crash
 * again and again. A watchdog's reset, and a fault of the CPU, count as a crash of the image that ran.
 */
#ifndef KANMON_RESTARTS_H
#define KANMON_RESTARTS_H

#include <stdbool.h>
#include <stdint.h>

/** To be called first, with what the port says. Returns why the board started: RESET_…. */
uint32_t restarts_start(uint32_t hardware_reason);
/** Crashes since power-on, 255 at most. */
uint32_t restarts_traps(void);
/** Slots, as bits, that crashed three times in a row without having settled: not to be booted. */
uint32_t restarts_avoid(void);
bool restarts_crashed_often(uint32_t slot);

/** The image of this slot is about to run. */
void restarts_running(uint32_t slot);
/** It ran for a while without a crash: earlier ones are forgiven. */
void restarts_settled(uint32_t slot);
/** It crashed: the next start is told so. */
void restarts_crash(uint32_t slot);
/** It cannot run on this board: not to be tried again before the next power-on. */
void restarts_avoid_slot(uint32_t slot);
/** It asked for a restart. */
void restarts_requested(void);

#endif
