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
import * as d from "./policy-bank";
import { parsePolicy } from "./policy-document";
import { POLICY_DONE, POLICY_LENGTH, POLICY_NOT_SIGNED, POLICY_SIGNATURE } from "./policy-fields";

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
} from "./policy-fields";

/** No policy document is longer. */
export const POLICY_BYTES: i32 = COSE_BYTES;

const CURRENT = memory.data(64 + 3 * 384, 8);
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
  if (signed == COSE_LENGTH) return POLICY_LENGTH;
  if (signed) return signed == COSE_SIGNATURE ? POLICY_SIGNATURE : POLICY_NOT_SIGNED;
  const end = cosePayload + (cosePayloadLength as usize);
  const status = parsePolicy(cosePayload, end, TRUSTED, load<u64>(CURRENT, d.ISSUED) as i64);
  if (status) return status;
  sha256(cosePayload, cosePayloadLength, d.PENDING);
  memory.copy(CURRENT, d.PENDING, d.BANK_BYTES);
  return POLICY_DONE;
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

/** Whether liveness is judged. */
export function policyJudges(modality: i32): bool {
  return load<u32>(d.bank(CURRENT, modality), d.JUDGED) != 0;
}

/** Id of the liveness calibration under which it is, 32 bytes. */
export function policyCalibration(modality: i32): usize {
  return d.bank(CURRENT, modality) + d.CALIBRATION;
}

/** Least time from the first byte of a session's frames to the last, milliseconds. */
export function policyLeastMs(modality: i32): u32 {
  return load<u32>(d.bank(CURRENT, modality), d.LEAST_MS);
}

/** Liveness terms that must be measured, a bit each. */
export function policyTerms(modality: i32): u32 {
  return load<u32>(d.bank(CURRENT, modality), d.REQUIRED);
}

/** Whether the raw value of a required term, millibits, is within its limits. */
export function policyTermWithin(modality: i32, term: i32, value: i32): bool {
  const limits = d.bank(CURRENT, modality) + ((term as usize) << 2);
  return value >= load<i16>(limits, d.LIMITS) && value <= load<i16>(limits, d.LIMITS + 2);
}

/** How many classes of attacks have a floor. */
export function policyClasses(modality: i32): i32 {
  return load<i32>(d.bank(CURRENT, modality), d.CLASSES);
}

/** Where class `k` is: its name in NAME_BYTES, filled up with zeros, then its floor, i32 millibits. */
export function policyClass(modality: i32, k: i32): usize {
  return d.bank(CURRENT, modality) + d.FLOORS + k * d.FLOOR_STRIDE;
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
