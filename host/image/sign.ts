// Signs a WASM image into MCUboot's format, as imgtool does it for Ed25519 keys by default: SHA-256 over header, payload and protected
// TLVs, and the signature over that digest's 32 bytes (imgtool's image.py, Image.create; `sign_digest` in keys/ed25519.py).
import { createHash } from "node:crypto";
import { KanmonError } from "../errors.ts";
import { encodeContent, encodeImage, type ImageContent } from "./format.ts";

/** Something that holds an Ed25519 key: a file, or an HSM. */
export interface Signer {
  /** RFC 8032, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Marked as a development key, or the checkout's development key. */
  readonly development: boolean;
  /** Ed25519 signature of the bytes given (here a digest), 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
}

export interface ToSign extends Omit<ImageContent, "payload" | "development"> {
  readonly wasm: Uint8Array;
  readonly signer: Signer;
  /** Marks the image as one for development also where the signer is not; a development signer always marks it. */
  readonly development?: boolean;
}

/** SubjectPublicKeyInfo of an Ed25519 key, up to the key itself (RFC 8410 section 4). */
const SPKI = Buffer.from("302a300506032b6570032100", "hex");

/** SHA-256 of the key's SubjectPublicKeyInfo (DER), 32 bytes: the KEYHASH TLV. */
export function keyHash(publicKey: Uint8Array): Uint8Array {
  return createHash("sha256").update(SPKI).update(publicKey).digest();
}

/** The signed file of an image. Throws KAN-IMAGE-WASM, KAN-IMAGE-SIZE, KAN-IMAGE-VERSION, KAN-IMAGE-COUNTER, and what the signer throws. */
export function signImage({ wasm, version, securityCounter, signer, development }: ToSign): Uint8Array {
  // "\0asm" and version 1 (WebAssembly core specification, section 5.5.16). Whether it is an image of ours, the board that runs it finds.
  if (Buffer.compare(wasm.subarray(0, 8), Buffer.from("0061736d01000000", "hex")) !== 0)
    throw new KanmonError(
      "KAN-IMAGE-WASM",
      wasm.length === 0 ? "what should be signed is empty" : "what should be signed is not a WebAssembly module",
      "Give the image that `npm run build` makes, build/kanmon.wasm; one that is signed already is not signed again.",
    );
  const content = { version, securityCounter, payload: wasm, development: signer.development || development === true };
  const digest = createHash("sha256").update(encodeContent(content)).digest();
  return encodeImage({ ...content, digest, keyHash: keyHash(signer.publicKey), signature: signer.sign(digest) });
}
