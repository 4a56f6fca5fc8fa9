// The policy in force: the limits a regulator or operator signs and the device enforces. Verified first, then parsed whole into a
// second bank, and only then put in force: a document that is unsigned, older, incomplete, out of range or has a field unknown here
// changes nothing (it fails closed). docs/policy.md describes the document, the host writes it (host/policy/).
import {
  COSE_BYTES,
  COSE_LENGTH,
  COSE_POLICY,
  COSE_SIGNATURE,
  cosePayload,
  cosePayloadLength,
  coseVerify,
} from "../pec/cose";
import { sha256 } from "../pec/sha256";
import { MODALITIES, QUALITY_MEASURES } from "../pec/words";
import { DEVELOPMENT_AUTHORITY, DEVELOPMENT_POLICY, DEVELOPMENT_POLICY_BYTES } from "./development";
import * as d from "./policy-document";

export {
  POLICY_AUTHORITY,
  POLICY_DONE,
  POLICY_LENGTH,
  POLICY_MALFORMED,
  POLICY_NOT_SIGNED,
  POLICY_RANGE,
  POLICY_SIGNATURE,
  POLICY_STALE,
  POLICY_UNKNOWN_FIELD,
  POLICY_VERSION,
} from "./policy-document";

/** No policy document is longer. */
export const POLICY_BYTES: i32 = COSE_BYTES;

const CURRENT = memory.data(224, 8);
const TRUSTED = memory.data(32, 8);

/** Trusts the 32-byte public key of an authority from now on; the policy in force stays until a document is loaded. */
export function policyTrust(authority: usize): void {
  memory.copy(TRUSTED, authority, 32);
}

/** Where the 32-byte public key of the trusted authority is. */
export function policyTrusted(): usize {
  return TRUSTED;
}

/** Puts the built-in policy, marked development, in force and trusts the development authority. To be called at start. */
export function policyDefault(): i32 {
  memory.fill(CURRENT, 0, d.BANK_BYTES);
  memory.copy(TRUSTED, DEVELOPMENT_AUTHORITY, 32);
  return policyLoad(DEVELOPMENT_POLICY, DEVELOPMENT_POLICY_BYTES);
}

/** Verifies, parses and puts in force the signed document of `len` bytes at `document`. Returns a POLICY_ status; unless it is POLICY_DONE, the policy in force is the one before. */
export function policyLoad(document: usize, len: i32): i32 {
  const signed = coseVerify(COSE_POLICY, document, len, TRUSTED);
  if (signed == COSE_LENGTH) return d.POLICY_LENGTH;
  if (signed) return signed == COSE_SIGNATURE ? d.POLICY_SIGNATURE : d.POLICY_NOT_SIGNED;
  const end = cosePayload + (cosePayloadLength as usize);
  const status = d.parsePolicy(cosePayload, end, TRUSTED, load<u64>(CURRENT, d.ISSUED) as i64);
  if (status) return status;
  sha256(cosePayload, cosePayloadLength, d.PENDING);
  memory.copy(CURRENT, d.PENDING, d.BANK_BYTES);
  return d.POLICY_DONE;
}

/** Where the digest of the policy in force is: SHA-256 of its payload, 32 bytes. */
export function policyDigest(): usize {
  return CURRENT + d.DIGEST;
}

/** Whether it is marked for development only. */
export function policyDevelopment(): bool {
  return load<u32>(CURRENT, d.DEVELOPMENT) != 0;
}

/** When it was issued, seconds since 1970 by its authority's clock. */
export function policyIssued(): u64 {
  return load<u64>(CURRENT, d.ISSUED);
}

/** Failed tries in a row after which a user is locked. */
export function policyTries(): u32 {
  return load<u32>(CURRENT, d.TRIES);
}

/** Delay after the given count of failed tries in a row, ms: `delay_ms` after the first, doubled for each more, at most `delay_max_ms`. */
export function policyDelay(failed: u32): u32 {
  const longest = load<u32>(CURRENT, d.DELAY_MAX) as u64;
  if (!failed) return 0;
  return min(longest, (load<u32>(CURRENT, d.DELAY) as u64) << min<u32>(failed - 1, 31)) as u32;
}

/** Days after which a reference is to be deleted. */
export function policyRetentionDays(): u32 {
  return load<u32>(CURRENT, d.RETENTION);
}

/** Days after which the key epoch is to be rotated. */
export function policyRotationDays(): u32 {
  return load<u32>(CURRENT, d.ROTATION);
}

/** Whether a modality (words.ts) may be used at all. */
export function policyPermits(modality: i32): bool {
  return modality > 0 && modality < MODALITIES.length && load<u32>(d.bank(CURRENT, modality), d.PERMITTED) != 0;
}

/** Least comparison score to accept, 1..1,000,000: one reference against one claim. */
export function policyThreshold(modality: i32): i32 {
  return load<i32>(d.bank(CURRENT, modality), d.THRESHOLD);
}

/** Least comparison score to accept when all references are searched. */
export function policyIdentifyThreshold(modality: i32): i32 {
  return load<i32>(d.bank(CURRENT, modality), d.IDENTIFY);
}

/** Samples joined in a reference at enrolment. */
export function policySamples(modality: i32): i32 {
  return load<i32>(d.bank(CURRENT, modality), d.SAMPLES);
}

/** Whether liveness has a floor. */
export function policyHasFloor(modality: i32): bool {
  return load<u32>(d.bank(CURRENT, modality), d.HAS_FLOOR) != 0;
}

/** The liveness floor, millibits. */
export function policyFloor(modality: i32): i32 {
  return load<i32>(d.bank(CURRENT, modality), d.FLOOR);
}

/** The first measure (an index of QUALITY_MEASURES) of a quality record that is below its minimum, -1 when none is. One that has a minimum and was not measured is below it. */
export function policyQuality(modality: i32, quality: usize): i32 {
  const minima = d.bank(CURRENT, modality) + d.MINIMA;
  for (let i = 0; i < QUALITY_MEASURES.length; i++) {
    const least = load<u8>(minima + i);
    const value = load<u8>(quality + i);
    if (least && (value < least || value == 255)) return i;
  }
  return -1;
}
