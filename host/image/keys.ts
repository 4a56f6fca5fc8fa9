// The keys that sign images: in PEM files, in an HSM (hsm.ts), and the checkout's development key, which is made when first needed and
// marked, so that whatever it signs says so (docs/image.md, "Development").
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { existsSync, linkSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { rawKey } from "../cose.ts";
import { EXIT, KanmonError } from "../errors.ts";
import { projectRoot } from "../root.ts";
import { writeWhole } from "../whole-file.ts";
import { hsmPublicKey, hsmSigner, isPkcs11 } from "./hsm.ts";
import { DEVELOPMENT_MARK, privateKey, publicKey, readPem } from "./pem.ts";
import type { Signer } from "./sign.ts";

/** The raw 32 bytes of a public key, or of the public half of a private key. */
export const publicKeyBytes = rawKey;

/** Where the checkout's development key is (never committed). */
export const DEVELOPMENT_KEY_FILE = join(projectRoot(), "keys", "development.pem");

/** The development key; made, with its folder, when there is none. Throws KAN-OUTPUT-FILE and what loadKey throws. */
export function developmentKey(file = DEVELOPMENT_KEY_FILE): Signer {
  if (!existsSync(file)) {
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    } catch (error) {
      throw unwritable(file, error);
    }
    try {
      makeKey(file, true);
    } catch (error) {
      // Another build made it at the same time: that one counts.
      if (!(error instanceof KanmonError && error.code === "KAN-KEY-EXISTS")) throw error;
    }
  }
  return loadKey(file, file);
}

/**
 * The signer of a PEM file or of a `pkcs11:` URI (RFC 7512). It is a development key by its marking, or because it is the key in
 * `developmentFile`. Throws KAN-FILE, KAN-KEY-FORM, KAN-KEY-ENCRYPTED, KAN-KEY-PUBLIC, KAN-KEY-KIND, KAN-HSM-….
 */
export function loadKey(pathOrUri: string, developmentFile = DEVELOPMENT_KEY_FILE): Signer {
  if (isPkcs11(pathOrUri)) {
    const signer = hsmSigner(pathOrUri);
    return { ...signer, development: isDevelopmentKey(signer.publicKey, developmentFile) };
  }
  const pem = readPem(pathOrUri);
  const key: KeyObject = privateKey(pem, pathOrUri);
  const raw = rawKey(key);
  return {
    publicKey: raw,
    development: pem.includes(DEVELOPMENT_MARK) || isDevelopmentKey(raw, developmentFile),
    sign: (message) => new Uint8Array(sign(null, message, key)),
  };
}

/** The raw public key of a PEM file (a public or a private key) or of a `pkcs11:` URI. Throws as loadKey. */
export function loadPublicKey(pathOrUri: string): Uint8Array {
  return isPkcs11(pathOrUri) ? hsmPublicKey(pathOrUri) : rawKey(publicKey(readPem(pathOrUri), pathOrUri));
}

/** Makes a key in a new PEM file that only its owner may read; returns the raw public key. Throws KAN-KEY-EXISTS, KAN-OUTPUT-FILE. */
export function makeKey(file: string, development: boolean): Uint8Array {
  const { privateKey: key } = generateKeyPairSync("ed25519");
  const pem = key.export({ format: "pem", type: "pkcs8" });
  const aside = `${file}.${process.pid}.new`;
  try {
    // A key is never overwritten: unlike a rename, a link fails where the name is taken, also between two processes.
    writeWhole(aside, development ? `${DEVELOPMENT_MARK}\n${pem}` : pem, 0o600);
    linkSync(aside, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw unwritable(file, error);
    throw existsError(file);
  } finally {
    rmSync(aside, { force: true });
  }
  return rawKey(key);
}

/** Whether this is the public half of the checkout's development key, marked or not. */
function isDevelopmentKey(raw: Uint8Array, file: string): boolean {
  return existsSync(file) && Buffer.from(raw).equals(loadPublicKey(file));
}

/** What is told where a key's file would be overwritten. */
export function existsError(file: string): KanmonError {
  return new KanmonError(
    "KAN-KEY-EXISTS",
    `${file} is there already, and a key is never overwritten`,
    "Give another name, or put the old key away first.",
  );
}

function unwritable(file: string, error: unknown): KanmonError {
  return new KanmonError(
    "KAN-OUTPUT-FILE",
    `${file} cannot be written (${(error as NodeJS.ErrnoException).code})`,
    "Give a file in a folder that is there, and that this user may write to.",
    EXIT.input,
  );
}
