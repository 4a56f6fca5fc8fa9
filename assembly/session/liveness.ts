// The liveness calibrations in force, one a modality: signed documents (docs/liveness.md, section 5), verified and checked whole before they
// are in force, kept in the journal. What is in force is their id; the tables are read where the document is, when they are needed.

import { same } from "../bytes";
import { cborBool, cborFind, cborIsMap, cborLength, cborSkip, cborText } from "../link/cbor";
import { tablesOpen } from "../liveness/tables";
import { COSE_LIVENESS, cosePayload, cosePayloadLength } from "../pec/cose";
import { sha256 } from "../pec/sha256";
import { modalityField } from "./fields";
import { isName } from "./name";
import { SIGNED_DONE, SIGNED_MALFORMED, SIGNED_STALE, signedIssued, signedOpen } from "./signed";

const FIELDS: u8 = 5;
const TABLES_FIELDS: u8 = 6;

/** The tables name a term that this image does not measure, are not monotone, or have a value out of its range. Other statuses: SIGNED_ (signed.ts). */
export const LIVENESS_TABLES: i32 = 7;

// In force of a modality: id 32, u32 issued, u16 where its tables are in the document, u16 how many bytes they have; 0: there is none.
const STRIDE: usize = 40;
const ISSUED: usize = 32;
const AT: usize = 36;
const BYTES: usize = 38;
const IN_FORCE = memory.data(4 * 40, 8);
const ID = memory.data(32, 8);

/** The modality of the calibration loaded last. */
export let livenessModality: i32 = 0;

function inForce(modality: i32): usize {
  return IN_FORCE + (modality as usize) * STRIDE;
}

/** Forgets the calibrations in force. */
export function livenessNone(): void {
  memory.fill(IN_FORCE, 0, 4 * STRIDE);
}

/** The id of the calibration in force for a modality: SHA-256 of its tables, 32 bytes; all zero: there is none. */
export function livenessId(modality: i32): usize {
  return inForce(modality);
}

/** Verifies, checks and puts in force the signed document. Returns a SIGNED_ status or LIVENESS_TABLES; unless it is SIGNED_DONE, what was in force stays. */
export function livenessLoad(document: usize, len: i32): i32 {
  const status = signedOpen(COSE_LIVENESS, document, len, FIELDS);
  if (status) return status;
  const map = cosePayload;
  const end = map + (cosePayloadLength as usize);
  const tables = cborFind(map, end, "tables");
  if (!isName(cborText(map, end, "name"), cborLength) || !tables) return SIGNED_MALFORMED;
  const after = cborSkip(tables, end);
  if (!cborIsMap(tables, after) || (load<u8>(tables) & 31) != TABLES_FIELDS) return SIGNED_MALFORMED;
  const modality = modalityField(tables, after);
  if (modality < 1 || cborBool(tables, after, "staged") < 0) return SIGNED_MALFORMED;
  const place = inForce(modality);
  if (signedIssued < load<u32>(place, ISSUED)) return SIGNED_STALE;
  if (!tablesOpen(tables, after)) return LIVENESS_TABLES;
  sha256(tables, (after - tables) as i32, place);
  store<u32>(place, signedIssued, ISSUED);
  store<u16>(place, (tables - document) as u16, AT);
  store<u16>(place, (after - tables) as u16, BYTES);
  livenessModality = modality;
  return SIGNED_DONE;
}

/** Opens the tables in force for a modality, given its document as it was kept; whether they are those of `id`, which a policy names. */
export function livenessOpen(modality: i32, document: usize, len: i32, id: usize): bool {
  const place = inForce(modality);
  const bytes = load<u16>(place, BYTES) as i32;
  const tables = document + load<u16>(place, AT);
  if (!bytes || tables + (bytes as usize) > document + (len as usize)) return false;
  sha256(tables, bytes, ID);
  return same(ID, id, 32) && tablesOpen(tables, tables + (bytes as usize));
}
