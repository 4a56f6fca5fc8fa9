/* See host.h. SMP version 2 in COBS frames with CRC-32 (docs/architecture.md, "The link"); answers are searched for what is needed. */
#include "host.h"

#include <string.h>

#include "bytes.h"
#include "crc32.h"

#define CHUNK 1500u
#define HEADER 8u
#define MESSAGE_MAX 2048u

typedef enum { ASK, UPLOAD, TRY, CONFIRM, RESTART, DONE } step_t;

static step_t step;
static test_image_t target;
static uint8_t request[MESSAGE_MAX + 64u];
static uint32_t request_bytes;
static uint32_t request_sent;
static uint8_t answer[MESSAGE_MAX * 2u]; /* a frame, then the message in it */
static uint32_t answer_bytes;

static uint32_t put_text(uint8_t *at, const char *text) {
  const uint32_t len = (uint32_t)strlen(text);
  at[0] = (uint8_t)(0x60u + len);
  memcpy(at + 1, text, len);
  return len + 1u;
}

/* A CBOR head with a 32-bit number: 0x1a unsigned, 0x5a bytes. */
static uint32_t put_head(uint8_t *at, uint8_t type, uint32_t value) {
  at[0] = type;
  for (uint32_t i = 0; i < 4u; i++) at[1u + i] = (uint8_t)(value >> (24u - 8u * i));
  return 5;
}

static uint32_t put_bytes(uint8_t *at, const uint8_t *data, uint32_t len) {
  (void)put_head(at, 0x5A, len);
  memcpy(at + 5, data, len);
  return len + 5u;
}

/* COBS (Cheshire and Baker 1999). */
static uint32_t cobs(const uint8_t *data, uint32_t len, uint8_t *out) {
  uint32_t code_at = 0;
  uint32_t at = 1;
  for (uint32_t i = 0; i < len; i++) {
    if (data[i] != 0u) out[at++] = data[i];
    if (data[i] == 0u || at - code_at == 255u) {
      out[code_at] = (uint8_t)(at - code_at);
      code_at = at++;
    }
  }
  out[code_at] = (uint8_t)(at - code_at);
  return at;
}

static uint32_t uncobs(const uint8_t *data, uint32_t len, uint8_t *out) {
  uint32_t made = 0;
  uint32_t at = 0;
  while (at < len) {
    const uint32_t code = data[at++];
    for (uint32_t i = 1; i < code && at < len; i++) out[made++] = data[at++];
    if (code < 255u && at < len) out[made++] = 0;
  }
  return made;
}

/* Frames the message whose CBOR map of `len` bytes begins behind the header. */
static void send(uint8_t *message, uint32_t len, uint8_t operation, uint8_t group, uint8_t id) {
  static uint8_t sequence;
  const uint8_t header[HEADER] = {(uint8_t)(0x08u | operation), 0, (uint8_t)(len >> 8), (uint8_t)len, 0, group, sequence++, id};
  memcpy(message, header, HEADER);
  put32(message + HEADER + len, crc32(message, HEADER + len));
  request[0] = 0;
  request_bytes = 1u + cobs(message, HEADER + len + 4u, request + 1);
  request[request_bytes++] = 0;
  request_sent = 0;
}

static const uint8_t *hash_of(test_image_t image) {
  return &images[image].bytes[images[image].len - 136u];
}

static void send_upload(uint32_t offset) {
  static uint8_t message[MESSAGE_MAX];
  const test_image_file_t *file = &images[target];
  const uint32_t left = file->len - offset;
  uint32_t at = HEADER;
  message[at++] = offset == 0u ? 0xA4 : 0xA2;
  at += put_text(&message[at], "off");
  at += put_head(&message[at], 0x1A, offset);
  if (offset == 0u) {
    at += put_text(&message[at], "len");
    at += put_head(&message[at], 0x1A, file->len);
    at += put_text(&message[at], "sha");
    at += put_bytes(&message[at], file->sha, 32);
  }
  at += put_text(&message[at], "data");
  at += put_bytes(&message[at], &file->bytes[offset], left < CHUNK ? left : CHUNK);
  send(message, at - HEADER, 2, 1, 1);
}

