// Wiping: what a session took in is zeroed before its decision leaves, and the record says how many bytes that was.
// WebAssembly engines never remove stores to linear memory (it is observable by the host), so `memory.fill` is enough.

let tally: u32 = 0;

/** Zeroes `len` bytes at `ptr`, counts them for the record and returns how many they were (0 for a length below 1). */
export function wipe(ptr: usize, len: i32): i32 {
  if (len <= 0) return 0;
  memory.fill(ptr, 0, len);
  tally += len as u32;
  return len;
}

/** Counts bytes that were zeroed elsewhere. */
export function wipeCount(len: i32): void {
  tally += len as u32;
}

/** Starts the count of a new session. */
export function wipeReset(): void {
  tally = 0;
}

/** Bytes wiped since `wipeReset`. */
export function wipeTally(): u32 {
  return tally;
}
