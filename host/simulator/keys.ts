// What a board keeps from the image: the device's Ed25519 key, the root secret from which sealing keys are derived, and the
// monotonic counter. On a real board they are in fuses or a secure element; here in a file that only its owner can read.
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { EXIT, KanmonError } from "../errors.ts";
import { writeWhole } from "../whole-file.ts";

/** What the board does with its secrets. */
export interface DeviceKeys {
  /** The device's Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Ed25519 signature (RFC 8032), 64 bytes. */
  sign(message: Uint8Array): Uint8Array;
  /** 32 bytes by HKDF-SHA256 (RFC 5869) from the root secret; `context` is the info. */
  derive(context: Uint8Array): Uint8Array;
  /** Raises the monotonic counter to at least `floor` and returns it. */
  counter(floor: number): number;
}

/** The secrets themselves. */
interface Secrets {
  readonly key: KeyObject;
  readonly root: Uint8Array;
}

/** Keys that are gone with the process. */
export function temporaryKeys(): DeviceKeys {
  let count = 0;
  return makeKeys(newSecrets(), (floor) => (count = Math.max(count, floor)));
}

const KeyFile = z.strictObject({
  format: z.literal(1),
  ed25519: z.base64().describe("PKCS #8, DER"),
  root: z.base64().describe("32 bytes"),
});

/** Makes the files of a new device. */
export function createKeys(keyPath: string, counterPath: string): void {
  const { key, root } = newSecrets();
  const ed25519 = key.export({ format: "der", type: "pkcs8" }).toString("base64");
  writeWhole(counterPath, "0\n", 0o600);
  writeWhole(keyPath, `${JSON.stringify({ format: 1, ed25519, root: Buffer.from(root).toString("base64") })}\n`, 0o600);
}

/** Opens the files that `createKeys` made. */
export function openKeys(keyPath: string, counterPath: string): DeviceKeys {
  let secrets: Secrets;
  try {
    const file = KeyFile.parse(JSON.parse(readFileSync(keyPath, "utf8")));
    const key = createPrivateKey({ key: Buffer.from(file.ed25519, "base64"), format: "der", type: "pkcs8" });
    secrets = { key, root: Buffer.from(file.root, "base64") };
    if (key.asymmetricKeyType !== "ed25519" || secrets.root.length !== 32) throw new Error("wrong kind of key");
  } catch {
    // Without the cause: it could quote what stands in the file.
    throw damaged(keyPath);
  }
  let count = readCounter(counterPath);
  return makeKeys(secrets, (floor) => {
    if (floor > count) {
      writeWhole(counterPath, `${floor}\n`, 0o600);
      count = floor;
    }
    return count;
  });
}

function readCounter(path: string): number {
  let text = "";
  try {
    text = readFileSync(path, "utf8");
  } catch {}
  const count = /^\d{1,10}\n$/.test(text) ? Number(text) : Number.NaN;
  if (!(count <= 0xffffffff)) throw damaged(path);
  return count;
}

function newSecrets(): Secrets {
  return { key: generateKeyPairSync("ed25519").privateKey, root: randomBytes(32) };
}

function makeKeys({ key, root }: Secrets, counter: (floor: number) => number): DeviceKeys {
  const { x } = createPublicKey(key).export({ format: "jwk" });
  return {
    publicKey: Buffer.from(x as string, "base64url"),
    sign: (message) => sign(null, message, key),
    derive: (context) => new Uint8Array(hkdfSync("sha256", root, new Uint8Array(0), context, 32)),
    counter,
  };
}

/** Whether `signature` is the Ed25519 signature of `message` under the raw 32-byte `key`. */
export function verifyEd25519(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const x = Buffer.from(key).toString("base64url");
  const object = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  return verify(null, message, object, signature);
}

function damaged(path: string): KanmonError {
  return new KanmonError(
    "KAN-STATE-KEYS",
    `the simulated device's file ${path} is missing or damaged`,
    "Put the file back from a copy, or remove its folder: the simulator then starts as a new, empty device.",
    EXIT.device,
  );
}
