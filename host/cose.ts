// Signing and verifying documents for the device: COSE_Sign1 (RFC 9052 section 4.2) with EdDSA, in the one form it takes
// (assembly/pec/cose.ts): tagged, protected header {alg: EdDSA, typ}, no external data. The type is signed, so that no document passes for
// one of another kind.
import { createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { decode, encode, rfc8949EncodeOptions, Tagged } from "cborg";
import { KanmonError } from "./errors.ts";

const COSE_SIGN1 = 18;
const ALG = 1;
const EDDSA = -8;
const TYP = 16; // RFC 9596

/** A kind of signed documents, and what is told of one that is not of this kind. */
export interface DocumentKind {
  readonly typ: string;
  readonly word: string;
  readonly formCode: `KAN-${string}`;
  readonly signatureCode: `KAN-${string}`;
}
export const POLICY_DOCUMENT: DocumentKind = {
  typ: "application/kanmon-policy+cbor",
  word: "policy",
  formCode: "KAN-POLICY-FORM",
  signatureCode: "KAN-POLICY-SIGNATURE",
};
export const CALIBRATION_DOCUMENT: DocumentKind = {
  typ: "application/kanmon-calibration+cbor",
  word: "calibration",
  formCode: "KAN-CALIBRATION-FORM",
  signatureCode: "KAN-CALIBRATION-SIGNATURE",
};
/** A calibration of liveness evidence (docs/liveness.md). */
export const LIVENESS_DOCUMENT: DocumentKind = {
  typ: "application/kanmon-liveness+cbor",
  word: "liveness calibration",
  formCode: "KAN-LIVENESS-FORM",
  signatureCode: "KAN-LIVENESS-SIGNATURE",
};

/** No policy and no sensor's calibration is longer (COSE_BYTES of the image). */
export const DOCUMENT_BYTES = 2048;

function protectedHeader({ typ }: DocumentKind): Uint8Array {
  const header = new Map<number, unknown>([
    [ALG, EDDSA],
    [TYP, typ],
  ]);
  return encode(header, rfc8949EncodeOptions);
}

/** An Ed25519 public key from its 32 bytes (RFC 8032). */
export function ed25519Key(raw: Uint8Array): KeyObject {
  return createPublicKey({
    key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(raw).toString("base64url") },
    format: "jwk",
  });
}

/** The 32 bytes of an Ed25519 public key, or of the public half of a private key. */
export function rawKey(key: KeyObject): Uint8Array {
  const { x } = (key.type === "private" ? createPublicKey(key) : key).export({ format: "jwk" });
  return new Uint8Array(Buffer.from(x as string, "base64url"));
}

/** Signs a payload with an Ed25519 private key. Returns the document as the device takes it. */
export function coseSign(kind: DocumentKind, payload: Uint8Array, key: KeyObject): Uint8Array {
  const header = protectedHeader(kind);
  const signature = new Uint8Array(sign(null, toBeSigned(header, payload), key));
  return encode(new Tagged(COSE_SIGN1, [header, new Map(), payload, signature]), rfc8949EncodeOptions);
}

/** Verifies a document under an authority's raw key and returns its payload. Throws the kind's codes of form and signature. */
export function coseVerify(kind: DocumentKind, document: Uint8Array, authority: Uint8Array): Uint8Array {
  const { payload, signature } = coseOpen(kind, document);
  if (!verify(null, toBeSigned(protectedHeader(kind), payload), ed25519Key(authority), signature))
    throw new KanmonError(
      kind.signatureCode,
      `${kind.word}: the signature is not the authority's`,
      "Ask the authority for the document again, or name the authority that signed it.",
    );
  return payload;
}

/** Takes a document apart without trusting it. Throws the kind's code of form. */
export function coseOpen(kind: DocumentKind, document: Uint8Array): { payload: Uint8Array; signature: Uint8Array } {
  try {
    const tagged = decode(document, {
      tags: Tagged.preserve(COSE_SIGN1),
      useMaps: true,
      allowIndefinite: false,
      strict: true,
    });
    const parts = (tagged as Tagged).value as [Uint8Array, Map<unknown, unknown>, Uint8Array, Uint8Array];
    const [header, unprotected, payload, signature] = parts;
    const again = encode(
      new Tagged(COSE_SIGN1, [protectedHeader(kind), new Map(), payload, signature]),
      rfc8949EncodeOptions,
    );
    if (parts.length === 4 && header instanceof Uint8Array && unprotected.size === 0 && signature.length === 64)
      if (payload instanceof Uint8Array && Buffer.from(again).equals(document)) return { payload, signature };
  } catch {
    // told below, as any other form
  }
  throw new KanmonError(
    kind.formCode,
    `${kind.word}: not a signed ${kind.word} document`,
    `A document is a COSE_Sign1 with EdDSA over a ${kind.word} payload, see docs/policy.md; sign the ${kind.word} first.`,
  );
}

/** Sig_structure of RFC 9052 section 4.4. */
function toBeSigned(header: Uint8Array, payload: Uint8Array): Uint8Array {
  return encode(["Signature1", header, new Uint8Array(0), payload], rfc8949EncodeOptions);
}
