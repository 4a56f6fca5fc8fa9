// The device as a whole: what start brings up, and whether it may open sessions.
import { image_digest, public_key } from "../board";
import { deviceId } from "../pec/checkpoint";
import { journalMount } from "../store/journal";
import { epochRestore } from "./epoch";
import { imageDigest, logRestore } from "./log";
import { calibrationRestore, livenessRestore, policyRestore } from "./manage";
import { RC_BOARD } from "./rc";
import { rotationResume } from "./rotate";
import { triesStart } from "./tries";

export const READY: i32 = 0;
/** The journal's partition could not be mounted, or its key epoch cannot be read. */
export const NO_JOURNAL: i32 = 1;
/** The journal is older than the board's counter: it was put back, or lost records. Nothing is signed on top of it. */
export const ROLLED_BACK: i32 = 2;
/** The policy that was set cannot be read or does not verify any more: nothing but setting another is served. */
export const NO_POLICY: i32 = 4;
/** The board gave no key, no random bytes or no digest. */
export const NO_BOARD: i32 = 3;
export const STATES: StaticArray<string> = ["ready", "no_journal", "rolled_back", "no_board", "no_policy"];

const ID = memory.data(8, 8);
const KEY = memory.data(32, 8);
let state: i32 = NO_JOURNAL;
let bytes: u32 = 0;

/** READY, or why not. */
export function deviceState(): i32 {
  return state;
}

/** The device's id: DEVICE_ID_BYTES. */
export function deviceIdBytes(): usize {
  return ID;
}

/** The device's Ed25519 public key, 32 bytes. */
export function deviceKey(): usize {
  return KEY;
}

/** Bytes of the journal's partition. */
export function journalBytes(): u32 {
  return bytes;
}

/** A policy was set: a device that waited for one is ready. */
export function deviceHasPolicy(): void {
  if (state == NO_POLICY) state = READY;
}

/** Brings the device up on a journal of `journal` bytes, sectors of `sector`, write units of `unit`. Returns the state. */
export function deviceStart(journal: u32, sector: u32, unit: u32): i32 {
  bytes = journal;
  state = NO_BOARD;
  if (public_key(KEY) != 0 || deviceId(ID) || image_digest(imageDigest()) != 0) return state;
  state = NO_JOURNAL;
  if (journalMount(journal, sector, unit)) return state;
  const epoch = epochRestore();
  if (epoch) {
    if (epoch == RC_BOARD) state = NO_BOARD;
    return state;
  }
  const policy = policyRestore();
  calibrationRestore();
  livenessRestore();
  triesStart();
  state = !logRestore() ? ROLLED_BACK : policy ? NO_POLICY : READY;
  // A rotation that cannot be finished now (a full journal) is tried again at the next start; both keys are still there.
  if (state == READY) rotationResume();
  return state;
}
