// The slots as the board tells of them (board.ts, slot_info): which image runs, which has a hash, where an upload may go.
import { slot_info } from "../board";

export const SLOTS: i32 = 2;

export const SLOT_IMAGE: u32 = 1;
export const SLOT_BOOTABLE: u32 = 2;
export const SLOT_RUNNING: u32 = 4;
export const SLOT_PENDING: u32 = 8;
export const SLOT_CONFIRMED: u32 = 16;
export const SLOT_PERMANENT: u32 = 32;

const FACTS: usize = memory.data(96, 8);

/** Reads the facts of a slot, of which the functions below tell. Returns false where there is no such slot. */
export function slotRead(slot: i32): bool {
  return slot_info(slot, FACTS) == 0;
}

/** SLOT_… flags. */
export function slotFlags(): u32 {
  return load<u32>(FACTS);
}

/** image_status_t of boards/port/image.h: 0 bootable, else why not. */
export function slotStatus(): i32 {
  return load<i32>(FACTS, 4);
}

/** Version: u8 major, u8 minor, u16 revision, u32 build. */
export function slotVersion(): usize {
  return FACTS + 8;
}

/** Bytes that the slot can hold. */
export function slotCapacity(): u32 {
  return load<u32>(FACTS, 24);
}

/** The image's hash, 32 bytes: the SHA-256 TLV of MCUboot's format. */
export function slotHash(): usize {
  return FACTS + 32;
}

function same(a: usize, b: usize): bool {
  return memory.compare(a, b, 32) == 0;
}

/** The slot that runs, with its facts read; -1: none. */
export function slotRunning(): i32 {
  for (let slot = 0; slot < SLOTS; slot++) if (slotRead(slot) && slotFlags() & SLOT_RUNNING) return slot;
  return -1;
}

/** The slot whose image has this hash, with its facts read; the running one if both have; -1: none. */
export function slotOfHash(hash: usize): i32 {
  const running = slotRunning();
  if (running >= 0 && same(slotHash(), hash)) return running;
  for (let slot = 0; slot < SLOTS; slot++)
    if (slotRead(slot) && slotFlags() & SLOT_IMAGE && same(slotHash(), hash)) return slot;
  return -1;
}

/**
 * The slot for an upload: of those that neither run nor are confirmed, the one where the upload with this SHA-256 was begun, else one
 * without a bootable image, else the first. `sha` 0: any upload. -1: none is free.
 */
export function slotFree(sha: usize): i32 {
  let free = -1;
  let rank = -1;
  for (let slot = 0; slot < SLOTS; slot++) {
    if (!slotRead(slot) || slotFlags() & (SLOT_RUNNING | SLOT_CONFIRMED)) continue;
    const begun = sha && load<u32>(FACTS, 28) > 0 && same(FACTS + 64, sha);
    const ranks = begun ? 2 : slotFlags() & SLOT_BOOTABLE ? 0 : 1;
    if (ranks > rank) {
      free = slot;
      rank = ranks;
    }
  }
  return free;
}
