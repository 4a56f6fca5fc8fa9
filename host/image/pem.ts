// Keys in PEM files as OpenSSL and imgtool write them: PKCS #8 for Ed25519 (RFC 8410, RFC 7468). What is wrong with a file is said without
// quoting a byte of it.
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { KanmonError } from "../errors.ts";

/** The text before a development key's BEGIN; RFC 7468 section 2 lets readers pass over it. */
export const DEVELOPMENT_MARK = "Kanmon development key: never for production";

/** Longer than any PEM of one key. */
const PEM_LIMIT = 16_384;

/** Reads a PEM file as text. Throws KAN-FILE, KAN-KEY-FORM. */
export function readPem(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new KanmonError(
      "KAN-FILE",
      `${path} cannot be read (${code})`,
      "Check the path of the key, and who may read it.",
    );
  }
  if (bytes.length === 0) throw form(path, "is empty");
  if (bytes.length > PEM_LIMIT) throw form(path, "is too long for one key");
  return bytes.toString("latin1");
}

/** The Ed25519 private key in a PEM text; `path` is for messages. Throws KAN-KEY-FORM, -ENCRYPTED, -PUBLIC, -KIND. */
export function privateKey(pem: string, path: string): KeyObject {
  if (/BEGIN ENCRYPTED PRIVATE KEY|^Proc-Type: 4,ENCRYPTED/m.test(pem))
    throw new KanmonError(
      "KAN-KEY-ENCRYPTED",
      `${path} holds a key under a passphrase, which kanmon does not ask for`,
      "Keep the key in an HSM (--key pkcs11:…), or decrypt it into a file that only you can read: openssl pkey -in IN.pem -out OUT.pem.",
    );
  if (!/BEGIN ([A-Z0-9]+ )?PRIVATE KEY/.test(pem) && /BEGIN ([A-Z0-9]+ )*(PUBLIC KEY|CERTIFICATE)/.test(pem))
    throw new KanmonError(
      "KAN-KEY-PUBLIC",
      `${path} holds a public key, which cannot sign`,
      "Give the private key, or the URI of one in an HSM (pkcs11:…).",
    );
  return ed25519(() => createPrivateKey(pem), "a private key", path);
}

/** The Ed25519 public key in a PEM text, or the public half of a private one. Throws KAN-KEY-FORM, -ENCRYPTED, -KIND. */
export function publicKey(pem: string, path: string): KeyObject {
  if (/PRIVATE KEY/.test(pem)) return createPublicKey(privateKey(pem, path));
  return ed25519(() => createPublicKey(pem), "a key", path);
}

function ed25519(read: () => KeyObject, what: string, path: string): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch {
    // Without the cause: it could quote the file.
    throw form(path, `is not ${what} in PEM`);
  }
  if (key.asymmetricKeyType === "ed25519") return key;
  throw new KanmonError(
    "KAN-KEY-KIND",
    `${path} holds a key for ${key.asymmetricKeyType}, images are signed with Ed25519`,
    "Make one: kanmon image keygen --out KEY.pem.",
  );
}

function form(path: string, what: string): KanmonError {
  return new KanmonError(
    "KAN-KEY-FORM",
    `${path} ${what}`,
    "Give an Ed25519 key in PEM, as kanmon image keygen makes it.",
  );
}
