/*
 * The lab firmware: the engine and the image of what is shipped, driven call by call over the UART, with instructions counted. For
 * `kanmon bench --board` and tests/boards/same-answers.test.ts (host/firmware/lab.ts speaks to it); never shipped.
 *
 * Request: command (u8), bytes of what follows (u32), those bytes, CRC-32 of all before (u32). Answer: status (u8, engine_status_t; 255:
 * the request is not understood), bytes (u32), instructions taken (u64), those bytes, CRC-32. Numbers are little-endian.
 *
 * | command     | request                          | answer                                                          |
 * |-------------|----------------------------------|-----------------------------------------------------------------|
 * | 'I' info    | –                                | engine, linear, C stack, its peak, pool's peak (u32 each), name  |
 * | 'E' erase   | address, bytes                   | – (of the data flash; status 0 or 1)                            |
 * | 'W' write   | address, data                    | –                                                               |
 * | 'R' read    | address, bytes                   | data                                                            |
 * | 'O' open    | bytes of the WASM in slot A, SHA-256 | –                                                           |
 * | 'B' begin   | micros (u64), random request     | result of start; keys and state are made anew if flash is blank |
 * | 'T' time    | micros (u64)                     | –                                                               |
 * | 'F' feed    | bytes of the line                | more (u8), then what the image sent; no bytes: polls only       |
 * | 'C' call    | export, four arguments           | result                                                          |
 * | 'P' put     | address in linear memory, data   | –                                                               |
 * | 'G' get     | address in linear memory, bytes  | data                                                            |
 * | 'N' native  | kernel, times, address in linear memory, width, height | result (lab-kernels.h)                    |
 * | 'X' trap    | –                                | text                                                            |
 */
#include <stdbool.h>
#include <string.h>

#include "board-config.h"
#include "bytes.h"
#include "crc32.h"
#include "engine.h"
#include "imports.h"
#include "keys.h"
#include "lab-kernels.h"
#include "lab-world.h"
#include "pool.h"
#include "port.h"
#include "sha256.h"
#include "slots.h"
#include "state.h"

#define HEAD_BYTES 5u
#define ANSWER_HEAD_BYTES 13u
#define PAYLOAD_BYTES 8192u
#define NOT_UNDERSTOOD 255u
#define INPUT_BYTES 4096u
#define PAINT 0xA5u
#define STACK_MARGIN 256u /* below what is in use, so that painting does not paint itself */

static uint8_t request[HEAD_BYTES + PAYLOAD_BYTES + 4u];
static uint8_t answer[ANSWER_HEAD_BYTES + 1u + LAB_SENT_BYTES + 4u];
static uint8_t *const out = &answer[ANSWER_HEAD_BYTES];
static uint32_t out_bytes;
static uint64_t instructions;

/* Where the C stack lies, if board.ld says so. */
extern uint8_t stack_bottom[] __attribute__((weak));
extern uint8_t stack_top[] __attribute__((weak));

static void paint_stack(void) {
  uint8_t *const now = __builtin_frame_address(0);
  if (stack_bottom == NULL) return;
  for (volatile uint8_t *at = stack_bottom; at < now - STACK_MARGIN; at++) *at = PAINT;
}

static uint32_t stack_peak(void) {
  const uint8_t *at = stack_bottom;
  if (stack_bottom == NULL) return 0;
  while (at < stack_top && *at == PAINT) at++;
  return (uint32_t)(stack_top - at);
}

static void read_bytes(uint8_t *to, uint32_t len) {
  for (uint32_t got = 0; got < len;) {
    const uint32_t came = port_serial_read(&to[got], len - got);
    got += came;
    if (came == 0u) port_idle();
  }
}

static void write_bytes(const uint8_t *from, uint32_t len) {
  for (uint32_t put = 0; put < len;) {
    const uint32_t taken = port_serial_write(&from[put], len - put);
    put += taken;
    if (taken == 0u) port_idle();
  }
}

