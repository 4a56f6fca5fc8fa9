// Stored references: one journal entry for each user and modality, sealed and bound to the user. Everything here works in the
// scratch area at the arena's start (SCRATCH_BYTES), which the caller wipes.
//
//   0  user's length u8    1  modality u8    2  samples u8    3  form u8    4  enrolled u64 (host's clock, seconds)
//  12  user (at most 64 bytes of UTF-8), then the sealed reference (minimize/seal.ts), which proves modality and form

import { arenaBase } from "../arena";
import { same } from "../bytes";
import {
  SEAL_NO_KEY,
  SEAL_OVERHEAD,
  seal,
  sealCheck,
  sealedEpoch,
  sealedForm,
  sealedLength,
  sealedModality,
  sealForget,
  sealReveal,
} from "../minimize/seal";
import { modalityTemplateBytes } from "../modality";
import { MODALITIES, MODALITY_NONE } from "../pec/words";
import { journalFirst, journalPeek, journalPut, journalRead } from "../store/journal";
import { ENTRY_LAST, KIND_TEMPLATE } from "../store/kinds";
import { epochNumber, epochSalt } from "./epoch";
import { RC_BOARD, rcOfJournal } from "./rc";

/** Longest user identifier, bytes. */
export const USER_BYTES: i32 = 64;
/** Most samples in a reference: four of the longest templates still fit an entry. */
export const REFERENCE_SAMPLES: i32 = 4;
const USER: i32 = 12;
const HEAD_BYTES: i32 = USER + USER_BYTES;
const PLAIN_BYTES: i32 = 15_000;
/** Scratch: an entry, and its plain templates. */
export const SCRATCH_BYTES: i32 = ENTRY_LAST + PLAIN_BYTES;

const HEAD = memory.data(76, 8);

function entry(): usize {
  return arenaBase();
}

/** Where `referenceOpen` puts the plain templates. */
export function referencePlain(): usize {
  return arenaBase() + ENTRY_LAST;
}

/** The first stored reference whose id is at least `from`, -1 when there is none; its head is then read. */
export function referenceNext(from: i32): i32 {
  const id = journalFirst(KIND_TEMPLATE, from);
  if (id >= 0) referenceHead(id);
  return id;
}

/** Reads the head of reference `id`. Returns false when there is none. */
export function referenceHead(id: i32): bool {
  memory.fill(HEAD, 0, HEAD_BYTES);
  return journalRead(KIND_TEMPLATE, id, 0, HEAD, HEAD_BYTES) > USER;
}

/**
 * The first reference of a modality whose id is at least `from`, -1 when there is none; its head is then read. For searches: heads are
 * not checked against their CRC, since what a changed one could mislead about is found out when the reference is opened.
 */
export function referenceOf(modality: i32, from: i32): i32 {
  let id = journalFirst(KIND_TEMPLATE, from);
  for (; id >= 0; id = journalFirst(KIND_TEMPLATE, id + 1)) {
    if (journalPeek(KIND_TEMPLATE, id, 0, HEAD, HEAD_BYTES) > USER && headModality() == modality) break;
  }
  return id;
}

/** Of the head read last: where the user is, its length, modality, samples, form, and when it was enrolled. */
export function headUser(): usize {
  return HEAD + USER;
}
export function headUserLength(): i32 {
  return min(load<u8>(HEAD) as i32, USER_BYTES);
}
export function headModality(): i32 {
  const modality = load<u8>(HEAD, 1) as i32;
  return modality < MODALITIES.length ? modality : MODALITY_NONE; // flash is not trusted
}
export function headSamples(): i32 {
  return load<u8>(HEAD, 2);
}
export function headForm(): i32 {
  return load<u8>(HEAD, 3);
}
export function headEnrolled(): u64 {
  return load<u64>(HEAD, 4);
}

/** The id of a user's reference, -1 when there is none; its head is then read. `modality` 0: any. */
export function referenceFind(modality: i32, user: usize, length: i32): i32 {
  for (let id = referenceNext(0); id >= 0; id = referenceNext(id + 1)) {
    if (modality && headModality() != modality) continue;
    if (headUserLength() == length && same(headUser(), user, length)) return id;
  }
  return -1;
}

/**
 * Reads and authenticates a reference; its head is read too. Returns how many templates it holds, 0: it does not open, now or ever; -1:
 * the board gave no key; a `form` other than -1 must be the reference's. The seal proves templates, modality, form and user; their CRC
 * is not looked at. Where there are templates, `referenceReveal` decrypts what is wanted of them, and then `referenceClose` must be called.
 */
