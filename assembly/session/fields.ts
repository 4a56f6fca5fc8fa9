// Fields that several requests of group 64 share, and their error answer.
import { cborFind, cborLength, cborSame, cborText, cborUint } from "../link/cbor";
import { GROUP_KANMON, smpError } from "../link/smp";
import { MODALITIES, PURPOSES } from "../pec/words";
import { FORM_BANDS, formOf, KINDS, PROFILES, REGIONS } from "../vision/form";
import { USER_BYTES } from "./references";

/** Length of the user that userField found; -1: not a user identifier; 0: none was given. */
export let userLength: i32 = 0;

/** Answers an error of group 64. */
export function fail(rc: i32, framing: i32): void {
  smpError(GROUP_KANMON, rc, framing);
}

/** The index of the text under `key` in a vocabulary, -1 when it is none of its words. */
function word(map: usize, end: usize, key: string, words: StaticArray<string>): i32 {
  const at = cborText(map, end, key);
  const length = cborLength;
  for (let i = 0; at && i < words.length; i++) if (cborSame(at, length, unchecked(words[i]))) return i;
  return -1;
}

/** A modality (pec/words.ts), -1: not one. */
export function modalityField(map: usize, end: usize): i32 {
  return word(map, end, "modality", MODALITIES);
}

/** A purpose (pec/words.ts), -1: not one. */
export function purposeField(map: usize, end: usize): i32 {
  return word(map, end, "purpose", PURPOSES);
}

/** The form (vision/form.ts) that "bands", "region", "profile" and "kind" say, each of which may be left out; -1: one of them is none that is known. */
export function formField(map: usize, end: usize): i32 {
  const bands = cborFind(map, end, "bands") ? cborUint(map, end, "bands", FORM_BANDS) : 0;
  const region = cborFind(map, end, "region") ? word(map, end, "region", REGIONS) : 0;
  const profile = cborFind(map, end, "profile") ? word(map, end, "profile", PROFILES) : 0;
  const kind = cborFind(map, end, "kind") ? word(map, end, "kind", KINDS) : 0;
  return bands < 0 || region < 0 || profile < 0 || kind < 0 ? -1 : formOf(bands as i32, region, profile, kind);
}

/** Where the user identifier is: 1..64 bytes of UTF-8 without control characters; see userLength. */
export function userField(map: usize, end: usize): usize {
  userLength = 0;
  if (!cborFind(map, end, "user")) return 0;
  const at = cborText(map, end, "user");
  userLength = at && cborLength > 0 && cborLength <= USER_BYTES && isPlainText(at, cborLength) ? cborLength : -1;
  return at;
}

/** Whether the bytes are UTF-8 (RFC 3629) without control characters: what else is stored as a name could not be typed to delete it. */
function isPlainText(at: usize, length: i32): bool {
  for (let i = 0; i < length; ) {
    const first = load<u8>(at + (i as usize)) as u32;
    const more = first < 0x80 ? 0 : first < 0xc2 ? -1 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : -1;
    if (more < 0 || i + more >= length) return false;
    let point: u32 = more ? first & (0x3f >> more) : first;
    for (let k = 1; k <= more; k++) {
      const byte = load<u8>(at + ((i + k) as usize)) as u32;
      if ((byte & 0xc0) != 0x80) return false;
      point = (point << 6) | (byte & 0x3f);
    }
    if (point < 0x20 || (point >= 0x7f && point < 0xa0)) return false;
    if (more == 2 && (point < 0x800 || (point >= 0xd800 && point < 0xe000))) return false;
    if (more == 3 && (point < 0x10000 || point > 0x10ffff)) return false;
    i += 1 + more;
  }
  return true;
}

/** The host's clock under "time", seconds since 1970; 0: not told. */
export function now(map: usize, end: usize): u64 {
  const time = cborUint(map, end, "time", 0xffffffff);
  return time > 0 ? (time as u64) : 0;
}