static void begin(step_t next) {
  static uint8_t message[256];
  uint32_t at = HEADER + 1u;
  step = next;
  message[HEADER] = next == TRY || next == CONFIRM ? 0xA1 : 0xA0;
  switch (next) {
    case UPLOAD: send_upload(0); break;
    case TRY:
      expected.may_boot |= 1u << target;
      at += put_text(&message[at], "hash");
      at += put_bytes(&message[at], hash_of(target), 32);
      send(message, at - HEADER, 2, 1, 0);
      break;
    case CONFIRM:
      expected.may_boot |= 1u << target;
      at += put_text(&message[at], "confirm");
      message[at++] = 0xF5;
      send(message, at - HEADER, 2, 1, 0);
      break;
    case RESTART: send(message, 1, 2, 0, 5); break;
    case ASK: send(message, 1, 0, 1, 0); break;
    case DONE:
    default: break;
  }
}

void host_start(test_image_t image) {
  target = image;
  answer_bytes = 0;
  begin(ASK);
}

/* What stands behind `what` in `len` bytes, or NULL. */
static const uint8_t *behind(const uint8_t *data, uint32_t len, const void *what, uint32_t what_len) {
  for (uint32_t i = 0; i + what_len < len; i++) {
    if (memcmp(&data[i], what, what_len) == 0) return &data[i + what_len];
  }
  return NULL;
}

static bool flag(const uint8_t *from, const uint8_t *end, const char *name) {
  const uint8_t *at = behind(from, (uint32_t)(end - from), name, (uint32_t)strlen(name));
  return at != NULL && *at == 0xF5u;
}

/* An unsigned number of CBOR. */
static uint32_t number(const uint8_t *at) {
  if (at[0] == 0x18u) return at[1];
  if (at[0] == 0x19u) return ((uint32_t)at[1] << 8) | at[2];
  return at[0] == 0x1Au ? ((uint32_t)at[1] << 24) | ((uint32_t)at[2] << 16) | ((uint32_t)at[3] << 8) | at[4] : at[0];
}

static void handle(const uint8_t *map, uint32_t len) {
  const uint8_t *end = map + len;
  const bool refused = behind(map, len, "\x62rc", 3) != NULL;
  const uint8_t *mine = behind(map, len, hash_of(target), 32);
  const uint8_t *offset = behind(map, len, "\x63off", 4);
  switch (step) {
    case ASK:
      if (mine == NULL || !flag(mine, end, "active")) begin(UPLOAD);
      else begin(flag(mine, end, "confirmed") ? DONE : CONFIRM);
      break;
    case UPLOAD:
      if (refused || offset == NULL) begin(RESTART); /* no slot is free while another is on trial */
      else if (number(offset) == images[target].len) begin(TRY);
      else send_upload(number(offset));
      break;
    case TRY:
      if (refused) breach("an image that arrived whole was not taken for a trial");
      begin(RESTART);
      break;
    case CONFIRM:
      if (refused) breach("a confirmation was refused");
      begin(ASK);
      break;
    case RESTART:
    case DONE:
    default: break;
  }
}

uint32_t host_read(uint8_t *out, uint32_t len) {
  const uint32_t left = request_bytes - request_sent;
  const uint32_t given = left < len ? left : len;
  memcpy(out, &request[request_sent], given);
  request_sent += given;
  return given;
}

void host_take(const uint8_t *data, uint32_t len) {
  static uint8_t message[MESSAGE_MAX * 2u];
  for (uint32_t i = 0; i < len; i++) {
    if (data[i] != 0u) {
      if (answer_bytes < sizeof answer) answer[answer_bytes++] = data[i];
      continue;
    }
    const uint32_t made = uncobs(answer, answer_bytes, message);
    answer_bytes = 0;
    if (made < HEADER + 5u) continue;
    if (get32(&message[made - 4u]) != crc32(message, made - 4u)) breach("the board's answer is damaged");
    handle(&message[HEADER], made - 4u - HEADER);
  }
}

bool host_is_done(void) {
  return step == DONE;
}
