// The name of a signed document, which is shown to people on any terminal.

const NAME_MAX: i32 = 64;

/** Whether the `length` bytes at `at` are 1 to 64 printable ASCII characters. */
export function isName(at: usize, length: i32): bool {
  for (let i = 0; i < length; i++) {
    const c = load<u8>(at + (i as usize));
    if (c < 0x20 || c > 0x7e) return false;
  }
  return length > 0 && length <= NAME_MAX;
}
