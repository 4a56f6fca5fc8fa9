// The sealed reference: templates as they lie in flash and leave the device, encrypted and authenticated under the epoch's key.
//
//   0  magic "KMSR"          4  version 1      5  modality     6  templates     7  form
//   8  epoch, u32 LE        12  length of the plain templates, u32 LE          16  nonce, 12 bytes
//  28  ciphertext, then the 16-byte tag (ChaCha20-Poly1305, RFC 8439)
//
// Authenticated besides: the header, and the caller's binding (the user identifier), so that a reference moved to another user's
// place does not open. Nonces are random: 2^32 references an epoch stay far from a collision (RFC 8439 section 4 asks only that
// none comes twice).
import { random } from "../board";
import { AEAD_NONCE_BYTES, AEAD_TAG_BYTES, aeadCheck, aeadSeal } from "./aead";

export { aeadEnd as sealForget, aeadReveal as sealReveal } from "./aead";

import { epochKey } from "./keys";
import { wipe } from "./wipe";

export const SEAL_HEADER_BYTES: i32 = 28;
/** A sealed reference is this much longer than its plain templates. */
export const SEAL_OVERHEAD: i32 = SEAL_HEADER_BYTES + AEAD_TAG_BYTES;
/** Most bytes of a binding. */
export const BINDING_BYTES: i32 = 64;

export const SEAL_DONE: i32 = 0;
/** Plain templates, binding or output beyond the limits. */
export const SEAL_TOO_LONG: i32 = 1;
/** The board gave no key. */
export const SEAL_NO_KEY: i32 = 2;
/** The board gave no random bytes. */
export const SEAL_NO_RANDOM: i32 = 3;
/** Not a sealed reference of a version known here. */
export const SEAL_MALFORMED: i32 = 4;
/** Changed, cut, bound to someone else, or sealed under another key: nothing was opened. */
export const SEAL_NOT_AUTHENTIC: i32 = 5;

const MAGIC: u32 = 0x52534d4b; // "KMSR"
const LABEL = "kanmon/seal/v1";
const KEY = memory.data(32, 8);
const AAD = memory.data(28 + 64, 8);

/** Copies header and binding to AAD. */
function bind(header: usize, binding: usize, bindingLen: i32): void {
  memory.copy(AAD, header, SEAL_HEADER_BYTES);
  memory.copy(AAD + SEAL_HEADER_BYTES, binding, bindingLen);
}

/**
 * Seals `len` bytes of `count` templates of a modality and form (vision/form.ts, 0..255) at `plain` into `out` (len + SEAL_OVERHEAD bytes). `salt` is the epoch's. `plain` may
 * be `out + SEAL_HEADER_BYTES`; elsewhere it is left for the caller to wipe. Returns a SEAL_ status.
 */
export function seal(
  modality: i32,
  form: i32,
  count: i32,
  epoch: u32,
  salt: usize,
  binding: usize,
  bindingLen: i32,
  plain: usize,
  len: i32,
  out: usize,
): i32 {
  if (len < 0 || len > 0xffff || bindingLen < 0 || bindingLen > BINDING_BYTES) return SEAL_TOO_LONG;
  const text = out + SEAL_HEADER_BYTES;
  memory.copy(text, plain, len); // first: the header may overlap where `plain` begins
  store<u32>(out, MAGIC);
  store<u8>(out, 1, 4);
  store<u8>(out, modality as u8, 5);
  store<u8>(out, count as u8, 6);
  store<u8>(out, form as u8, 7);
  store<u32>(out, epoch, 8);
  store<u32>(out, len as u32, 12);
  let status = SEAL_DONE;
  if (random(out + 16, AEAD_NONCE_BYTES) != 0) status = SEAL_NO_RANDOM;
  else if (epochKey(LABEL, epoch, salt, 0, 0, KEY)) status = SEAL_NO_KEY;
  if (status) {
    wipe(text, len);
    return status;
  }
  bind(out, binding, bindingLen);
  aeadSeal(KEY, out + 16, AAD, SEAL_HEADER_BYTES + bindingLen, text, len, text + len);
  memory.fill(KEY, 0, 32);
  return SEAL_DONE;
}

/** Whether the `len` bytes at `sealed` are formed like a sealed reference: then the header's getters below may be used. */
export function sealedIsFormed(sealed: usize, len: i32): bool {
  if (len < SEAL_OVERHEAD || load<u32>(sealed) != MAGIC) return false;
  if (load<u8>(sealed, 4) != 1) return false;
  return load<u32>(sealed, 12) == ((len - SEAL_OVERHEAD) as u32);
}

/** Modality of a formed reference (authentic only once opened; so the getters below). */
export function sealedModality(sealed: usize): i32 {
  return load<u8>(sealed, 5);
}

/** How many templates it holds. */
export function sealedCount(sealed: usize): i32 {
  return load<u8>(sealed, 6);
}

/** Their form (vision/form.ts). */
export function sealedForm(sealed: usize): i32 {
  return load<u8>(sealed, 7);
}

/** Epoch of its key. */
export function sealedEpoch(sealed: usize): u32 {
  return load<u32>(sealed, 8);
}

/** Bytes of its plain templates. */
export function sealedLength(sealed: usize): i32 {
  return load<u32>(sealed, 12) as i32;
}

/**
 * Checks a sealed reference and puts its templates, still encrypted, into `capacity` bytes at `out`; the sealed bytes stay as they are.
 * `salt` is that of its epoch, `binding` what it was sealed with. Returns a SEAL_ status; if it is SEAL_DONE, `sealReveal` decrypts
 * what is wanted, and then `sealForget` forgets the key.
 */
export function sealCheck(
  salt: usize,
  binding: usize,
  bindingLen: i32,
  sealed: usize,
  len: i32,
  out: usize,
  capacity: i32,
): i32 {
  if (!sealedIsFormed(sealed, len)) return SEAL_MALFORMED;
  const plain = sealedLength(sealed);
  if (plain > capacity || bindingLen < 0 || bindingLen > BINDING_BYTES) return SEAL_TOO_LONG;
  if (epochKey(LABEL, sealedEpoch(sealed), salt, 0, 0, KEY)) return SEAL_NO_KEY;
  const text = sealed + SEAL_HEADER_BYTES;
  memory.copy(out, text, plain);
  bind(sealed, binding, bindingLen);
  const failed = aeadCheck(KEY, sealed + 16, AAD, SEAL_HEADER_BYTES + bindingLen, out, plain, text + plain);
  memory.fill(KEY, 0, 32);
  if (!failed) return SEAL_DONE;
  wipe(out, plain);
  return SEAL_NOT_AUTHENTIC;
}