export function referenceOpen(id: i32, form: i32 = -1): i32 {
  const length = journalPeek(KIND_TEMPLATE, id, 0, entry(), ENTRY_LAST);
  if (length < USER + SEAL_OVERHEAD) return 0;
  memory.copy(HEAD, entry(), min(length, HEAD_BYTES));
  if (form >= 0 && form != headForm()) return 0;
  const sealed = entry() + USER + headUserLength();
  const salt = epochSalt(sealedEpoch(sealed));
  if (!salt) return 0;
  const sealedBytes = length - USER - headUserLength();
  const status = sealCheck(salt, headUser(), headUserLength(), sealed, sealedBytes, referencePlain(), PLAIN_BYTES);
  if (status) return status == SEAL_NO_KEY ? -1 : 0;
  // From here on the head says what the seal has proved.
  const proved = sealedModality(sealed) == headModality() && sealedForm(sealed) == headForm();
  const template = modalityTemplateBytes(headModality(), headForm());
  const count = template && proved ? sealedLength(sealed) / template : 0;
  if (!count) referenceClose();
  return count;
}

/** Decrypts the bytes from `from` to `to` of the opened reference's templates at `referencePlain`; once each. */
export function referenceReveal(from: i32, to: i32): void {
  sealReveal(referencePlain(), from, to);
}

/** Forgets the key of the opened reference. */
export function referenceClose(): void {
  sealForget();
}

/** Seals `count` plain templates at `plain` for a user and puts them, in the journal's open batch if `more`. Returns 0 or an RC. */
export function referencePut(
  id: i32,
  modality: i32,
  form: i32,
  user: usize,
  userLength: i32,
  enrolled: u64,
  plain: usize,
  count: i32,
  more: i32,
): i32 {
  const bytes = count * modalityTemplateBytes(modality, form);
  const at = entry();
  store<u8>(at, userLength as u8);
  store<u8>(at, modality as u8, 1);
  store<u8>(at, count as u8, 2);
  store<u8>(at, form as u8, 3);
  store<u64>(at, enrolled, 4);
  memory.copy(at + USER, user, userLength);
  const sealed = at + USER + userLength;
  const epoch = epochNumber();
  if (seal(modality, form, count, epoch, epochSalt(epoch), user, userLength, plain, bytes, sealed)) return RC_BOARD;
  const status = journalPut(KIND_TEMPLATE, id, at, USER + userLength + bytes + SEAL_OVERHEAD, more);
  return status ? rcOfJournal(status) : 0;
}

/** Seals a reference anew under the epoch in force; one that does not open any more is left for the caller to remove (-1). */
export function referenceReseal(id: i32): i32 {
  const count = referenceHead(id) ? referenceOpen(id) : 0;
  if (count < 0) return RC_BOARD;
  if (!count) return -1;
  referenceReveal(0, count * modalityTemplateBytes(headModality(), headForm()));
  referenceClose();
  if (sealedEpoch(entry() + USER + headUserLength()) == epochNumber()) return 0;
  return referencePut(
    id,
    headModality(),
    headForm(),
    headUser(),
    headUserLength(),
    headEnrolled(),
    referencePlain(),
    count,
    0,
  );
}

/** Most bytes of the entry for a reference of `samples` templates. */
export function referenceBytes(modality: i32, form: i32, samples: i32): i32 {
  return HEAD_BYTES + SEAL_OVERHEAD + samples * modalityTemplateBytes(modality, form);
}

/** An id that no reference has. */
export function referenceFree(): i32 {
  let id = 1;
  for (let used = referenceNext(id); used == id; used = referenceNext(id)) id++;
  return id;
}

/** Copies bytes of the sealed reference `id`, whose head was read, from `offset` to `out`. Returns how many, 0 beyond its end. */
export function referenceSealed(id: i32, offset: i32, out: usize, capacity: i32): i32 {
  const skip = USER + headUserLength();
  const length = min(capacity, sealedBytes() - offset);
  return length > 0 ? journalRead(KIND_TEMPLATE, id, skip + offset, out, length) : 0;
}

/** Bytes of the sealed reference whose head was read. */
export function sealedBytes(): i32 {
  return SEAL_OVERHEAD + headSamples() * modalityTemplateBytes(headModality(), headForm());
}
