// The policy document as the device reads it: its fields, ranges and where they are kept (docs/policy.md). Any input ends in a
// status: every value is found through the bounded CBOR reader, and a field unknown here, missing, of another type, given twice or
// out of range refuses the whole document.
import { same } from "../bytes";
import { cborBool, cborBytes, cborFind, cborIsMap, cborLength, cborText, cborUint } from "../link/cbor";
import { isDeterministic } from "../pec/deterministic";
import { MODALITIES, QUALITY_MEASURES } from "../pec/words";
import { isName } from "./name";
import {
  BANK_BYTES,
  bank,
  DELAY,
  DELAY_MAX,
  DEVELOPMENT,
  IDENTIFY,
  ISSUED,
  MINIMA,
  PENDING,
  PERMITTED,
  RETENTION,
  ROTATION,
  SAMPLES,
  THRESHOLD,
  TRIES,
} from "./policy-bank";
import {
  close,
  enter,
  fail,
  field,
  fieldsBegin,
  fieldsStatus,
  open,
  POLICY_AUTHORITY,
  POLICY_MALFORMED,
  POLICY_RANGE,
  POLICY_STALE,
  POLICY_VERSION,
  uint,
} from "./policy-fields";
import { parseLiveness } from "./policy-liveness";

const VERSION: i32 = 1;

function parseQuality(map: usize, end: usize, bank: usize): void {
  const before = enter();
  for (let i = 0; i < QUALITY_MEASURES.length; i++) {
    const key = unchecked(QUALITY_MEASURES[i]);
    if (cborFind(map, end, key)) store<u8>(bank + i, uint(map, end, key, 0, 100) as u8, MINIMA);
  }
  close(map, before);
}

function parseModality(map: usize, end: usize, bank: usize): void {
  const before = enter();
  store<u32>(bank, 1, PERMITTED);
  const threshold = uint(map, end, "threshold", 1, 1_000_000);
  store<u32>(bank, threshold as u32, THRESHOLD);
  store<u32>(bank, uint(map, end, "identify_threshold", threshold, 1_000_000) as u32, IDENTIFY);
  store<u32>(bank, uint(map, end, "samples", 1, 4) as u32, SAMPLES);
  const quality = open(map, end, "quality");
  if (quality) parseQuality(quality, end, bank);
  if (cborFind(map, end, "liveness")) {
    const liveness = open(map, end, "liveness");
    if (liveness) parseLiveness(liveness, end, bank);
  }
  // Whether modules may match this modality by themselves is the host's to enforce: they never come before this image.
  if (field(map, end, "on_module", true) && cborBool(map, end, "on_module") < 0) fail(POLICY_MALFORMED);
  close(map, before);
}

/**
 * Parses the payload [payload, end) into PENDING. `authority`: the 32-byte key that signed it; `since`: the issue time of the policy
 * in force. Returns a POLICY_ status: the first thing found wrong.
 */
export function parsePolicy(payload: usize, end: usize, authority: usize, since: i64): i32 {
  fieldsBegin();
  parse(payload, end, authority, since);
  return fieldsStatus();
}

function parse(payload: usize, end: usize, trusted: usize, since: i64): void {
  if (!cborIsMap(payload, end) || !isDeterministic(payload, end)) return fail(POLICY_MALFORMED);
  if (!cborFind(payload, end, "v")) return fail(POLICY_MALFORMED);
  if (cborUint(payload, end, "v", VERSION) != VERSION) return fail(POLICY_VERSION);
  field(payload, end, "v");
  memory.fill(PENDING, 0, BANK_BYTES);
  if (field(payload, end, "name")) {
    const name = cborText(payload, end, "name");
    if (!name) fail(POLICY_MALFORMED);
    else if (!isName(name, cborLength)) fail(POLICY_RANGE);
  }
  if (field(payload, end, "authority")) {
    const authority = cborBytes(payload, end, "authority");
    if (!authority || cborLength != 32) fail(POLICY_MALFORMED);
    else if (!same(authority, trusted, 32)) fail(POLICY_AUTHORITY);
  }
  if (field(payload, end, "development")) {
    const development = cborBool(payload, end, "development");
    if (development < 0) fail(POLICY_MALFORMED);
    store<u32>(PENDING, development as u32, DEVELOPMENT);
  }
  const issued = uint(payload, end, "issued", 0, u32.MAX_VALUE as i64);
  store<u64>(PENDING, issued as u64, ISSUED);
  if (issued < since) fail(POLICY_STALE);
  store<u32>(PENDING, uint(payload, end, "tries", 1, 100) as u32, TRIES);
  const delay = uint(payload, end, "delay_ms", 0, 3_600_000);
  store<u32>(PENDING, delay as u32, DELAY);
  store<u32>(PENDING, uint(payload, end, "delay_max_ms", delay, 86_400_000) as u32, DELAY_MAX);
  store<u32>(PENDING, uint(payload, end, "retention_days", 1, 3_650) as u32, RETENTION);
  store<u32>(PENDING, uint(payload, end, "rotation_days", 1, 3_650) as u32, ROTATION);
  const modalities = open(payload, end, "modalities");
  if (modalities) {
    const before = enter();
    for (let m = 1; m < MODALITIES.length; m++) {
      const key = unchecked(MODALITIES[m]);
      if (!cborFind(modalities, end, key)) continue;
      const map = open(modalities, end, key);
      if (map) parseModality(map, end, bank(PENDING, m));
    }
    close(modalities, before);
  }
  close(payload, 0);
}
