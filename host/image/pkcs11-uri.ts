// URIs of keys in HSMs: RFC 7512, the attributes that choose one key of one token, and how to reach the library and the PIN.
import { KanmonError } from "../errors.ts";

/** What a `pkcs11:` URI says. Text that is absent matches anything. */
export interface Pkcs11Uri {
  /** The token's label. */
  readonly token?: string;
  readonly serial?: string;
  readonly manufacturer?: string;
  readonly model?: string;
  /** The key's label, CKA_LABEL. */
  readonly object?: string;
  /** The key's CKA_ID. */
  readonly id?: Uint8Array;
  /** The library of the HSM's maker. */
  readonly modulePath: string;
  /** A file that holds the PIN. */
  readonly pinSource?: string;
}

const PATH = ["token", "serial", "manufacturer", "model", "object", "id", "type"];
const QUERY = ["module-path", "pin-source"];

/** Reads a `pkcs11:` URI. Throws KAN-HSM-URI; what it says never quotes a value. */
export function parsePkcs11Uri(uri: string): Pkcs11Uri {
  const [path = "", query = "", ...more] = uri.slice("pkcs11:".length).split("?");
  if (!uri.startsWith("pkcs11:") || more.length > 0) throw wrong("is not a pkcs11: URI");
  const attributes = new Map([...pairs(path, ";"), ...pairs(query, "&")]);
  if (attributes.has("pin-value")) throw wrong("has a pin-value: everybody who can list processes would see the PIN");
  for (const [part, known] of [
    [path, PATH],
    [query, QUERY],
  ] as const)
    for (const [name] of pairs(part, part === path ? ";" : "&"))
      if (!known.includes(name)) throw wrong(`has an attribute that is not supported here: ${name.slice(0, 40)}`);
  const text = (name: string) => attributes.get(name)?.toString("utf8");
  if ((text("type") ?? "private") !== "private") throw wrong("is not of a private key (type=private)");
  const modulePath = text("module-path");
  if (!modulePath) throw wrong("has no module-path, the file of the HSM's library");
  if (!attributes.has("object") && !attributes.has("id")) throw wrong("names no key (object or id)");
  const source = text("pin-source");
  const found = {
    token: text("token"),
    serial: text("serial"),
    manufacturer: text("manufacturer"),
    model: text("model"),
    object: text("object"),
    id: attributes.get("id"),
    pinSource: source?.replace(/^file:(\/\/(?=\/))?/, ""),
  };
  return {
    modulePath,
    ...(Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as object),
  };
}

/** The attributes of a part of the URI, percent-decoded to bytes (an id is bytes, not text). */
function pairs(part: string, separator: string): [name: string, value: Buffer][] {
  const found = part === "" ? [] : part.split(separator).map((pair) => split(pair));
  if (new Set(found.map(([name]) => name)).size !== found.length) throw wrong("has an attribute twice");
  return found;
}

function split(pair: string): [string, Buffer] {
  const equals = pair.indexOf("=");
  if (equals < 1) throw wrong("has a part that is not name=value");
  const value = pair.slice(equals + 1);
  if (/%(?![0-9A-Fa-f]{2})/.test(value)) throw wrong("has a percent sign that encodes nothing");
  const bytes = value.replace(/%([0-9A-Fa-f]{2})|[^%]+/g, (all, hex: string | undefined) =>
    hex ? String.fromCharCode(Number.parseInt(hex, 16)) : Buffer.from(all, "utf8").toString("latin1"),
  );
  return [pair.slice(0, equals), Buffer.from(bytes, "latin1")];
}

function wrong(what: string): KanmonError {
  return new KanmonError(
    "KAN-HSM-URI",
    `the key's URI ${what}`,
    "Give 'pkcs11:token=TOKEN;object=KEY?module-path=/PATH/LIBRARY.so&pin-source=file:/PATH/PIN' (RFC 7512), or the PIN in KANMON_PIN.",
  );
}
