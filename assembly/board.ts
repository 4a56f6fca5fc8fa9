// What a board gives to the image: the only way out of it. A port implements these functions and nothing else.
// Pointers are offsets in linear memory, lengths are bytes. Status: 0 done, negative failed (the image maps it to an error).

/** Sends up to `len` bytes on the link. Returns how many were taken (0..len); the image offers the rest at the next `poll`. */
export declare function transmit(ptr: usize, len: i32): i32;

/** Reads `len` bytes of the journal partition from `address`. */
export declare function flash_read(address: u32, ptr: usize, len: i32): i32;

/** Programs erased flash; `address` and `len` are multiples of the write unit given to `start`. */
export declare function flash_write(address: u32, ptr: usize, len: i32): i32;

/** Erases whole sectors to 0xFF; `address` and `len` are multiples of the sector size given to `start`. */
export declare function flash_erase(address: u32, len: i32): i32;

/** Fills with cryptographically strong random bytes. */
export declare function random(ptr: usize, len: i32): i32;

/** Microseconds since the board started; never goes back. */
export declare function micros(): u64;

/** Ed25519 signature (RFC 8032, 64 bytes) with the device key, which never enters the image. */
export declare function sign(ptr: usize, len: i32, signature: usize): i32;

/** Checks an Ed25519 signature (64 bytes) under `key` (32 bytes): 1 good, 0 bad, negative failed. */
export declare function verify(key: usize, ptr: usize, len: i32, signature: usize): i32;

/** The device's Ed25519 public key, 32 bytes. */
export declare function public_key(ptr: usize): i32;

/** A 32-byte secret derived from the board's root key and the context bytes; the root key never enters the image. */
export declare function derive_key(context: usize, len: i32, out: usize): i32;

/** Raises the board's monotonic counter to at least `floor` and returns it: `counter(0)` only reads. */
export declare function counter(floor: u32): u32;

/** SHA-256 of the image that runs, 32 bytes, as the runner measured it. */
export declare function image_digest(ptr: usize): i32;

/**
 * Facts of the board, 80 bytes: 0 engine (0 V8, 1 wasm3, 2 AOT), 1 why it started (0 power, 1 reset, 2 trap, 3 watchdog), 2 flags
 * (1 this is the recovery image, 2 images signed with a development key are accepted), 3 traps since power-on, 4 running slot (0 A, 1 B,
 * 255 none), 8 lowest security counter that boots (u32), 12 limit of linear memory (u32, bytes), 16 the board's name (32 bytes, zero
 * padded), 48 SHA-256 of the runner's code.
 */
export declare function board_info(out: usize): i32;

/**
 * Facts of slot `slot` (0 A, 1 B), 96 bytes: 0 flags (u32: 1 holds an image, 2 bootable, 4 running, 8 to be tried at the next start,
 * 16 confirmed, 32 to be confirmed at its first start, 64 signed with a development key), 4 why it is not bootable (i32, image_status_t of
 * boards/port/image.h), 8 version (u8 major, u8 minor, u16 revision, u32 build), 16 security counter (u32), 20 bytes of the signed image
 * (u32), 24 bytes the slot can hold (u32), 28 bytes received of an upload under way (u32), 32 the image's hash, 64 SHA-256 of the upload
 * under way as its sender announced it. Returns 0, or -1 where there is no such slot.
 */
export declare function slot_info(slot: i32, out: usize): i32;

/** Begins to receive a signed image of `len` bytes whose SHA-256 is at `sha`, or goes on with it: the offset wanted next, or -IMG_MGMT_ERR_…. */
export declare function slot_begin(slot: i32, len: i32, sha: usize): i32;

/** Takes `len` bytes at `offset`: the offset wanted next, or -IMG_MGMT_ERR_…. */
export declare function slot_write(slot: i32, offset: u32, ptr: usize, len: i32): i32;

/** Mark 0 erases the slot, 1 has it tried at the next start, 2 has it confirmed (the running one at once, another at its first start). Returns 0 or -IMG_MGMT_ERR_…. */
export declare function slot_mark(slot: i32, mark: i32): i32;

/** Restarts the board; the runner takes it up after `poll` returns. */
export declare function reset(): void;

/** A diagnostic line (ASCII): codes and counts only, never biometric data or keys. */
export declare function trace(ptr: usize, len: i32): void;

/** AssemblyScript's `abort` (assertions), without strings: traps, which the runner turns into a reported restart. */
export function abort(_message: usize, _file: usize, _line: u32, _column: u32): void {
  unreachable();
}
