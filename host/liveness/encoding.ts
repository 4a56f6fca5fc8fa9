// The one encoding of liveness tables (docs/liveness.md, section 5). Its SHA-256 is the calibration's id: whoever signs it, and whenever, the
// same tables have the same id.
import { createHash } from "node:crypto";
import { decode, encode, rfc8949EncodeOptions } from "cborg";
import { z } from "zod";
import { type Class, checkTables, invalid, type Table, type Tables, type Term, type TermName } from "./tables.ts";

/** Names in the order of their encoded keys: shorter first, then bytewise. */
function ordered<V>(map: { [name: string]: V | undefined }): [name: string, value: V][] {
  const present = Object.entries(map).filter((entry): entry is [string, V] => entry[1] !== undefined);
  return present.sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1));
}

/** The terms in the order in which the tables of a class stand. */
export function termOrder({ terms }: Tables): TermName[] {
  return ordered(terms).map(([name]) => name as TermName);
}

function shorts(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt16LE(value & 0xffff, 2 * i);
  return bytes;
}

/** The deterministic CBOR of tables. Throws KAN-LIVENESS-INVALID. */
export function encodeTables(value: Tables): Uint8Array {
  const tables = checkTables(value);
  const order = termOrder(tables);
  const terms = ordered(tables.terms).map(([name, { low, high, edges }]) => [name, shorts([low, high, ...edges])]);
  const classes = ordered(tables.classes).map(([name, one]) => {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(one.attacks, 0);
    head.writeInt16LE(one.offset, 4);
    head.writeUInt16LE(one.challenge ? 1 : 0, 6);
    const blocks = order.map((term) => {
      const { weight, evidence } = one.tables[term] as Table;
      return shorts([weight, ...evidence]);
    });
    return [name, Buffer.concat([head, ...blocks])];
  });
  const { modality, staged, states, error } = tables;
  const map = {
    modality,
    staged,
    states,
    error,
    terms: Object.fromEntries(terms),
    classes: Object.fromEntries(classes),
  };
  return encode(map, rfc8949EncodeOptions);
}

const Encoded = z.strictObject({
  modality: z.string(),
  staged: z.boolean(),
  states: z.int(),
  error: z.int(),
  terms: z.record(z.string(), z.instanceof(Uint8Array)),
  classes: z.record(z.string(), z.instanceof(Uint8Array)),
});

/** Reads the tables of an encoding, whole and deterministic. Throws KAN-LIVENESS-INVALID. */
export function decodeTables(bytes: Uint8Array): Tables {
  const map = Encoded.safeParse(decodeStrictly(bytes));
  if (!map.success) throw invalid("not a map of tables");
  const terms = ordered(map.data.terms).map(([name, block]): [string, Term] => {
    const [low = 0, high = 0, ...edges] = shortsOf(block);
    return [name, { low, high, edges }];
  });
  const classes = ordered(map.data.classes).map(([name, block]) => [name, classOf(block, terms)]);
  const { modality, staged, states, error } = map.data;
  const tables = checkTables({
    modality,
    staged,
    states,
    error,
    terms: Object.fromEntries(terms),
    classes: Object.fromEntries(classes),
  });
  if (!Buffer.from(bytes).equals(encodeTables(tables))) throw invalid("not the one encoding of its values");
  return tables;
}

function classOf(block: Uint8Array, terms: readonly [string, Term][]): Class {
  const bytes = Buffer.from(block.subarray(0, 8));
  if (bytes.length < 8) throw invalid("a class is cut short");
  const values = shortsOf(block.subarray(8));
  const tables = terms.map(([name, { edges }]) => {
    const [weight = 0, ...evidence] = values.splice(0, edges.length + 2);
    return [name, { weight, evidence }];
  });
  const flags = bytes.readUInt16LE(6);
  if (flags > 1) throw invalid("a class has flags that are not known");
  const [attacks, offset] = [bytes.readUInt32LE(0), bytes.readInt16LE(4)];
  return { attacks, offset, challenge: flags === 1, tables: Object.fromEntries(tables) };
}

function shortsOf(block: Uint8Array): number[] {
  const bytes = Buffer.from(block);
  return Array.from({ length: bytes.length >> 1 }, (_, i) => bytes.readInt16LE(2 * i));
}

/** Decodes CBOR without leniency; what is none gives undefined. */
export function decodeStrictly(bytes: Uint8Array): unknown {
  try {
    return decode(bytes, { strict: true, allowIndefinite: false, allowUndefined: false, rejectDuplicateMapKeys: true });
  } catch {
    return undefined;
  }
}

/** The calibration's id: SHA-256 of the encoded tables. */
export function tablesId(encoded: Uint8Array): Uint8Array {
  return createHash("sha256").update(encoded).digest();
}
