/*
 * The operations of WebAssembly (core specification 1.0, chapter 4) that wasm2c leaves to its runtime, for 32-bit processors. Included
 * once by each module's generated C (host/firmware/aot.ts), which defines MEMORY_MINIMUM and MEMORY_MAXIMUM (pages) and DEPTH_MAXIMUM.
 *
 * Memory: its place and size are static variables whose address is never taken, so that compilers keep them in registers across stores.
 * The bounds check is one comparison of 32 bits: an access of `width` at `address + offset` is inside if
 * `address <= size - (offset + width)`, where the right side cannot wrap, as memory never shrinks below its first size.
 */
#ifndef KANMON_AOT_OPS_H
#define KANMON_AOT_OPS_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "aot.h"
#include "board-config.h"
#include "imports.h"
#include "pool.h"

typedef uint8_t u8;
typedef int8_t s8;
typedef uint16_t u16;
typedef int16_t s16;
typedef uint32_t u32;
typedef int32_t s32;
typedef uint64_t u64;
typedef int64_t s64;
typedef float f32;
typedef double f64;

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "linear memory is little-endian");

#define UNLIKELY(x) __builtin_expect((x) ? 1 : 0, 0)
#define PAGE_BYTES 65536u

static u8 *memory;
static u32 memory_size;

/* ---- memory ---- */

/* With what compilers cannot know of it: many checks of accesses to tables are then decided when they compile. */
static inline __attribute__((always_inline)) u32 size_now(void) {
  const u32 size = memory_size;
  if (size < MEMORY_MINIMUM * PAGE_BYTES || size > MEMORY_MAXIMUM * PAGE_BYTES) __builtin_unreachable();
  return size;
}

#define OUTSIDE(address, offset, width)                                              \
  (((offset) <= (MEMORY_MINIMUM * PAGE_BYTES - (width)))                             \
       ? ((address) > (size_now() - ((offset) + (width))))                          \
       : (((u64)(address) + (offset) + (width)) > memory_size))

#define CHECK(address, offset, width)            \
  do {                                           \
    if (UNLIKELY(OUTSIDE(address, offset, width))) \
      aot_trap(AOT_TRAP_BOUNDS);                 \
  } while (0)

/* Of several accesses at once (host/firmware/aot-bounds.ts), which are then …_inside. */
#define CHECK_RANGE(address, span) CHECK((u32)(address), 0u, span)

/* `offset` is a constant of the instruction; the compiler must see it as such. */
#define LOAD(name, in_memory, extended, result)                                       \
  static inline __attribute__((always_inline)) result name##_inside(u32 address, u32 offset) { \
    in_memory value;                                                                  \
    memcpy(&value, memory + (u32)(address + offset), sizeof value);                   \
    return (result)(extended)value;                                                   \
  }                                                                                   \
  static inline __attribute__((always_inline)) result name(u32 address, u32 offset) { \
    CHECK(address, offset, (u32)sizeof(in_memory));                                   \
    return name##_inside(address, offset);                                            \
  }
#define STORE(name, in_memory, operand)                                                           \
  static inline __attribute__((always_inline)) void name##_inside(u32 address, u32 offset, operand value) { \
    const in_memory wrapped = (in_memory)value;                                                   \
    memcpy(memory + (u32)(address + offset), &wrapped, sizeof wrapped);                           \
  }                                                                                               \
  static inline __attribute__((always_inline)) void name(u32 address, u32 offset, operand value) { \
    CHECK(address, offset, (u32)sizeof(in_memory));                                               \
    name##_inside(address, offset, value);                                                        \
  }

LOAD(i32_load, u32, u32, u32)
LOAD(i64_load, u64, u64, u64)
LOAD(f32_load, f32, f32, f32)
LOAD(f64_load, f64, f64, f64)
LOAD(i32_load8_s, s8, s32, u32)
LOAD(i64_load8_s, s8, s64, u64)
LOAD(i32_load8_u, u8, u32, u32)
LOAD(i64_load8_u, u8, u64, u64)
LOAD(i32_load16_s, s16, s32, u32)
LOAD(i64_load16_s, s16, s64, u64)
LOAD(i32_load16_u, u16, u32, u32)
LOAD(i64_load16_u, u16, u64, u64)
LOAD(i64_load32_s, s32, s64, u64)
LOAD(i64_load32_u, u32, u64, u64)
STORE(i32_store, u32, u32)
STORE(i64_store, u64, u64)
STORE(f32_store, f32, f32)
STORE(f64_store, f64, f64)
STORE(i32_store8, u8, u32)
STORE(i32_store16, u16, u32)
STORE(i64_store8, u8, u64)
STORE(i64_store16, u16, u64)
STORE(i64_store32, u32, u64)

