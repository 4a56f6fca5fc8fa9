// Base64 (RFC 4648 section 4, padded), as signed notes want it.

function digit(six: u32): u8 {
  if (six < 26) return (0x41 + six) as u8;
  if (six < 52) return (0x61 - 26 + six) as u8;
  if (six < 62) return (0x30 - 52 + six) as u8;
  return six == 62 ? 0x2b : 0x2f;
}

/** Writes `len` bytes at `ptr` as base64 at `out` and returns how many characters that is: 4 for every 3 bytes begun. */
export function base64(ptr: usize, len: i32, out: usize): i32 {
  let at = out;
  for (let i = 0; i < len; i += 3, at += 4) {
    const left = len - i;
    let three = (load<u8>(ptr + i) as u32) << 16;
    if (left > 1) three |= (load<u8>(ptr + i + 1) as u32) << 8;
    if (left > 2) three |= load<u8>(ptr + i + 2) as u32;
    store<u8>(at, digit(three >> 18));
    store<u8>(at, digit((three >> 12) & 63), 1);
    store<u8>(at, left > 1 ? digit((three >> 6) & 63) : 0x3d, 2);
    store<u8>(at, left > 2 ? digit(three & 63) : 0x3d, 3);
  }
  return i32(at - out);
}
