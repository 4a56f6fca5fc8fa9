// Group 1, upload: a signed image in chunks. The board takes them in order only; whatever else comes is answered with the offset that is
// wanted, so that a host which lost chunks, or another host, goes on where the board stands.
import { slot_begin, slot_write } from "../board";
import { cborBool, cborBytes, cborLength, cborUint } from "../link/cbor";
import { putText, putUint } from "../link/cbor-write";
import { MGMT_ERR_EINVAL, smpAnswer, smpSend, smpStatus } from "../link/smp";
import {
  IMG_CURRENT_IS_NEWER,
  IMG_DATA_OVERRUN,
  IMG_INVALID_HASH,
  IMG_INVALID_HEADER,
  IMG_INVALID_LENGTH,
  IMG_INVALID_MAGIC,
  IMG_INVALID_OFFSET,
  IMG_INVALID_SLOT,
  IMG_NO_FREE_SLOT,
  refuse,
} from "./rc";
import { slotFree, slotRunning, slotVersion } from "./slots";

/** MCUboot's image header (docs/image.md): magic, and where the version stands. */
const HEADER_BYTES: i32 = 32;
const MAGIC: u32 = 0x96f3b83d;
const VERSION_AT: usize = 20;

// The upload under way. After a restart the host begins again, and the board says from where.
let target: i32 = -1;
let wanted: i32 = 0;
let total: i32 = 0;

/** {off, data, len, sha, image?, upgrade?} → {off}: the offset wanted next. len, sha and the rest stand with offset 0 only. */
export function takeUpload(map: usize, end: usize, framing: i32): void {
  const offset = cborUint(map, end, "off", i32.MAX_VALUE) as i32;
  if (offset < 0) return refuse(IMG_INVALID_OFFSET, framing);
  const data = cborBytes(map, end, "data");
  const length = cborLength;
  if (!data) return smpStatus(MGMT_ERR_EINVAL, framing);
  if (offset == 0) {
    const rc = begin(map, end, data, length);
    if (rc) return refuse(rc, framing);
  }
  if (target < 0) wanted = 0;
  else if (offset == wanted && length > 0) {
    if (length > total - offset) return refuse(IMG_DATA_OVERRUN, framing);
    const next = slot_write(target, offset, data, length);
    if (next < 0) {
      target = -1;
      return refuse(-next, framing);
    }
    wanted = next;
  }
  smpAnswer(1);
  putText("off");
  putUint(wanted);
  smpSend(framing);
}

/** Begins an upload whose first bytes are at `data`, or goes on with it. Returns 0 or a result code. */
function begin(map: usize, end: usize, data: usize, length: i32): i32 {
  target = -1;
  if (cborUint(map, end, "image", i32.MAX_VALUE) > 0) return IMG_INVALID_SLOT;
  total = cborUint(map, end, "len", i32.MAX_VALUE) as i32;
  if (total < 0) return IMG_INVALID_LENGTH;
  const sha = cborBytes(map, end, "sha");
  if (!sha || cborLength != 32) return IMG_INVALID_HASH;
  if (length < HEADER_BYTES || total < length) return IMG_INVALID_HEADER;
  if (load<u32>(data) != MAGIC) return IMG_INVALID_MAGIC;
  if (cborBool(map, end, "upgrade") > 0 && slotRunning() >= 0 && !isNewer(data + VERSION_AT, slotVersion()))
    return IMG_CURRENT_IS_NEWER;
  const slot = slotFree(sha);
  if (slot < 0) return IMG_NO_FREE_SLOT;
  const next = slot_begin(slot, total, sha);
  if (next < 0) return -next;
  target = slot;
  wanted = next;
  return 0;
}

/** Whether version `a` is higher than `b`: major, minor, revision, as mcumgr compares. */
function isNewer(a: usize, b: usize): bool {
  return rank(a) > rank(b);
}

function rank(version: usize): u32 {
  return ((load<u8>(version) as u32) << 24) | ((load<u8>(version, 1) as u32) << 16) | (load<u16>(version, 2) as u32);
}

/** Forgets the upload: its slot was erased, or is to be tried. */
export function uploadEnd(): void {
  target = -1;
}
