// PKCS #11 (OASIS, version 3.0) as far as signing with Ed25519 needs it: the calls of pkcs11js, which is an optional dependency, loaded
// only when a key in an HSM is named; constants of pkcs11t.h; what the library's result codes mean to a person.
import { createRequire } from "node:module";
import { EXIT, KanmonError } from "../errors.ts";

export type Handle = Buffer;
export type Attributes = { type: number; value?: number | boolean | string | Buffer }[];

/** The calls of pkcs11js that are used. */
export interface Cryptoki {
  load(path: string): void;
  close(): void;
  C_Initialize(): void;
  C_Finalize(): void;
  C_GetSlotList(tokenPresent: boolean): Handle[];
  C_GetTokenInfo(slot: Handle): { label: string; manufacturerID: string; model: string; serialNumber: string };
  C_OpenSession(slot: Handle, flags: number): Handle;
  C_CloseSession(session: Handle): void;
  C_Login(session: Handle, user: number, pin: string): void;
  C_FindObjectsInit(session: Handle, template: Attributes): void;
  C_FindObjects(session: Handle, most: number): Handle[];
  C_FindObjectsFinal(session: Handle): void;
  C_GetAttributeValue(session: Handle, object: Handle, template: Attributes): { type: number; value: Buffer }[];
  C_GenerateKeyPair(
    session: Handle,
    mechanism: { mechanism: number },
    publicKey: Attributes,
    privateKey: Attributes,
  ): { publicKey: Handle };
  C_SignInit(session: Handle, mechanism: { mechanism: number }, key: Handle): void;
  C_Sign(session: Handle, message: Buffer, signature: Buffer): Buffer;
}

// PKCS #11 version 3.0, pkcs11t.h.
export const CKF_RW_SESSION = 2;
export const CKF_SERIAL_SESSION = 4;
export const CKU_USER = 1;
export const CKO_PUBLIC_KEY = 2;
export const CKO_PRIVATE_KEY = 3;
export const CKK_EC_EDWARDS = 0x40;
export const CKM_EC_EDWARDS_KEY_PAIR_GEN = 0x1055;
export const CKM_EDDSA = 0x1057;
export const CKA = {
  class: 0x0,
  token: 0x1,
  private: 0x2,
  label: 0x3,
  keyType: 0x100,
  id: 0x102,
  sensitive: 0x103,
  sign: 0x108,
  verify: 0x10a,
  extractable: 0x162,
  ecParameters: 0x180,
  ecPoint: 0x181,
} as const;

/** The addon. Throws KAN-HSM-ADDON. */
export function addon(): Cryptoki {
  try {
    const { PKCS11 } = createRequire(import.meta.url)("pkcs11js") as { PKCS11: new () => Cryptoki };
    return new PKCS11();
  } catch {
    throw new KanmonError(
      "KAN-HSM-ADDON",
      "keys in an HSM need the npm package pkcs11js, which is not installed or was not built",
      "Run `npm install --include=optional`; it compiles a small addon (a C++ compiler, make and python3).",
    );
  }
}

/** What a result code of the library means to a person; codes of PKCS #11 carry no secrets. */
export function explain(error: unknown): KanmonError {
  const code = /CKR_[A-Z_0-9]+/.exec(String((error as Error)?.message))?.[0] ?? "no code";
  if (code.startsWith("CKR_PIN_"))
    return new KanmonError(
      "KAN-HSM-PIN",
      `the HSM does not take the PIN (${code})`,
      "Check it; tokens lock after a few wrong tries.",
      EXIT.device,
    );
  return failed(`the HSM refused (${code})`, "See the HSM's manual; it must support CKM_EDDSA with Ed25519.");
}

/** A failure that only the HSM or its configuration can explain. */
export function failed(message: string, help: string): KanmonError {
  return new KanmonError("KAN-HSM-FAILED", message, help, EXIT.device);
}
