// The log's checkpoint: a C2SP signed note (c2sp.org/tlog-checkpoint, c2sp.org/signed-note) over the size and root of the tree,
// signed through the board, so that anyone can check the log with other people's tools.
//
//   kanmon.example/device/0123456789abcdef     origin: names this device's log, and is the key's name
//   42                                         leaves
//   CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//                                              (blank)
//   — kanmon.example/device/0123456789abcdef base64(key id ‖ signature)
import { public_key, sign } from "../board";
import { base64 } from "./base64";
import { sha256, sha256Final, sha256Init, sha256Update } from "./sha256";
import { treeRoot, treeSize } from "./tree";

/** No checkpoint is longer. */
export const CHECKPOINT_BYTES: i32 = 256;
/** Bytes of a device's id: the first of SHA-256(public key). Eight make accidental twins unlikely among millions of devices. */
export const DEVICE_ID_BYTES: i32 = 8;

const PREFIX = "kanmon.example/device/";
/** Characters of the origin: the prefix and the device id in hexadecimal. */
export const ORIGIN_CHARACTERS: i32 = 22 + 16;

const NOTE = memory.data(256, 8);
const KEY = memory.data(32, 8);
const HASH = memory.data(32, 8);
const SIGNED = memory.data(68, 8); // key id ‖ signature, one base64 text

let at: usize = NOTE;

function putByte(byte: u8): void {
  store<u8>(at++, byte);
}

function putAscii(text: string): void {
  for (let i = 0; i < text.length; i++) putByte(text.charCodeAt(i) as u8);
}

function putDecimal(value: u32): void {
  let power: u32 = 1;
  while (value / power >= 10) power *= 10;
  for (; power; power /= 10) putByte((0x30 + ((value / power) % 10)) as u8);
}

function putOrigin(): void {
  putAscii(PREFIX);
  for (let i = 0; i < DEVICE_ID_BYTES; i++) {
    const byte = load<u8>(HASH + i);
    putByte(hexDigit(byte >> 4));
    putByte(hexDigit(byte & 15));
  }
}

function hexDigit(four: u8): u8 {
  return four < 10 ? 0x30 + four : 0x57 + four;
}

/** Loads the board's key and its id into KEY and HASH. */
function identify(): bool {
  if (public_key(KEY) != 0) return false;
  sha256(KEY, 32, HASH);
  return true;
}

/** Writes the device id (DEVICE_ID_BYTES). Returns 0, or 1 when the board gives no key. */
export function deviceId(out: usize): i32 {
  if (!identify()) return 1;
  memory.copy(out, HASH, DEVICE_ID_BYTES);
  return 0;
}

/** Writes the log's origin (ORIGIN_CHARACTERS of ASCII). Returns 0, or 1 when the board gives no key. */
export function checkpointOrigin(out: usize): i32 {
  if (!identify()) return 1;
  at = out;
  putOrigin();
  return 0;
}

/**
 * Builds and signs the checkpoint of the tree as it is now. Returns its length, 0 when the board cannot sign. The text is at
 * `checkpointText` until the next call. Sign only trees that are durable: a log must never sign two that are inconsistent.
 */
export function checkpointSign(): i32 {
  if (!identify()) return 0;
  at = NOTE;
  putOrigin();
  putByte(0x0a);
  putDecimal(treeSize());
  putByte(0x0a);
  treeRoot(HASH);
  at += base64(HASH, 32, at);
  putByte(0x0a);
  const body = i32(at - NOTE);
  if (sign(NOTE, body, SIGNED + 4) != 0) return 0;
  // Key id: SHA-256(name ‖ newline ‖ 0x01 (Ed25519) ‖ public key), first four bytes.
  store<u16>(HASH, 0x010a);
  sha256Init();
  sha256Update(NOTE, ORIGIN_CHARACTERS);
  sha256Update(HASH, 2);
  sha256Update(KEY, 32);
  sha256Final(HASH);
  store<u32>(SIGNED, load<u32>(HASH));
  putByte(0x0a);
  putByte(0xe2); // em dash, U+2014
  putByte(0x80);
  putByte(0x94);
  putByte(0x20);
  memory.copy(at, NOTE, ORIGIN_CHARACTERS);
  at += ORIGIN_CHARACTERS;
  putByte(0x20);
  at += base64(SIGNED, 68, at);
  putByte(0x0a);
  return i32(at - NOTE);
}

/** Where `checkpointSign` put the text. */
export function checkpointText(): usize {
  return NOTE;
}
