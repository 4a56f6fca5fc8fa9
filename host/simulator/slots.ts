// The slots of the in-process board, as boards/port/slots.h has them: one, which holds the image that runs and cannot be written.
import { createHash } from "node:crypto";

/** Bytes of slot_info (assembly/board.ts). */
export const SLOT_INFO_BYTES = 96;
/** Bits of its flags. */
export const SLOT = { image: 1, bootable: 2, running: 4, pending: 8, confirmed: 16, permanent: 32 } as const;
/** No such slot: IMG_MGMT_ERR_INVALID_SLOT of mcumgr. */
const INVALID_SLOT = -14;

/** What a board does to update itself. Results are 0 or more, or the negative of a result code of mcumgr's image group. */
export interface Slots {
  /** SLOT_INFO_BYTES of facts, undefined where there is no such slot. */
  info(slot: number): Uint8Array | undefined;
  begin(slot: number, length: number, sha: Uint8Array): number;
  write(slot: number, offset: number, data: Uint8Array): number;
  mark(slot: number, mark: number): number;
}

/** Facts of a slot, as slot_info lays them out. */
export interface SlotFacts {
  readonly flags: number;
  readonly status?: number;
  readonly version?: readonly [major: number, minor: number, revision: number, build: number];
  readonly bytes?: number;
  readonly capacity: number;
  readonly received?: number;
  readonly hash?: Uint8Array;
  readonly sha?: Uint8Array;
}

export function slotInfo(facts: SlotFacts): Uint8Array {
  const { flags, status = 0, version = [0, 0, 0, 0], bytes = 0, capacity, received = 0, hash, sha } = facts;
  const out = Buffer.alloc(SLOT_INFO_BYTES);
  out.writeUInt32LE(flags, 0);
  out.writeInt32LE(status, 4);
  out.writeUInt8(version[0], 8);
  out.writeUInt8(version[1], 9);
  out.writeUInt16LE(version[2], 10);
  out.writeUInt32LE(version[3], 12);
  out.writeUInt32LE(bytes, 20);
  out.writeUInt32LE(capacity, 24);
  out.writeUInt32LE(received, 28);
  if (hash) out.set(hash, 32);
  if (sha) out.set(sha, 64);
  return out;
}

/** One slot with `image` in it, running and confirmed; it was never signed, so its digest stands for the hash and it has no version. */
export function fixedSlots(image: Uint8Array): Slots {
  const flags = SLOT.image | SLOT.bootable | SLOT.running | SLOT.confirmed;
  const hash = createHash("sha256").update(image).digest();
  const info = slotInfo({ flags, bytes: image.length, capacity: image.length, hash });
  return {
    info: (slot) => (slot === 0 ? info : undefined),
    begin: () => INVALID_SLOT,
    write: () => INVALID_SLOT,
    // Confirming what is confirmed changes nothing.
    mark: (slot, mark) => (slot === 0 && mark === 2 ? 0 : INVALID_SLOT),
  };
}
