// The journal's index in memory: where each live entry is, sorted by kind and id, so that looking up is a binary search
// and walking through a kind is in order of id. 12 bytes an entry, no allocation.
import { entryBytes } from "./entries";

/** Most entries that can be live at a time. */
export const LIVE_LAST: i32 = 1344;
const SLOT: i32 = 12; // id u32, address u32, length u16, kind u8, spare u8
const SLOTS: usize = memory.data(LIVE_LAST * SLOT, 4);

export let liveCount: i32 = 0;
/** Bytes of flash that the live entries take. */
export let liveBytes: i32 = 0;

function slotAt(position: i32): usize {
  return SLOTS + <usize>(position * SLOT);
}

export function clearLive(): void {
  liveCount = 0;
  liveBytes = 0;
}

/** Position of the first entry of `kind` with an id of at least `id`, or of whatever follows it in the order. */
export function lowerBound(kind: i32, id: u32): i32 {
  let low = 0;
  let high = liveCount;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const slot = slotAt(middle);
    const own = <i32>load<u8>(slot, 10);
    if (own < kind || (own == kind && load<u32>(slot) < id)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Position of an entry, or -1. */
export function findLive(kind: i32, id: u32): i32 {
  const position = lowerBound(kind, id);
  return position < liveCount && liveKind(position) == kind && liveId(position) == id ? position : -1;
}

export function liveKind(position: i32): i32 {
  return load<u8>(slotAt(position), 10);
}

export function liveId(position: i32): u32 {
  return load<u32>(slotAt(position));
}

export function liveAddress(position: i32): u32 {
  return load<u32>(slotAt(position), 4);
}

export function liveLength(position: i32): i32 {
  return load<u16>(slotAt(position), 8);
}

/** Sets where an entry is; false: the index is full. */
export function setLive(kind: i32, id: u32, address: u32, length: i32): bool {
  const position = lowerBound(kind, id);
  const slot = slotAt(position);
  if (position < liveCount && liveKind(position) == kind && liveId(position) == id) {
    liveBytes -= entryBytes(liveLength(position));
  } else {
    if (liveCount == LIVE_LAST) return false;
    memory.copy(slot + SLOT, slot, (liveCount - position) * SLOT);
    store<u32>(slot, id);
    store<u8>(slot, <u8>kind, 10);
    liveCount++;
  }
  store<u32>(slot, address, 4);
  store<u16>(slot, <u16>length, 8);
  liveBytes += entryBytes(length);
  return true;
}

/** Takes `count` entries from `position` on out of the index. */
export function dropLive(position: i32, count: i32): void {
  for (let i = position; i < position + count; i++) liveBytes -= entryBytes(liveLength(i));
  memory.copy(slotAt(position), slotAt(position + count), (liveCount - position - count) * SLOT);
  liveCount -= count;
}

/** Bytes of flash of the largest live entry. */
export function largestLive(): i32 {
  let longest = 0;
  for (let i = 0; i < liveCount; i++) longest = max(longest, liveLength(i));
  return liveCount > 0 ? entryBytes(longest) : 0;
}
