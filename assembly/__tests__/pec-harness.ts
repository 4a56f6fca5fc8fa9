// What the whole-system tests call of the image's log, sealing and policy: compiled by tests/interop/image.ts, never shipped.

import { aeadCheck, aeadEnd, aeadReveal } from "../minimize/aead";
import { SEAL_DONE, sealCheck, sealedLength, sealForget, sealReveal } from "../minimize/seal";

export { millibits } from "../liveness/log2";
export { verdict } from "../liveness/verdict";
export { aeadSeal } from "../minimize/aead";
export {
  seal,
  sealedCount,
  sealedEpoch,
  sealedForm,
  sealedIsFormed,
  sealedLength,
  sealedModality,
} from "../minimize/seal";
export { subject } from "../minimize/subject";
export { wipe, wipeReset, wipeTally } from "../minimize/wipe";
export { base64 } from "../pec/base64";
export { checkpointOrigin, checkpointSign, checkpointText, deviceId } from "../pec/checkpoint";
export {
  recordBytes,
  recordEncode,
  recordLiveness,
  recordNotJudged,
  recordNumber,
  recordQuality,
  recordReset,
  recordTerm,
} from "../pec/record";
export { sha256 } from "../pec/sha256";
export { treeAppendEntry, treeReset, treeRestore, treeRoot, treeSave, treeSize } from "../pec/tree";
export {
  policyCalibration,
  policyClass,
  policyClasses,
  policyDefault,
  policyDelay,
  policyDevelopment,
  policyDigest,
  policyIdentifyThreshold,
  policyIssued,
  policyJudges,
  policyLeastMs,
  policyLoad,
  policyPermits,
  policyQuality,
  policyRetentionDays,
  policyRotationDays,
  policySamples,
  policyTerms,
  policyTermWithin,
  policyThreshold,
  policyTries,
  policyTrust,
} from "../session/policy";

/** First byte that the test may use: nothing of the image is there. */
export function scratch(): usize {
  return __heap_base;
}

/** Checks the tag, then decrypts all: 0, or 1 when the tag is wrong. */
export function aeadOpen(key: usize, nonce: usize, aad: usize, aadLen: i32, text: usize, len: i32, tag: usize): i32 {
  if (aeadCheck(key, nonce, aad, aadLen, text, len, tag)) return 1;
  aeadReveal(text, 0, len);
  aeadEnd();
  return 0;
}

/** Checks a sealed reference, then decrypts all of it to `out`: a SEAL_ status. */
export function open(
  salt: usize,
  binding: usize,
  bindingLen: i32,
  sealed: usize,
  len: i32,
  out: usize,
  capacity: i32,
): i32 {
  const status = sealCheck(salt, binding, bindingLen, sealed, len, out, capacity);
  if (status != SEAL_DONE) return status;
  sealReveal(out, 0, sealedLength(sealed));
  sealForget();
  return SEAL_DONE;
}