static engine_status_t counted_call(uint32_t which, const uint32_t args[ENGINE_ARGUMENTS], uint32_t *result) {
  const uint64_t began = port_instructions();
  const engine_status_t status = engine_call((engine_export_t)which, args, result);
  instructions += port_instructions() - began;
  return status;
}

static void answer_u32(uint32_t value) {
  put32(&out[out_bytes], value);
  out_bytes += 4u;
}

static void info(void) {
  static const char name[] = BOARD_NAME;
  uint32_t linear = 0;
  (void)engine_memory(&linear);
  answer_u32(engine_id());
  answer_u32(linear);
  answer_u32(BOARD_C_STACK_BYTES);
  answer_u32(stack_peak());
  answer_u32(pool_peak());
  (void)memcpy(&out[out_bytes], name, sizeof name - 1u);
  out_bytes += sizeof name - 1u;
}

static engine_status_t begin(const uint8_t *payload, uint32_t *result) {
  const uint32_t geometry[ENGINE_ARGUMENTS] = {JOURNAL_BYTES, FLASH_SECTOR_BYTES, FLASH_UNIT_BYTES};
  lab_set_micros((uint64_t)get32(payload) | ((uint64_t)get32(&payload[4]) << 32));
  lab_set_random(0);
  if (state_start() != 0 || keys_start() != 0) return ENGINE_INVALID;
  lab_set_random(get32(&payload[8]));
  slots_running(SLOT_A);
  return counted_call(EXPORT_START, geometry, result);
}

static engine_status_t feed(const uint8_t *data, uint32_t len) {
  static const uint32_t none[ENGINE_ARGUMENTS] = {0};
  uint32_t input = 0;
  uint32_t more = 0;
  uint32_t bytes = 0;
  engine_status_t status = engine_call(EXPORT_RECEIVE_BUFFER, none, &input);
  if (status == ENGINE_OK && len != 0u) {
    const uint32_t args[ENGINE_ARGUMENTS] = {len};
    uint8_t *const memory = engine_memory(&bytes);
    if (len > INPUT_BYTES || len > bytes || input > bytes - len) return ENGINE_INVALID;
    (void)memcpy(&memory[input], data, len);
    status = counted_call(EXPORT_RECEIVE, args, NULL);
  }
  if (status == ENGINE_OK) status = counted_call(EXPORT_POLL, none, &more);
  const uint8_t *const sent = lab_sent(&bytes);
  out[0] = (uint8_t)more;
  (void)memcpy(&out[1], sent, bytes);
  out_bytes = 1u + bytes;
  return status;
}

/** The linear memory at `address`, or NULL if `len` bytes are not all in it. */
static uint8_t *linear(uint32_t address, uint32_t len) {
  uint32_t bytes = 0;
  uint8_t *const memory = engine_memory(&bytes);
  return (len <= bytes && address <= bytes - len) ? &memory[address] : NULL;
}

static engine_status_t native(const uint8_t *payload) {
  const uint32_t times = get32(&payload[4]);
  const uint32_t address = get32(&payload[8]);
  uint32_t bytes = 0;
  uint8_t *const memory = engine_memory(&bytes);
  if (address >= bytes) return ENGINE_INVALID;
  const uint64_t began = port_instructions();
  uint32_t result = 0;
  for (uint32_t i = 0; i < times; i++) {
    const lab_data_t data = {&memory[address], bytes - address, get32(&payload[12]), get32(&payload[16])};
    result = lab_kernel(get32(payload), &data);
  }
  instructions += port_instructions() - began;
  answer_u32(result);
  return ENGINE_OK;
}

static engine_status_t flash_command(uint8_t command, uint32_t address, const uint8_t *data, uint32_t len) {
  int32_t status = 0;
  if (command == 'E') {
    status = port_flash_erase(address, get32(data));
  } else if (command == 'W') {
    status = port_flash_write(address, data, len);
  } else {
    out_bytes = get32(data);
    if (out_bytes > PAYLOAD_BYTES) return ENGINE_INVALID;
    status = port_flash_read(address, out, out_bytes);
  }
  return status == 0 ? ENGINE_OK : ENGINE_INVALID;
}

