// Keys of one epoch, from the board's root key: derive_key(label ‖ epoch ‖ salt ‖ more). The salt is fresh random for each epoch
// and lives only in the journal, so that dropping it makes everything sealed in the epoch unreadable, even for whoever later
// gets the root key (crypto-erase; renewability and unlinkability of ISO/IEC 24745).
import { derive_key } from "../board";

export const SALT_BYTES: i32 = 16;
/** Most bytes of `more`: a user identifier. */
export const MORE_BYTES: i32 = 64;

const CONTEXT = memory.data(16 + 4 + 16 + 64, 8); // label ‖ epoch ‖ salt ‖ more

/** Derives 32 bytes for `label` (at most 16 ASCII characters). Returns 0, or 1: `more` too long or the board failed. */
export function epochKey(label: string, epoch: u32, salt: usize, more: usize, moreLen: i32, out: usize): i32 {
  if (moreLen < 0 || moreLen > MORE_BYTES) return 1;
  memory.fill(CONTEXT, 0, 16);
  for (let i = 0; i < label.length; i++) store<u8>(CONTEXT + i, label.charCodeAt(i) as u8);
  store<u32>(CONTEXT, epoch, 16);
  memory.copy(CONTEXT + 20, salt, SALT_BYTES);
  memory.copy(CONTEXT + 36, more, moreLen);
  const failed = derive_key(CONTEXT, 36 + moreLen, out);
  memory.fill(CONTEXT, 0, 100);
  return failed ? 1 : 0;
}
