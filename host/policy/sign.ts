// A policy and its signed document, there and back: what `kanmon policy` and the factory use.
import { createHash, type KeyObject } from "node:crypto";
import { coseOpen, coseSign, coseVerify, DOCUMENT_BYTES, POLICY_DOCUMENT, rawKey } from "../cose.ts";
import { KanmonError } from "../errors.ts";
import { decodePolicy, encodePolicy, type Policy } from "./document.ts";

/** A policy that was read from a signed document. */
export interface SignedPolicy {
  policy: Policy;
  /** SHA-256 of the payload: what every record names. */
  digest: Uint8Array;
  /** The document as the device takes it. */
  document: Uint8Array;
}

/** SHA-256 of a policy's payload. */
export function policyDigest(policy: Policy): Uint8Array {
  return createHash("sha256").update(encodePolicy(policy)).digest();
}

/** Signs a policy with its authority's Ed25519 private key. Throws KAN-POLICY-INVALID, also where the policy names another authority. */
export function signPolicy(policy: Policy, key: KeyObject): SignedPolicy {
  const payload = encodePolicy(policy);
  requireAuthority(policy, rawKey(key));
  const document = coseSign(POLICY_DOCUMENT, payload, key);
  if (document.length > DOCUMENT_BYTES)
    throw new KanmonError(
      "KAN-POLICY-INVALID",
      `policy: the document has ${document.length} bytes, the device takes ${DOCUMENT_BYTES}`,
      "Shorten the name or leave out quality minima that are 0.",
    );
  return { policy, digest: createHash("sha256").update(payload).digest(), document };
}

/**
 * Verifies a signed document and reads its policy. `authority`: the raw public key that must have signed it; without one, the
 * key that the document itself names, which shows only that it is whole, not who issued it.
 * Throws KAN-POLICY-FORM, KAN-POLICY-SIGNATURE, KAN-POLICY-INVALID.
 */
export function readPolicy(document: Uint8Array, authority?: Uint8Array): SignedPolicy {
  const claimed = authority ?? decodePolicy(coseOpen(POLICY_DOCUMENT, document).payload).authority;
  const payload = coseVerify(POLICY_DOCUMENT, document, claimed);
  const policy = decodePolicy(payload);
  requireAuthority(policy, claimed);
  return { policy, digest: createHash("sha256").update(payload).digest(), document };
}

function requireAuthority(policy: Policy, key: Uint8Array): void {
  if (Buffer.from(policy.authority).equals(key)) return;
  throw new KanmonError(
    "KAN-POLICY-INVALID",
    "policy: authority: is not the key that signs",
    "Put the signing key's public half (32 bytes) in the field authority.",
  );
}
