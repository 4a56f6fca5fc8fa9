// SMP group 1, image management, as mcumgr's tools speak it (Zephyr documentation, "Application/software image management group"): which
// images there are, upload, test, confirm, erase. What decides is the board's (boards/port/slots.h); an image that would not boot is
// refused here, with the reason. Only mcumgr's own keys are in the answers: some clients refuse any other.
import { slot_mark } from "../board";
import { cborBool, cborBytes, cborFind, cborLength, cborUint } from "../link/cbor";
import { putArray, putBool, putBytes, putMap, putText, putTextFrom, putUint } from "../link/cbor-write";
import { MGMT_ERR_ENOTSUP, OP_READ, OP_WRITE, smpAnswer, smpId, smpOperation, smpSend, smpStatus } from "../link/smp";
import {
  IMG_HASH_NOT_FOUND,
  IMG_INVALID_HASH,
  IMG_INVALID_SLOT,
  IMG_NO_FREE_SLOT,
  IMG_NO_IMAGE,
  IMG_TEST_TO_ACTIVE,
  rcOfImage,
  refuse,
} from "./rc";
import {
  SLOT_BOOTABLE,
  SLOT_CONFIRMED,
  SLOT_IMAGE,
  SLOT_PENDING,
  SLOT_PERMANENT,
  SLOT_RUNNING,
  SLOTS,
  slotCapacity,
  slotFlags,
  slotFree,
  slotHash,
  slotOfHash,
  slotRead,
  slotRunning,
  slotStatus,
  slotVersion,
} from "./slots";
import { takeUpload, uploadEnd } from "./upload";

const STATE: i32 = 0;
const UPLOAD: i32 = 1;
const ERASE: i32 = 5;
const SLOT_INFO: i32 = 6;

/** Room for a version: 255.255.65535.4294967295. */
const TEXT: usize = memory.data(24, 8);

const MARK_ERASE: i32 = 0;
const MARK_TEST: i32 = 1;
const MARK_PERMANENT: i32 = 2;

/** Answers a request of group 1 whose CBOR map is [map, end). */
export function imageMessage(map: usize, end: usize, framing: i32): void {
  const write = smpOperation == OP_WRITE;
  if (smpId == STATE && smpOperation == OP_READ) state(framing);
  else if (smpId == STATE && write) setState(map, end, framing);
  else if (smpId == UPLOAD && write) takeUpload(map, end, framing);
  else if (smpId == ERASE && write) erase(map, end, framing);
  else if (smpId == SLOT_INFO && smpOperation == OP_READ) slotInfo(framing);
  else smpStatus(MGMT_ERR_ENOTSUP, framing);
}

/** State read → {images: [{slot, version, hash, bootable, pending, confirmed, active, permanent}]}: slots without an image are left out. */
function state(framing: i32): void {
  let count = 0;
  for (let slot = 0; slot < SLOTS; slot++) if (slotRead(slot) && slotFlags() & SLOT_IMAGE) count++;
  smpAnswer(1);
  putText("images");
  putArray(count);
  for (let slot = 0; slot < SLOTS; slot++) if (slotRead(slot) && slotFlags() & SLOT_IMAGE) putImage(slot);
  smpSend(framing);
}

/** The facts of the slot read last. */
function putImage(slot: i32): void {
  putMap(8);
  putText("hash");
  putBytes(slotHash(), 32);
  putText("slot");
  putUint(slot);
  putFlag("active", SLOT_RUNNING);
  putFlag("pending", SLOT_PENDING | SLOT_PERMANENT);
  putText("version");
  putVersion(slotVersion());
  putFlag("bootable", SLOT_BOOTABLE);
  putFlag("confirmed", SLOT_CONFIRMED);
  putFlag("permanent", SLOT_PERMANENT);
}

function putFlag(name: string, flags: u32): void {
  putText(name);
  putBool((slotFlags() & flags) != 0);
}

/** The text major.minor.revision, and .build unless it is 0. */
function putVersion(version: usize): void {
  const build = load<u32>(version, 4);
  let at = putDecimal(TEXT, load<u8>(version));
  at = putDecimal(putDot(at), load<u8>(version, 1));
  at = putDecimal(putDot(at), load<u16>(version, 2));
  if (build) at = putDecimal(putDot(at), build);
  putTextFrom(TEXT, (at - TEXT) as i32);
}

function putDot(at: usize): usize {
  store<u8>(at, 46);
  return at + 1;
}

/** Writes a number in decimal digits at `at`. Returns their end. */
function putDecimal(at: usize, value: u32): usize {
  let digits = 1;
  for (let rest = value / 10; rest; rest /= 10) digits++;
  for (let i = digits - 1; i >= 0; i--) {
    store<u8>(at + (i as usize), (48 + (value % 10)) as u8);
    value /= 10;
  }
  return at + (digits as usize);
}

/** State write: {hash?, confirm?} → as state read. Without confirm, the image with this hash is tried at the next start; with it, it stays. */
function setState(map: usize, end: usize, framing: i32): void {
  const confirm = cborBool(map, end, "confirm") > 0;
  let slot = -1;
  if (cborFind(map, end, "hash")) {
    const hash = cborBytes(map, end, "hash");
    if (!hash || cborLength != 32) return refuse(IMG_INVALID_HASH, framing);
    slot = slotOfHash(hash);
    if (slot < 0) return refuse(IMG_HASH_NOT_FOUND, framing);
  } else {
    if (!confirm) return refuse(IMG_INVALID_HASH, framing);
    slot = slotRunning();
    if (slot < 0) return refuse(IMG_NO_IMAGE, framing);
  }
  if (!confirm && slotFlags() & SLOT_RUNNING) return refuse(IMG_TEST_TO_ACTIVE, framing);
  if (!(slotFlags() & SLOT_BOOTABLE)) return refuse(rcOfImage(slotStatus()), framing);
  const status = slot_mark(slot, confirm ? MARK_PERMANENT : MARK_TEST);
  if (status < 0) return refuse(-status, framing);
  uploadEnd();
  state(framing);
}

/** Erase: {slot?} → {}. Without a slot, the one that neither runs nor is confirmed. */
function erase(map: usize, end: usize, framing: i32): void {
  let slot = -1;
  if (cborFind(map, end, "slot")) {
    slot = cborUint(map, end, "slot", SLOTS - 1) as i32;
    if (slot < 0) return refuse(IMG_INVALID_SLOT, framing);
  } else {
    slot = slotFree(0);
    if (slot < 0) return refuse(IMG_NO_FREE_SLOT, framing);
  }
  const status = slot_mark(slot, MARK_ERASE);
  if (status < 0) return refuse(-status, framing);
  uploadEnd();
  smpAnswer(0);
  smpSend(framing);
}

/** Slot info → {images: [{image: 0, slots: [{size, slot}], max_image_size}]}. */
function slotInfo(framing: i32): void {
  let count = 0;
  let least: u32 = u32.MAX_VALUE;
  for (let slot = 0; slot < SLOTS; slot++) {
    if (!slotRead(slot)) continue;
    count++;
    least = min(least, slotCapacity());
  }
  smpAnswer(1);
  putText("images");
  putArray(1);
  putMap(3);
  putText("image");
  putUint(0);
  putText("slots");
  putArray(count);
  for (let slot = 0; slot < SLOTS; slot++) {
    if (!slotRead(slot)) continue;
    putMap(2);
    putText("size");
    putUint(slotCapacity());
    putText("slot");
    putUint(slot);
  }
  putText("max_image_size");
  putUint(count ? least : 0);
  smpSend(framing);
}
