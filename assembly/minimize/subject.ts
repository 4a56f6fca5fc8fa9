// A person's pseudonym in the records: a keyed hash of the user identifier under the epoch's salt. Who holds the log alone cannot
// tell who it was, nor link records across epochs; the device can, as long as it keeps the salt.
import { epochKey } from "./keys";

export const SUBJECT_BYTES: i32 = 16;

const KEY = memory.data(32, 8);

/** Writes the pseudonym (SUBJECT_BYTES) of `user` (at most 64 bytes). Returns 0, or 1: too long, or the board failed. */
export function subject(user: usize, len: i32, epoch: u32, salt: usize, out: usize): i32 {
  if (epochKey("kanmon/subject/1", epoch, salt, user, len, KEY)) return 1;
  memory.copy(out, KEY, SUBJECT_BYTES);
  memory.fill(KEY, 0, 32);
  return 0;
}
