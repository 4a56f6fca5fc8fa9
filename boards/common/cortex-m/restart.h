/* Restarts of any Cortex-M, and why the last one was: kept in RETAINED memory. Faults end here too. */
#ifndef KANMON_CORTEX_M_RESTART_H
#define KANMON_CORTEX_M_RESTART_H

#include <stdint.h>

/** Resets the processor; `reason` (RESET_… of port.h) is what restart_reason answers then. */
_Noreturn void restart(uint32_t reason);
/** Why the processor started; later calls answer RESET_POWER. */
uint32_t restart_reason(void);

/** Vector of every fault: reports it by port_trace and restarts, RESET_TRAP. */
void fault_handler(void);
/** Vector of a watchdog's interrupt: restarts, RESET_WATCHDOG. */
void watchdog_handler(void);

#endif
