// The key with which documents for a reader are signed, policies and calibrations of sensors and of liveness.
import { createPrivateKey, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { EXIT, KanmonError } from "../errors.ts";
import { DEVELOPMENT_KEY } from "../policy/development.ts";
import { warnReadable } from "./key-file.ts";
import type { Output } from "./output.ts";

/** A file's bytes. Throws KAN-FILE, which names it as a `what`. */
export function readWhole(path: string, what: string): Promise<Buffer> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new KanmonError("KAN-FILE", `${path} cannot be read (${error.code})`, `Check the path of the ${what}.`);
  });
}

/** The Ed25519 private key in a PEM file, or the published development key, with a note. Throws KAN-FILE, KAN-POLICY-KEY. */
export async function authorityKey(path: string | undefined, output: Output): Promise<KeyObject> {
  if (path === undefined) {
    output.note("note: signing with the published development key; readers in the field must not trust it");
    return DEVELOPMENT_KEY;
  }
  const pem = await readWhole(path, "key");
  try {
    const key = createPrivateKey(pem);
    warnReadable(path, output);
    return key;
  } catch {
    // The cause may quote the file, which is a key: it is left out.
    throw new KanmonError(
      "KAN-POLICY-KEY",
      `${path} is not a private key in PEM`,
      "Give an Ed25519 private key (PKCS #8).",
      EXIT.input,
    );
  }
}
