/* Builds a line in a fixed buffer and shows it through the port. */
#include "trace.h"

#include "port.h"

#define LINE_BYTES 160u
#define DIGITS_MAX 10u

static char line[LINE_BYTES];
static uint32_t used;

static void put(char c) {
  if (used < LINE_BYTES) line[used++] = c;
}

void trace_start(const char *text) {
  used = 0;
  trace_text(text);
}

void trace_text(const char *text) {
  for (const char *at = text; *at != '\0'; at++) put(*at);
}

void trace_number(const char *label, uint32_t number) {
  char digits[DIGITS_MAX];
  uint32_t count = 0;
  uint32_t rest = number;
  do {
    digits[count++] = (char)('0' + (char)(rest % 10u));
    rest /= 10u;
  } while (rest != 0u);
  trace_text(label);
  while (count > 0u) put(digits[--count]);
}

void trace_hex(const uint8_t *data, uint32_t len) {
  static const char hex[] = "0123456789abcdef";
  for (uint32_t i = 0; i < len; i++) {
    put(hex[data[i] >> 4]);
    put(hex[data[i] & 15u]);
  }
}

void trace_end(void) { port_trace(line, used); }

void trace_line(const char *text) {
  trace_start(text);
  trace_end();
}
