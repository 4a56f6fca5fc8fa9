// Rotation of the key epoch: every reference is sealed anew, then the old salt is dropped and its remains are erased, so that copies
// of the old sealed references (exports, old flash) cannot be opened even by this device. Cut anywhere, it is finished at the next start.

import { arenaBase, reserveArena } from "../arena";
import { wipe, wipeReset, wipeTally } from "../minimize/wipe";
import { DECISION_ROTATED, PURPOSE_ROTATE } from "../pec/words";
import { journalScrub } from "../store/journal";
import { epochDrop, epochNext, epochPrevious, epochRestore, epochSince } from "./epoch";
import { logCommit } from "./log";
import { recordManaged, removeReference } from "./manage";
import { policyRotationDays } from "./policy";
import { RC_UNSUPPORTED } from "./rc";
import { referenceNext, referenceReseal, SCRATCH_BYTES } from "./references";

/** Whether the policy wants a rotation at `now` (host's clock, seconds). */
export function rotationDue(now: u64): bool {
  return epochSince() != 0 && now >= epochSince() + (policyRotationDays() as u64) * 86_400;
}

/** Rotates, or finishes a rotation that was cut. Returns 0 or an RC; a failed one goes on at the next call. */
export function rotate(now: u64): i32 {
  if (!reserveArena(SCRATCH_BYTES)) return RC_UNSUPPORTED;
  wipeReset();
  let status = epochNext(now);
  for (let id = referenceNext(0); !status && id >= 0; id = referenceNext(id + 1)) {
    const resealed = referenceReseal(id);
    if (resealed > 0) status = resealed;
    // One that does not open under any key it could have is lost already; keeping it would only keep its bytes.
    else if (resealed < 0) status = removeReference(id, now);
  }
  wipe(arenaBase(), SCRATCH_BYTES);
  if (status) return status;
  status = epochDrop();
  if (!status) {
    recordManaged(PURPOSE_ROTATE, DECISION_ROTATED, now);
    status = logCommit();
  }
  if (status) epochRestore();
  else while (journalScrub() > 0);
  return status;
}

/** Finishes at start what a power cut interrupted. */
export function rotationResume(): i32 {
  return epochPrevious() ? rotate(epochSince()) : 0;
}