static inline void memory_fill(u32 to, u32 value, u32 count) {
  if (UNLIKELY(count > memory_size || to > memory_size - count)) aot_trap(AOT_TRAP_BOUNDS);
  memset(memory + to, (int)(value & 255u), count);
}

static inline void memory_copy(u32 to, u32 from, u32 count) {
  if (UNLIKELY(count > memory_size || to > memory_size - count || from > memory_size - count))
    aot_trap(AOT_TRAP_BOUNDS);
  memmove(memory + to, memory + from, count);
}

/* What it grows by was zeroed by whoever had the memory before (engine_close). */
static inline u32 memory_grow(u32 pages) {
  const u32 before = memory_size / PAGE_BYTES;
  if (pages > MEMORY_MAXIMUM - before || pages > BOARD_LINEAR_BYTES / PAGE_BYTES - before) return UINT32_MAX;
  memory_size += pages * PAGE_BYTES;
  return before;
}

static inline void memory_begin(void) {
  if (MEMORY_MINIMUM > BOARD_LINEAR_BYTES / PAGE_BYTES) aot_trap(AOT_TRAP_MEMORY);
  memory = pool_linear();
  memory_size = MEMORY_MINIMUM * PAGE_BYTES;
}

static inline void memory_data(u32 to, const u8 *data, u32 count) {
  if (count > memory_size || to > memory_size - count) aot_trap(AOT_TRAP_BOUNDS);
  memcpy(memory + to, data, count);
}

/* ---- control ---- */

#define UNREACHABLE aot_trap(AOT_TRAP_UNREACHABLE)

static u32 depth;
#define FUNC_PROLOGUE \
  if (UNLIKELY(++depth > DEPTH_MAXIMUM)) aot_trap(AOT_TRAP_DEPTH)
#define FUNC_EPILOGUE --depth

typedef struct {
  u32 type; /* 0: an empty place */
  void (*function)(void);
} table_entry_t;

static inline void (*table_entry(const table_entry_t *table, u32 size, u32 type, u32 index))(void) {
  if (UNLIKELY(index >= size || table[index].type != type)) aot_trap(AOT_TRAP_INDIRECT);
  return table[index].function;
}

/* ---- integers ---- */

#define I32_CLZ(x) ((x) ? (u32)__builtin_clz(x) : 32u)
#define I64_CLZ(x) ((x) ? (u64)__builtin_clzll(x) : 64u)
#define I32_CTZ(x) ((x) ? (u32)__builtin_ctz(x) : 32u)
#define I64_CTZ(x) ((x) ? (u64)__builtin_ctzll(x) : 64u)

/* Hacker's Delight, figure 5-2: inline, where processors have no instruction and compilers would call a table. */
static inline u32 I32_POPCNT(u32 x) {
  x = x - ((x >> 1) & 0x55555555u);
  x = (x & 0x33333333u) + ((x >> 2) & 0x33333333u);
  return (((x + (x >> 4)) & 0x0F0F0F0Fu) * 0x01010101u) >> 24;
}

/* Both halves are added before the sums are wider than their fields. */
static inline u64 I64_POPCNT(u64 value) {
  u32 x = (u32)value;
  u32 y = (u32)(value >> 32);
  x = x - ((x >> 1) & 0x55555555u);
  y = y - ((y >> 1) & 0x55555555u);
  x = (x & 0x33333333u) + ((x >> 2) & 0x33333333u);
  y = (y & 0x33333333u) + ((y >> 2) & 0x33333333u);
  x += y;
  return (((x & 0x0F0F0F0Fu) + ((x >> 4) & 0x0F0F0F0Fu)) * 0x01010101u) >> 24;
}

#define ROTATION(name, type, mask, first, second) \
  static inline type name(type x, type y) {       \
    const u32 by = (u32)y & (mask);               \
    return (x first by) | (x second(-by & (mask))); \
  }
ROTATION(I32_ROTL, u32, 31u, <<, >>)
ROTATION(I32_ROTR, u32, 31u, >>, <<)
ROTATION(I64_ROTL, u64, 63u, <<, >>)
ROTATION(I64_ROTR, u64, 63u, >>, <<)

