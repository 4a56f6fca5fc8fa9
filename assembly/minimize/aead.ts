// ChaCha20-Poly1305 (RFC 8439 section 2.8) in place: encrypts and authenticates what leaves the image or goes to flash.
import { chachaBlock, chachaInit, chachaSeek, chachaWipe, chachaXor } from "./chacha20";
import { polyFinal, polyInit, polyUpdatePadded } from "./poly1305";

export const AEAD_KEY_BYTES: i32 = 32;
export const AEAD_NONCE_BYTES: i32 = 12;
export const AEAD_TAG_BYTES: i32 = 16;

const ONE_TIME = memory.data(64, 8); // first key-stream block: the authenticator's key
const LENGTHS = memory.data(16, 8);
const TAG = memory.data(16, 8);

/** Loads the key and derives the authenticator's; leaves the cipher at block 1. */
function begin(key: usize, nonce: usize): void {
  chachaInit(key, nonce, 0);
  chachaBlock(ONE_TIME);
  polyInit(ONE_TIME);
  memory.fill(ONE_TIME, 0, 64);
}

/** The tag over the additional data and the ciphertext. */
function authenticate(aad: usize, aadLen: i32, text: usize, len: i32, tag: usize): void {
  polyUpdatePadded(aad, aadLen);
  polyUpdatePadded(text, len);
  store<u64>(LENGTHS, aadLen as u64);
  store<u64>(LENGTHS, len as u64, 8);
  polyUpdatePadded(LENGTHS, 16);
  polyFinal(tag);
}

/** Encrypts `len` bytes at `text` in place and writes the 16-byte tag. A nonce must never come twice under one key. */
export function aeadSeal(key: usize, nonce: usize, aad: usize, aadLen: i32, text: usize, len: i32, tag: usize): void {
  begin(key, nonce);
  chachaXor(text, len);
  chachaWipe();
  authenticate(aad, aadLen, text, len, tag);
}

/**
 * Checks the tag over the additional data and the `len` bytes at `text`, in constant time. Returns 0, or 1 when it is wrong. Once it is
 * right, `aeadReveal` may decrypt parts of the text, until `aeadEnd`.
 */
export function aeadCheck(key: usize, nonce: usize, aad: usize, aadLen: i32, text: usize, len: i32, tag: usize): i32 {
  begin(key, nonce);
  authenticate(aad, aadLen, text, len, TAG);
  const difference = (load<u64>(tag) ^ load<u64>(TAG)) | (load<u64>(tag, 8) ^ load<u64>(TAG, 8));
  memory.fill(TAG, 0, 16);
  if (difference == 0) return 0;
  chachaWipe();
  return 1;
}

/** Decrypts the bytes from `from` to `to` of the text at `text`, which was checked, in place; once each. */
export function aeadReveal(text: usize, from: i32, to: i32): void {
  chachaSeek(1 + (from >> 6));
  chachaXor(text + from, to - from, from & 63);
}

/** Forgets the key of the text that was checked: to be called once done with it. */
export function aeadEnd(): void {
  chachaWipe();
}
