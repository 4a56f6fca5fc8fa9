// An SMP message as an engineer may read it: what it is, and those of its fields that can be shown. Bytes are shown only where they are
// known to be digests or keys, texts only where they are known to be words; a frame, a template, a name of a person never is.

import { OP, smpBody, smpHeader } from "../../link/link.ts";
import { decodeRecord, readableRecord } from "../audit/record.ts";

/** A message, described. */
export interface MessageView {
  readonly kind: "request" | "response";
  /** Such as "frame" or "image upload"; "group 9, id 3" if it is not one of ours. */
  readonly name: string;
  readonly operation: "read" | "write";
  readonly sequence: number;
  /** Of the message, header included. */
  readonly bytes: number;
  readonly fields: { readonly [name: string]: unknown };
}

const NAMES: Readonly<Record<string, string>> = {
  "0.0": "echo",
  "0.5": "reset",
  "0.6": "parameters",
  "0.7": "system name",
  "1.0": "images",
  "1.1": "image upload",
  "1.5": "image erase",
  "1.6": "slot info",
  "64.0": "info",
  "64.1": "policy",
  "64.2": "open",
  "64.3": "frame",
  "64.4": "finish",
  "64.5": "abort",
  "64.6": "templates",
  "64.7": "export",
  "64.8": "log",
  "64.9": "checkpoint",
  "64.10": "attest",
  "64.11": "rotate",
  "64.12": "calibration",
  "64.13": "liveness",
};
const LOG = "64.8";

/** Fields whose bytes are digests, public keys, ids or signatures: at most 64 bytes, and of nobody. */
const PUBLIC = new Set(["hash", "sha", "image", "policy", "digest", "key", "device", "runner", "signature", "nonce"]);
/** Fields whose texts are words of the protocol. */
const WORDS = new Set("state board engine boot version modality purpose decision reason band output format".split(" "));
/** A text that is one: nothing in it moves a terminal's cursor. */
const WORD = /^[ -~]{0,64}$/;
/** As the protocol's fields are called; whatever else stands for a name may be anybody's. */
const FIELD = /^[a-z][a-z_]{0,31}$/;

/** Describes a message that the decoder found whole. Never throws. */
export function viewMessage(message: Buffer): MessageView {
  const { operation, group, id, sequence } = smpHeader(message);
  const place = `${group}.${id}`;
  let fields: MessageView["fields"];
  try {
    fields = Object.fromEntries(
      Object.entries(smpBody(message)).map(([name, value]) => [
        viewName(name),
        place === LOG && name === "entries" && Array.isArray(value) ? value.map(viewRecord) : viewField(name, value),
      ]),
    );
  } catch {
    fields = { unreadable: true };
  }
  return {
    kind: operation & 1 ? "response" : "request",
    name: NAMES[place] ?? `group ${group}, id ${id}`,
    operation: (operation & ~1) === OP.read ? "read" : "write",
    sequence,
    bytes: message.length,
    fields,
  };
}

/** A log entry, decoded; one that is not a record is only counted. */
export function viewRecord(entry: unknown): unknown {
  if (!(entry instanceof Uint8Array)) return hidden(entry);
  try {
    return readableRecord(decodeRecord(entry));
  } catch {
    return hidden(entry);
  }
}

/** A field's value, or how much of it there is. */
export function viewField(name: string, value: unknown): unknown {
  if (value instanceof Uint8Array) {
    return PUBLIC.has(name) && value.length <= 64 ? Buffer.from(value).toString("hex") : hidden(value);
  }
  if (typeof value === "string") return WORDS.has(name) && WORD.test(value) ? value : hidden(value);
  if (Array.isArray(value)) return value.map((item) => viewField(name, item));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [viewName(key), viewField(key, item)]));
  return value;
}

function viewName(name: string): string {
  return FIELD.test(name) ? name : hidden(name);
}

function hidden(value: unknown): string {
  if (value instanceof Uint8Array) return `<${value.length} bytes>`;
  return typeof value === "string" ? `<${value.length} characters>` : "<hidden>";
}