#define DIVISION(width, least)                                                          \
  static inline u##width I##width##_DIV_S(u##width x, u##width y) {                      \
    if (UNLIKELY(y == 0u)) aot_trap(AOT_TRAP_DIVISION);                                  \
    if (UNLIKELY((s##width)x == (least) && (s##width)y == -1)) aot_trap(AOT_TRAP_OVERFLOW); \
    return (u##width)((s##width)x / (s##width)y);                                        \
  }                                                                                      \
  static inline u##width I##width##_REM_S(u##width x, u##width y) {                      \
    if (UNLIKELY(y == 0u)) aot_trap(AOT_TRAP_DIVISION);                                  \
    return ((s##width)y == -1) ? 0u : (u##width)((s##width)x % (s##width)y);             \
  }
DIVISION(32, INT32_MIN)
DIVISION(64, INT64_MIN)

static inline u64 nonzero(u64 y) {
  if (UNLIKELY(y == 0u)) aot_trap(AOT_TRAP_DIVISION);
  return y;
}
#define DIV_U(x, y) ((x) / (__typeof__(y))nonzero(y))
#define REM_U(x, y) ((x) % (__typeof__(y))nonzero(y))

/* ---- floating point ---- */

#define REINTERPRET(name, from, to)    \
  static inline to name(from x) {      \
    to result;                         \
    memcpy(&result, &x, sizeof result); \
    return result;                     \
  }
REINTERPRET(f32_reinterpret_i32, u32, f32)
REINTERPRET(i32_reinterpret_f32, f32, u32)
REINTERPRET(f64_reinterpret_i64, u64, f64)
REINTERPRET(i64_reinterpret_f64, f64, u64)

/* A NaN stays one (its payload is of no importance); of two zeros the negative one is smaller. */
#define EXTREMES(suffix, type)                                       \
  static inline type minimum##suffix(type x, type y) {               \
    if (UNLIKELY(__builtin_isunordered(x, y))) return x + y;         \
    return (x == y) ? (__builtin_signbit(x) ? x : y) : (x < y) ? x : y; \
  }                                                                  \
  static inline type maximum##suffix(type x, type y) {               \
    if (UNLIKELY(__builtin_isunordered(x, y))) return x + y;         \
    return (x == y) ? (__builtin_signbit(x) ? y : x) : (x > y) ? x : y; \
  }
EXTREMES(64, f64)
#if defined(__ARM_FEATURE_NUMERIC_MAXMIN)
static inline f32 minimum32(f32 x, f32 y) {
  f32 result;
  __asm__("vminnm.f32 %0, %1, %2" : "=t"(result) : "t"(x), "t"(y));
  return UNLIKELY(__builtin_isunordered(x, y)) ? x + y : result;
}
static inline f32 maximum32(f32 x, f32 y) {
  f32 result;
  __asm__("vmaxnm.f32 %0, %1, %2" : "=t"(result) : "t"(x), "t"(y));
  return UNLIKELY(__builtin_isunordered(x, y)) ? x + y : result;
}
#else
EXTREMES(32, f32)
#endif
#define FMIN(x, y) _Generic((x), f32 : minimum32, f64 : minimum64)(x, y)
#define FMAX(x, y) _Generic((x), f32 : maximum32, f64 : maximum64)(x, y)

#define wasm_fabsf __builtin_fabsf
#define wasm_fabs __builtin_fabs
#define wasm_floorf __builtin_floorf
#define wasm_floor __builtin_floor
#define wasm_ceilf __builtin_ceilf
#define wasm_ceil __builtin_ceil
#define wasm_truncf __builtin_truncf
#define wasm_trunc __builtin_trunc
#define wasm_nearbyintf __builtin_nearbyintf
#define wasm_nearbyint __builtin_nearbyint
#define wasm_sqrtf __builtin_sqrtf
#define wasm_sqrt __builtin_sqrt
#define wasm_quietf(x) (x)
#define wasm_quiet(x) (x)

/* `above` and `below`: the nearest numbers of the type outside of the range, or on its edge. */
#define TRUNCATION(name, to, from, cast, above, is_above, below, is_below, least, most)   \
  static inline to name##_saturated(from x) {                                             \
    if (UNLIKELY(x != x)) return 0u;                                                      \
    if (UNLIKELY(x is_below(below))) return (to)(least);                                  \
    return UNLIKELY(x is_above(above)) ? (to)(most) : (to)(cast)x;                        \
  }                                                                                       \
  static inline to name##_trapping(from x) {                                              \
    if (UNLIKELY(x != x)) aot_trap(AOT_TRAP_CONVERSION);                                  \
    if (UNLIKELY(x is_below(below) || x is_above(above))) aot_trap(AOT_TRAP_OVERFLOW);    \
    return (to)(cast)x;                                                                   \
  }
