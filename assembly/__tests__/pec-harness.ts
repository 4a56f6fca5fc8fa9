// What the whole-system tests call of the image's log, sealing and policy: compiled by tests/interop/image.ts, never shipped.

export { aeadOpen, aeadSeal } from "../minimize/aead";
export { open, seal, sealedCount, sealedEpoch, sealedIsFormed, sealedLength, sealedModality } from "../minimize/seal";
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
  policyDefault,
  policyDelay,
  policyDevelopment,
  policyDigest,
  policyFloor,
  policyHasFloor,
  policyIdentifyThreshold,
  policyIssued,
  policyLoad,
  policyPermits,
  policyQuality,
  policyRetentionDays,
  policyRotationDays,
  policySamples,
  policyThreshold,
  policyTries,
  policyTrust,
} from "../session/policy";

/** First byte that the test may use: nothing of the image is there. */
export function scratch(): usize {
  return __heap_base;
}
