// The frame arena: the one piece of linear memory for frames and work space, from the heap's base up. Memory grows when a session
// first needs more; nothing is ever given back, and whoever used it clears it (see minimize/).

let reserved: i32 = 0;

/** Bytes up to the next 16-byte boundary. */
export function aligned(bytes: i32): i32 {
  return (bytes + 15) & ~15;
}

/** First byte of the arena, on a 16-byte boundary. */
export function arenaBase(): usize {
  return aligned(__heap_base as i32) as usize;
}

/** Bytes reserved by the last `reserveArena`. */
export function arenaBytes(): i32 {
  return reserved;
}

/** Makes the arena at least `bytes` long. Returns its first byte, or 0 when memory may not grow so far. */
export function reserveArena(bytes: i32): usize {
  let end = arenaBase() + (bytes as usize);
  let pages = ((end + 0xffff) >>> 16) as i32;
  let missing = pages - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) return 0;
  reserved = bytes;
  return arenaBase();
}
