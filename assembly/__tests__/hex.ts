// Hexadecimal for the specs: vectors in, digests out. (Specs may allocate; the image may not.)

/** Bytes of a hexadecimal string; the array keeps them alive, `changetype<usize>` is their address. */
export function bytes(hex: string): StaticArray<u8> {
  const out = new StaticArray<u8>(hex.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = u8(parseInt(hex.substr(i * 2, 2), 16));
  return out;
}

/** Lower-case hexadecimal of `len` bytes at `ptr`. */
export function hex(ptr: usize, len: i32): string {
  const digits = "0123456789abcdef";
  let out = "";
  for (let i = 0; i < len; i++) {
    const byte = load<u8>(ptr + i);
    out += digits.charAt(byte >> 4) + digits.charAt(byte & 15);
  }
  return out;
}

/** Address of an array's bytes. */
export function at(array: StaticArray<u8>): usize {
  return changetype<usize>(array);
}
