/* What a host does with a board, from a start that is given. Each is run whole, then cut at every operation. */
#ifndef SCENARIOS_H
#define SCENARIOS_H

#include "device.h"

typedef struct {
  const char *name;
  /** Brings a blank board to where the scenario starts; NULL: it stays blank. */
  void (*prepare)(void);
  void (*run)(void);
  /** To what the board can be updated after a cut. */
  test_image_t after;
} scenario_t;

extern const scenario_t scenarios[];
extern const uint32_t scenarios_count;

#endif
