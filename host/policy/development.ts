// The policy that ships in the image: for development, and marked so in every record by its digest. Each value is provisional and
// says where it comes from; an authority replaces the whole document (docs/policy.md).
import { createHash, createPrivateKey, type KeyObject } from "node:crypto";
import { rawKey } from "../cose.ts";
import type { Policy } from "./document.ts";
import { type SignedPolicy, signPolicy } from "./sign.ts";

/**
 * The development authority's private key. It is published on purpose: whoever holds this file can sign a policy for a device
 * that still trusts it, so a device in the field must be provisioned with its operator's authority.
 */
export const DEVELOPMENT_KEY: KeyObject = createPrivateKey({
  key: Buffer.concat([
    Buffer.from("302e020100300506032b657004220420", "hex"), // PKCS #8 of an Ed25519 seed (RFC 8410 section 7)
    createHash("sha256").update("Kanmon development authority: published, never for the field").digest(),
  ]),
  format: "der",
  type: "pkcs8",
});

/** Its public half, which the image trusts until it is provisioned. */
export const DEVELOPMENT_AUTHORITY: Uint8Array = rawKey(DEVELOPMENT_KEY);

export const DEVELOPMENT_POLICY: Policy = {
  v: 1,
  name: "development",
  development: true,
  issued: Date.UTC(2026, 10, 23) / 1000,
  authority: DEVELOPMENT_AUTHORITY,
  modalities: {
    iris: {
      // Provisional: about FMR 1e-4 in the project's own evaluation (docs/benchmarks.md); BIOPP-Module 2.0 asks FMR <= 0.01 %.
      threshold: 620_000,
      // Provisional: a search over 100 references multiplies the false matches (ISO/IEC 19795-1), so two decades more.
      identify_threshold: 640_000,
      samples: 3,
      // Provisional: ISO/IEC 29794-6 recommends usable iris area >= 70; kept lower, since its definition leaves lashes in.
      quality: { overall: 20, usable_area: 40 },
      // No liveness: a single-frame floor would mean nothing yet; records say "not judged".
    },
    palm: {
      // Provisional: about FMR 1e-4 on the hardest contactless set of the project's own evaluation (docs/benchmarks.md), less elsewhere.
      threshold: 330_000,
      // Provisional: above every impostor of those sets.
      identify_threshold: 350_000,
      samples: 3,
      // Provisional: as for iris, the most useless samples only.
      quality: { overall: 20 },
    },
    face: {
      // Provisional: between FMR 1e-2 and 1e-3 of heads that the project renders (docs/benchmarks.md); shape alone tells no more apart.
      threshold: 775_000,
      // Provisional: as for a claim; searches by shape among many are not advised.
      identify_threshold: 785_000,
      samples: 3,
      // Provisional: a wall comes to 5 at most, faces before a unit to 35 at least.
      quality: { overall: 20 },
    },
  },
  // Provisional: NIST SP 800-63B section 5.2.3 limits failed biometric tries to 5, then 30 s, growing.
  tries: 5,
  delay_ms: 1_000,
  delay_max_ms: 60_000,
  // Provisional: no public number of KISA TR-2025-07 or IPA-SG-2026-02; one year and a quarter are common in operation.
  retention_days: 365,
  rotation_days: 90,
};

/** The signed document, the same bytes on every machine (Ed25519 is deterministic). */
export function developmentPolicy(): SignedPolicy {
  return signPolicy(DEVELOPMENT_POLICY, DEVELOPMENT_KEY);
}
