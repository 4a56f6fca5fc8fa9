// Which keys a build uses: the one that signs the application image, and those whose images the board will take.
import { existsSync } from "node:fs";
import { DEVELOPMENT_KEY_FILE, developmentKey, loadKey, loadPublicKey } from "../image/keys.ts";
import { keyHash, type Signer } from "../image/sign.ts";
import type { RootKey } from "./generate.ts";

export interface BuildKeys {
  readonly roots: readonly RootKey[];
  /** Undefined: the board takes images of keys that are not here, so none is signed. */
  readonly signer: Signer | undefined;
}

/**
 * The keys of a build. `key` signs and `rootKeys` are trusted (PEM files or pkcs11: URIs). Without root keys the signer's own is trusted;
 * without either it is the checkout's development key, which is made when there is none. Throws KAN-KEY-…, KAN-HSM-…, KAN-FILE.
 */
export function buildKeys(key: string | undefined, rootKeys: readonly string[] = []): BuildKeys {
  const signer = key !== undefined ? loadKey(key) : rootKeys.length === 0 ? developmentKey() : undefined;
  const development = existsSync(DEVELOPMENT_KEY_FILE) ? loadPublicKey(DEVELOPMENT_KEY_FILE) : undefined;
  const trusted = rootKeys.length === 0 && signer ? [signer.publicKey] : rootKeys.map(loadPublicKey);
  const roots = trusted.map((raw) => ({
    key: raw,
    hash: keyHash(raw),
    development:
      (signer?.development === true && Buffer.compare(raw, signer.publicKey) === 0) ||
      (development !== undefined && Buffer.compare(raw, development) === 0),
  }));
  return { roots, signer };
}
