/* Lines of the runner for engineers, put together without printf. One line at a time; what is too long is cut. */
#ifndef KANMON_TRACE_H
#define KANMON_TRACE_H

#include <stdint.h>

void trace_line(const char *text);

void trace_start(const char *text);
void trace_text(const char *text);
/** `label`, then the number in decimal. */
void trace_number(const char *label, uint32_t number);
void trace_hex(const uint8_t *data, uint32_t len);
void trace_end(void);

#endif
