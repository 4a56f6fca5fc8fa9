// Comparing bytes: one copy of a loop that the compiler would otherwise unfold at each place that compares.

/** Whether the `length` bytes at `a` and at `b` are the same. */
export function same(a: usize, b: usize, length: i32): bool {
  return memory.compare(a, b, length as usize) == 0;
}