TRUNCATION(i32_f32, u32, f32, s32, 2147483648.f, >=, -2147483648.f, <, INT32_MIN, INT32_MAX)
TRUNCATION(i32_f64, u32, f64, s32, 2147483648., >=, -2147483649., <=, INT32_MIN, INT32_MAX)
TRUNCATION(i64_f32, u64, f32, s64, 9223372036854775808.f, >=, -9223372036854775808.f, <, INT64_MIN, INT64_MAX)
TRUNCATION(i64_f64, u64, f64, s64, 9223372036854775808., >=, -9223372036854775808., <, INT64_MIN, INT64_MAX)
TRUNCATION(u32_f32, u32, f32, u32, 4294967296.f, >=, -1.f, <=, 0, UINT32_MAX)
TRUNCATION(u32_f64, u32, f64, u32, 4294967296., >=, -1., <=, 0, UINT32_MAX)
TRUNCATION(u64_f32, u64, f32, u64, 18446744073709551616.f, >=, -1.f, <=, 0, UINT64_MAX)
TRUNCATION(u64_f64, u64, f64, u64, 18446744073709551616., >=, -1., <=, 0, UINT64_MAX)

#if defined(__ARM_FP) && (__ARM_FP & 4) && !defined(__aarch64__)
/* Arm's conversion saturates, and gives 0 for a NaN, just as WebAssembly's (Armv7-M ARM, A2.5.6). */
static inline u32 I32_TRUNC_SAT_S_F32(f32 x) {
  f32 bits;
  __asm__("vcvt.s32.f32 %0, %1" : "=t"(bits) : "t"(x));
  return i32_reinterpret_f32(bits);
}
static inline u32 I32_TRUNC_SAT_U_F32(f32 x) {
  f32 bits;
  __asm__("vcvt.u32.f32 %0, %1" : "=t"(bits) : "t"(x));
  return i32_reinterpret_f32(bits);
}
#else
#define I32_TRUNC_SAT_S_F32 i32_f32_saturated
#define I32_TRUNC_SAT_U_F32 u32_f32_saturated
#endif
#define I32_TRUNC_SAT_S_F64 i32_f64_saturated
#define I32_TRUNC_SAT_U_F64 u32_f64_saturated
#define I64_TRUNC_SAT_S_F32 i64_f32_saturated
#define I64_TRUNC_SAT_U_F32 u64_f32_saturated
#define I64_TRUNC_SAT_S_F64 i64_f64_saturated
#define I64_TRUNC_SAT_U_F64 u64_f64_saturated
#define I32_TRUNC_S_F32 i32_f32_trapping
#define I32_TRUNC_U_F32 u32_f32_trapping
#define I32_TRUNC_S_F64 i32_f64_trapping
#define I32_TRUNC_U_F64 u32_f64_trapping
#define I64_TRUNC_S_F32 i64_f32_trapping
#define I64_TRUNC_U_F32 u64_f32_trapping
#define I64_TRUNC_S_F64 i64_f64_trapping
#define I64_TRUNC_U_F64 u64_f64_trapping

/* ---- what the image may ask of the board (imports.h) ---- */

static inline memory_t view(void) {
  return (memory_t){memory, memory_size};
}

static inline void inside(s32 status) {
  if (UNLIKELY(status < 0)) aot_trap(AOT_TRAP_POINTER);
}

#define BOARD(name, parameters, arguments)        \
  static inline u32 board_##name parameters {     \
    u32 result = 0u;                              \
    inside(import_##name arguments);              \
    return result;                                \
  }
BOARD(transmit, (u32 ptr, u32 len), (view(), ptr, len, &result))
BOARD(flash_read, (u32 address, u32 ptr, u32 len), (view(), address, ptr, len, &result))
BOARD(flash_write, (u32 address, u32 ptr, u32 len), (view(), address, ptr, len, &result))
BOARD(flash_erase, (u32 address, u32 len), (address, len, &result))
BOARD(random, (u32 ptr, u32 len), (view(), ptr, len, &result))
BOARD(sign, (u32 ptr, u32 len, u32 signature), (view(), ptr, len, signature, &result))
BOARD(verify, (u32 key, u32 ptr, u32 len, u32 signature), (view(), key, ptr, len, signature, &result))
BOARD(public_key, (u32 ptr), (view(), ptr, &result))
BOARD(derive_key, (u32 context, u32 len, u32 out), (view(), context, len, out, &result))
BOARD(image_digest, (u32 ptr), (view(), ptr, &result))
BOARD(board_info, (u32 out), (view(), out, &result))
BOARD(slot_info, (u32 slot, u32 out), (view(), slot, out, &result))
BOARD(slot_begin, (u32 slot, u32 len, u32 sha), (view(), slot, len, sha, &result))
BOARD(slot_write, (u32 slot, u32 offset, u32 ptr, u32 len), (view(), slot, offset, ptr, len, &result))
BOARD(slot_mark, (u32 slot, u32 mark), (slot, mark, &result))

static inline u64 board_micros(void) {
  return import_micros();
}
static inline u32 board_counter(u32 floor) {
  return import_counter(floor);
}
static inline void board_reset(void) {
  import_reset();
}
static inline void board_trace(u32 ptr, u32 len) {
  inside(import_trace(view(), ptr, len));
}

#endif
