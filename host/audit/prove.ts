// Offline proofs that a record is in a device's log: c2sp.org/tlog-proof@v1, one text file. The record itself is its extra data, so
// that the file and the device's verifier key are all that a judge, a laboratory or the person concerned needs.
import { EXIT, KanmonError } from "../errors.ts";
import { type Checkpoint, fromBase64, type Verifier, verifyCheckpoint } from "./note.ts";
import type { LogStore } from "./store.ts";
import { type Hash, inclusionProof, leafHash, verifyInclusion } from "./tree.ts";

const HEADER = "c2sp.org/tlog-proof@v1";

/** A proof taken apart; nothing of it is to be trusted before `verifyProof`. */
export interface Proof {
  index: number;
  /** The entry, where the proof brings it along. */
  entry: Uint8Array | undefined;
  /** Hashes from the leaf's sibling up. */
  path: Hash[];
  /** The signed checkpoint. */
  note: string;
}

/** The proof of entry `index` under the stored checkpoint, as text; conventionally a file `*.tlog-proof`. Throws RangeError, KAN-LOG-STORE. */
export function proveEntry(store: LogStore, index: number): string {
  const entry = store.entry(index);
  return formatProof({ index, entry, path: inclusionProof(store.nodes, index, store.size), note: store.note });
}

/** A proof as text. */
export function formatProof({ index, entry, path, note }: Proof): string {
  const lines = [HEADER, ...(entry ? [`extra ${base64(entry)}`] : []), `index ${index}`, ...path.map(base64)];
  return `${lines.join("\n")}\n\n${note}`;
}

/** Takes a proof apart. Throws KAN-LOG-PROOF. */
export function parseProof(text: string): Proof {
  const [head, note] = halves(text, "\n\n");
  const lines = head.split("\n");
  const header = lines.shift();
  const extra = lines[0]?.startsWith("extra ") ? fromBase64(lines.shift()?.slice(6) as string) : undefined;
  const index = /^index (0|[1-9][0-9]{0,15})$/.exec(lines.shift() ?? "")?.[1];
  const path = lines.map((line) => fromBase64(line));
  if (header !== HEADER || index === undefined || !Number.isSafeInteger(Number(index)) || !note || path.length > 63)
    throw proofError("not a proof of the form c2sp.org/tlog-proof@v1");
  if (head.includes("\nextra ") && !extra) throw proofError("its extra data are not base64");
  if (path.some((hash) => hash?.length !== 32)) throw proofError("a hash of its path is not one");
  return { index: Number(index), entry: extra, path: path as Hash[], note };
}

/**
 * Verifies a proof under a device's key, for `entry` or the entry it brings along. Returns the entry, its index and the checkpoint.
 * Throws KAN-LOG-PROOF, KAN-LOG-NOTE, KAN-LOG-SIGNATURE.
 */
export function verifyProof(
  text: string,
  verifier: Verifier,
  entry?: Uint8Array,
): { entry: Uint8Array; index: number; checkpoint: Checkpoint } {
  const proof = parseProof(text);
  const proven = entry ?? proof.entry;
  if (!proven) throw proofError("it brings no entry along, so the entry must be given");
  const checkpoint = verifyCheckpoint(proof.note, verifier);
  if (!verifyInclusion(leafHash(proven), proof.index, checkpoint.size, proof.path, checkpoint.root))
    throw proofError(`entry ${proof.index} is not in the log of ${checkpoint.size} entries that was signed`);
  return { entry: proven, index: proof.index, checkpoint };
}

/** Text before and after the first separator. */
function halves(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + separator.length)];
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

function proofError(what: string): KanmonError {
  return new KanmonError(
    "KAN-LOG-PROOF",
    `log: the proof does not hold: ${what}`,
    "Have the proof made anew from the log's copy.",
    EXIT.no,
  );
}
