// Signed notes and checkpoints (c2sp.org/signed-note, c2sp.org/tlog-checkpoint): parsing, verifying, verifier keys. Ed25519 (type
// 0x01) only: the one signature a device makes; others on the note, such as witnesses', are kept and ignored, as the note says.
import { createHash, verify } from "node:crypto";
import { ed25519Key } from "../cose.ts";
import { KanmonError } from "../errors.ts";
import type { Hash } from "./tree.ts";

/** Longest note that is parsed. */
export const NOTE_BYTES = 64 * 1024;
const ED25519 = 1;

/** A verifier: a name, its Ed25519 key and the id that goes with both. */
export interface Verifier {
  name: string;
  /** First four bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ key), as a big-endian number. */
  id: number;
  /** Raw public key, 32 bytes. */
  key: Uint8Array;
}

/** A note taken apart; nothing of it is to be trusted before `verifyNote`. */
export interface Note {
  /** The signed text, its last newline included. */
  text: string;
  signatures: { name: string; id: number; signature: Uint8Array }[];
}

/** A checkpoint's content. */
export interface Checkpoint {
  /** Names the log: for a device, `kanmon.example/device/` and its id. */
  origin: string;
  /** How many entries the log has. */
  size: number;
  root: Hash;
}

/** The verifier of a name and a raw Ed25519 key. */
export function verifierOf(name: string, key: Uint8Array): Verifier {
  const digest = createHash("sha256").update(`${name}\n`).update(Uint8Array.of(ED25519)).update(key).digest();
  return { name, id: digest.readUInt32BE(0), key };
}

/** A verifier key as text: `name+hex8+base64(0x01 ‖ key)`. */
export function formatVerifier({ name, id, key }: Verifier): string {
  return `${name}+${id.toString(16).padStart(8, "0")}+${Buffer.from([ED25519, ...key]).toString("base64")}`;
}

/** Reads a verifier key. Throws KAN-LOG-KEY. */
export function parseVerifier(text: string): Verifier {
  const [, name, id, body] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text.trim()) ?? [];
  const bytes = fromBase64(body ?? "");
  const verifier =
    name && bytes?.length === 33 && bytes[0] === ED25519 ? verifierOf(name, bytes.subarray(1)) : undefined;
  if (verifier && verifier.id === Number.parseInt(id as string, 16)) return verifier;
  throw new KanmonError(
    "KAN-LOG-KEY",
    "log: not a verifier key for Ed25519",
    "Give it as name+id+base64, as `kanmon log show` prints it; its id must be that of name and key.",
  );
}

/** Takes a note apart. Throws KAN-LOG-NOTE. */
export function parseNote(note: string): Note {
  const end = note.lastIndexOf("\n\n");
  const lines = note.slice(end + 2).split("\n");
  const signatures = lines.slice(0, -1).map((line) => {
    const [, name, body] = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/.exec(line) ?? [];
    const bytes = fromBase64(body ?? "");
    return name && bytes && bytes.length > 4
      ? { name, id: new DataView(bytes.buffer, bytes.byteOffset).getUint32(0), signature: bytes.subarray(4) }
      : undefined;
  });
  const whole = end > 0 && lines.at(-1) === "" && signatures.length > 0 && signatures.every((s) => s !== undefined);
  if (whole && note.length <= NOTE_BYTES && !/[\u0000-\u0009\u000b-\u001f\ufffd]/.test(note))
    return { text: note.slice(0, end + 1), signatures: signatures as Note["signatures"] };
  throw noteError("not a signed note");
}

/** Verifies a note under a key and returns its text. Throws KAN-LOG-NOTE where it is malformed, KAN-LOG-SIGNATURE where it is not the key's. */
export function verifyNote(note: string, verifier: Verifier): string {
  const { text, signatures } = parseNote(note);
  const own = signatures.filter((s) => s.name === verifier.name && s.id === verifier.id);
  const key = ed25519Key(verifier.key);
  // A known key's signature that fails condemns the note, whatever else is on it.
  if (own.length > 0 && own.every((s) => verify(null, Buffer.from(text), key, s.signature))) return text;
  throw new KanmonError(
    "KAN-LOG-SIGNATURE",
    own.length > 0 ? `log: the signature of ${verifier.name} is wrong` : `log: not signed by ${verifier.name}`,
    "Do not trust it. Read the checkpoint from the device again; if it stays so, keep both and find out who changed it.",
  );
}

/** Reads a checkpoint's text. Throws KAN-LOG-NOTE. */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin, size, root, ...extensions] = text.split("\n");
  const bytes = fromBase64(root ?? "");
  const formed = origin && /^(0|[1-9][0-9]{0,15})$/.test(size ?? "") && bytes?.length === 32;
  if (!formed || !Number.isSafeInteger(Number(size)) || extensions.pop() !== "" || extensions.includes(""))
    throw noteError("not a checkpoint");
  return { origin, size: Number(size), root: bytes };
}

/** Verifies a checkpoint under a key; its origin must be the key's name. Throws KAN-LOG-NOTE, KAN-LOG-SIGNATURE. */
export function verifyCheckpoint(note: string, verifier: Verifier): Checkpoint {
  const checkpoint = parseCheckpoint(verifyNote(note, verifier));
  if (checkpoint.origin !== verifier.name)
    throw noteError(`a checkpoint of ${checkpoint.origin}, signed as ${verifier.name}`);
  return checkpoint;
}

/** Canonical base64 (RFC 4648 section 4), or undefined. */
export function fromBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? new Uint8Array(bytes) : undefined;
}

function noteError(what: string): KanmonError {
  return new KanmonError(
    "KAN-LOG-NOTE",
    `log: ${what}`,
    "Give the checkpoint as the device signed it, with its last newline.",
  );
}
