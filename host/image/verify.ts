// Verifies a signed image as a board's boot does it: form, digest, key, signature, in this order; the first that fails is named.
import { createHash, verify } from "node:crypto";
import { ed25519Key } from "../cose.ts";
import { EXIT, KanmonError } from "../errors.ts";
import { parseImage, type SignedImage } from "./format.ts";
import { keyHash } from "./sign.ts";

/**
 * Verifies a file under a raw Ed25519 public key (32 bytes) and returns what it holds. `name` is for messages.
 * Throws what parseImage throws, then KAN-IMAGE-HASH, KAN-IMAGE-KEY (signed with another key), KAN-IMAGE-SIGNATURE.
 */
export function verifyImage(bytes: Uint8Array, publicKey: Uint8Array, name = "the image"): SignedImage {
  const image = parseImage(bytes, name);
  if (!createHash("sha256").update(image.covered).digest().equals(image.digest))
    throw no(
      "KAN-IMAGE-HASH",
      `${name}: the SHA-256 in it is not that of its content`,
      "The file was changed or damaged: take it again.",
    );
  if (!Buffer.from(keyHash(publicKey)).equals(image.keyHash))
    throw no(
      "KAN-IMAGE-KEY",
      `${name}: was signed with another key than this one`,
      "Give the key of whoever signed it.",
    );
  if (!verify(null, image.digest, ed25519Key(publicKey), image.signature))
    throw no(
      "KAN-IMAGE-SIGNATURE",
      `${name}: the signature is not this key's`,
      "Do not use the file; ask whoever signed it.",
    );
  return image;
}

function no(code: `KAN-${string}`, message: string, help: string): KanmonError {
  return new KanmonError(code, message, help, EXIT.no);
}
