// Signing and verifying policy documents: COSE_Sign1 (RFC 9052 section 4.2) with EdDSA, in the one form the device takes
// (assembly/pec/cose.ts): tagged, protected header {alg: EdDSA, typ: "application/kanmon-policy+cbor"}, no external data.
import { createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { decode, encode, rfc8949EncodeOptions, Tagged } from "cborg";
import { KanmonError } from "../errors.ts";

const COSE_SIGN1 = 18;
const ALG = 1;
const EDDSA = -8;
const TYP = 16; // RFC 9596
const PROTECTED = encode(
  new Map<number, unknown>([
    [ALG, EDDSA],
    [TYP, "application/kanmon-policy+cbor"],
  ]),
  rfc8949EncodeOptions,
);

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
export function coseSign(payload: Uint8Array, key: KeyObject): Uint8Array {
  const signature = new Uint8Array(sign(null, toBeSigned(payload), key));
  return encode(new Tagged(COSE_SIGN1, [PROTECTED, new Map(), payload, signature]), rfc8949EncodeOptions);
}

/** Verifies a document under an authority's raw key and returns its payload. Throws KAN-POLICY-FORM or KAN-POLICY-SIGNATURE. */
export function coseVerify(document: Uint8Array, authority: Uint8Array): Uint8Array {
  const { payload, signature } = coseOpen(document);
  if (!verify(null, toBeSigned(payload), ed25519Key(authority), signature))
    throw new KanmonError(
      "KAN-POLICY-SIGNATURE",
      "policy: the signature is not the authority's",
      "Ask the authority for the document again, or name the authority that signed it.",
    );
  return payload;
}

/** Takes a document apart without trusting it. Throws KAN-POLICY-FORM. */
export function coseOpen(document: Uint8Array): { payload: Uint8Array; signature: Uint8Array } {
  try {
    const tagged = decode(document, {
      tags: Tagged.preserve(COSE_SIGN1),
      useMaps: true,
      allowIndefinite: false,
      strict: true,
    });
    const parts = (tagged as Tagged).value as [Uint8Array, Map<unknown, unknown>, Uint8Array, Uint8Array];
    const [header, unprotected, payload, signature] = parts;
    const again = encode(new Tagged(COSE_SIGN1, [PROTECTED, new Map(), payload, signature]), rfc8949EncodeOptions);
    if (parts.length === 4 && header instanceof Uint8Array && unprotected.size === 0 && signature.length === 64)
      if (payload instanceof Uint8Array && Buffer.from(again).equals(document)) return { payload, signature };
  } catch {
    // told below, as any other form
  }
  throw new KanmonError(
    "KAN-POLICY-FORM",
    "policy: not a signed policy document",
    "A document is a COSE_Sign1 with EdDSA over a policy payload, see docs/policy.md; sign the policy first.",
  );
}

/** Sig_structure of RFC 9052 section 4.4. */
function toBeSigned(payload: Uint8Array): Uint8Array {
  return encode(["Signature1", PROTECTED, new Uint8Array(0), payload], rfc8949EncodeOptions);
}