static engine_status_t memory_command(uint8_t command, uint32_t address, const uint8_t *data, uint32_t len) {
  const uint32_t count = command == 'P' ? len : get32(data);
  uint8_t *const at = linear(address, count);
  if (at == NULL || count > PAYLOAD_BYTES) return ENGINE_INVALID;
  if (command == 'P') {
    (void)memcpy(at, data, count);
  } else {
    (void)memcpy(out, at, count);
    out_bytes = count;
  }
  return ENGINE_OK;
}

static engine_status_t open_image(uint32_t bytes, const uint8_t digest[32]) {
  imports_set_running(digest, SLOT_A, RESET_POWER, 0);
  const uint64_t began = port_instructions();
  const engine_status_t status = engine_open(port_flash_map(SLOT_A_ADDRESS), bytes, digest);
  instructions = port_instructions() - began;
  return status;
}

static engine_status_t call_command(const uint8_t *payload) {
  const uint32_t args[ENGINE_ARGUMENTS] = {get32(&payload[4]), get32(&payload[8]), get32(&payload[12]), get32(&payload[16])};
  uint32_t result = 0;
  const engine_status_t status = counted_call(get32(payload), args, &result);
  answer_u32(result);
  return status;
}

static engine_status_t begin_command(const uint8_t *payload) {
  uint32_t result = 0;
  const engine_status_t status = begin(payload, &result);
  answer_u32(result);
  return status;
}

/** Does what the request asks; `payload` has room behind it, so short requests read what was there before, and no more. */
static uint32_t serve(uint8_t command, const uint8_t *payload, uint32_t len) {
  const uint32_t first = get32(payload);
  const char *const trap = engine_trap();
  switch (command) {
    case 'I': info(); return ENGINE_OK;
    case 'E':
    case 'W':
    case 'R': return len < 4u ? NOT_UNDERSTOOD : (uint32_t)flash_command(command, first, &payload[4], len - 4u);
    case 'P':
    case 'G': return len < 4u ? NOT_UNDERSTOOD : (uint32_t)memory_command(command, first, &payload[4], len - 4u);
    case 'O': return len != 36u ? NOT_UNDERSTOOD : (uint32_t)open_image(first, &payload[4]);
    case 'B': return len != 12u ? NOT_UNDERSTOOD : (uint32_t)begin_command(payload);
    case 'T': lab_set_micros((uint64_t)first | ((uint64_t)get32(&payload[4]) << 32)); return ENGINE_OK;
    case 'F': return (uint32_t)feed(payload, len);
    case 'C': return len != 20u ? NOT_UNDERSTOOD : (uint32_t)call_command(payload);
    case 'N': return len != 20u ? NOT_UNDERSTOOD : (uint32_t)native(payload);
    case 'X':
      out_bytes = (uint32_t)strlen(trap);
      (void)memcpy(out, trap, out_bytes);
      return ENGINE_OK;
    default: return NOT_UNDERSTOOD;
  }
}

static void serve_next(void) {
  read_bytes(request, HEAD_BYTES);
  const uint32_t len = get32(&request[1]);
  uint32_t status = NOT_UNDERSTOOD;
  out_bytes = 0;
  instructions = 0;
  if (len <= PAYLOAD_BYTES) {
    read_bytes(&request[HEAD_BYTES], len + 4u);
    const bool whole = crc32(request, HEAD_BYTES + len) == get32(&request[HEAD_BYTES + len]);
    if (whole) status = serve(request[0], &request[HEAD_BYTES], len);
  }
  answer[0] = (uint8_t)status;
  put32(&answer[1], out_bytes);
  put32(&answer[5], (uint32_t)instructions);
  put32(&answer[9], (uint32_t)(instructions >> 32));
  put32(&out[out_bytes], crc32(answer, ANSWER_HEAD_BYTES + out_bytes));
  write_bytes(answer, ANSWER_HEAD_BYTES + out_bytes + 4u);
}

int main(void) {
  paint_stack();
  if (port_init() != 0) port_reset();
  for (;;) serve_next();
}
