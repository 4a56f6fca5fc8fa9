// Bytes for the link's unit tests, written at a fixed address.

/** Writes the bytes of `hex` (blanks ignored) at `at`; returns how many. */
export function put(at: usize, hex: string): i32 {
  const digits = hex.replaceAll(" ", "");
  const length = digits.length >> 1;
  for (let i = 0; i < length; i++) {
    store<u8>(at + <usize>i, <u8>parseInt(digits.substr(i << 1, 2), 16));
  }
  return length;
}

/** Writes ASCII text at `at`; returns its length. */
export function ascii(at: usize, text: string): i32 {
  for (let i = 0; i < text.length; i++) store<u8>(at + <usize>i, <u8>text.charCodeAt(i));
  return text.length;
}
