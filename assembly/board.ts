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

/** Restarts the board; the runner takes it up after `poll` returns. */
export declare function reset(): void;

/** A diagnostic line (ASCII): codes and counts only, never biometric data or keys. */
export declare function trace(ptr: usize, len: i32): void;

/** AssemblyScript's `abort` (assertions), without strings: traps, which the runner turns into a reported restart. */
export function abort(_message: usize, _file: usize, _line: u32, _column: u32): void {
  unreachable();
}
