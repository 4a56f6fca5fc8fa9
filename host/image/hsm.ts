// Keys in an HSM through PKCS #11 (OASIS, version 3.0, section 2.3: EdDSA): found by a pkcs11: URI, used where they are, never read.
// Each use opens and closes the library, so nothing stays logged in.
import { verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { ed25519Key } from "../cose.ts";
import { EXIT, KanmonError } from "../errors.ts";
import {
  type Attributes,
  addon,
  CKA,
  CKF_RW_SESSION,
  CKF_SERIAL_SESSION,
  CKK_EC_EDWARDS,
  CKM_EC_EDWARDS_KEY_PAIR_GEN,
  CKM_EDDSA,
  CKO_PRIVATE_KEY,
  CKO_PUBLIC_KEY,
  CKU_USER,
  type Cryptoki,
  explain,
  failed,
  type Handle,
} from "./cryptoki.ts";
import { type Pkcs11Uri, parsePkcs11Uri } from "./pkcs11-uri.ts";

/** The curve, as PrintableString "edwards25519" (PKCS #11, section 2.3.10) and as object identifier 1.3.101.112 (RFC 8410). */
const CURVE_NAME = Buffer.from("\x13\x0cedwards25519", "latin1");
const CURVE_ID = Buffer.from("06032b6570", "hex");

/** Whether a key is named by a URI, not by a file. */
export function isPkcs11(pathOrUri: string): boolean {
  return pathOrUri.startsWith("pkcs11:");
}

/** The signer of the one private key that a URI names. Throws KAN-HSM-…. */
export function hsmSigner(uri: string): { publicKey: Uint8Array; sign(message: Uint8Array): Uint8Array } {
  const key = parsePkcs11Uri(uri);
  const publicKey = inToken(key, (token) => {
    token.find(CKO_PRIVATE_KEY);
    return point(token);
  });
  const sign = (message: Uint8Array) => {
    const signature = inToken(key, (token) => token.sign(Buffer.from(message)));
    if (verify(null, message, ed25519Key(publicKey), signature)) return new Uint8Array(signature);
    throw failed(
      "signed with another key than the public one beside it says",
      "Look for objects of the same name in the token.",
    );
  };
  return { publicKey, sign };
}

/** The raw public key that a URI names, 32 bytes. Throws KAN-HSM-…. */
export function hsmPublicKey(uri: string): Uint8Array {
  return inToken(parsePkcs11Uri(uri), point);
}

/** Generates a key inside the token, which never leaves it; returns the raw public key. Throws KAN-KEY-EXISTS, KAN-HSM-…. */
export function makeHsmKey(uri: string): Uint8Array {
  const key = parsePkcs11Uri(uri);
  return inToken(key, (token) => {
    if (token.objects(CKO_PRIVATE_KEY).length > 0 || token.objects(CKO_PUBLIC_KEY).length > 0)
      throw new KanmonError(
        "KAN-KEY-EXISTS",
        "the token has a key of that name already",
        "Give another object= or id=.",
      );
    token.generate();
    return point(token);
  });
}

/** A session with a token, and the key that the URI names in it. */
interface Token {
  objects(kind: number): Handle[];
  find(kind: number): Handle;
  attribute(object: Handle, type: number): Buffer;
  sign(message: Buffer): Buffer;
  generate(): void;
}

function point(token: Token): Uint8Array {
  const object = token.find(CKO_PUBLIC_KEY);
  const curve = token.attribute(object, CKA.ecParameters);
  const value = token.attribute(object, CKA.ecPoint);
  // An OCTET STRING, as most tokens have it, or the 32 bytes alone.
  const raw = value.length === 34 && value.readUInt16BE(0) === 0x0420 ? value.subarray(2) : value;
  if ((!curve.equals(CURVE_NAME) && !curve.equals(CURVE_ID)) || raw.length !== 32)
    throw new KanmonError(
      "KAN-KEY-KIND",
      "the token's key is not one for Ed25519",
      "Make one: kanmon image keygen --out 'pkcs11:…'.",
    );
  return new Uint8Array(raw);
}

/** Does something in the token that a URI names, logged in, and leaves it. */
function inToken<T>(uri: Pkcs11Uri, work: (token: Token) => T): T {
  const pin = readPin(uri);
  const library = addon();
  try {
    library.load(uri.modulePath);
  } catch {
    throw failed(
      `the library ${uri.modulePath} cannot be loaded`,
      "Give the PKCS #11 library of the HSM in module-path.",
    );
  }
  try {
    library.C_Initialize();
    try {
      const session = library.C_OpenSession(slot(library, uri), CKF_SERIAL_SESSION | CKF_RW_SESSION);
      library.C_Login(session, CKU_USER, pin);
      return work(token(library, session, uri));
    } finally {
      library.C_Finalize();
    }
  } catch (error) {
    throw error instanceof KanmonError ? error : explain(error);
  } finally {
    library.close();
  }
}

/** The one slot whose token is the one that the URI names. */
function slot(library: Cryptoki, uri: Pkcs11Uri): Handle {
  const found = library.C_GetSlotList(true).filter((each) => {
    const info = library.C_GetTokenInfo(each);
    const is = (wanted: string | undefined, text: string) =>
      wanted === undefined || wanted === text.replace(/[ \0]+$/, "");
    return (
      is(uri.token, info.label) &&
      is(uri.serial, info.serialNumber) &&
      is(uri.manufacturer, info.manufacturerID) &&
      is(uri.model, info.model)
    );
  });
  if (found.length === 1) return found[0] as Handle;
  throw new KanmonError(
    "KAN-HSM-TOKEN",
    `${found.length === 0 ? "no token is" : `${found.length} tokens are`} what the URI says`,
    "Name one with token= and, where labels are alike, serial=; `pkcs11-tool --list-token-slots` shows them.",
    EXIT.device,
  );
}

function token(library: Cryptoki, session: Handle, uri: Pkcs11Uri): Token {
  const names: Attributes = [
    ...(uri.object === undefined ? [] : [{ type: CKA.label, value: uri.object }]),
    ...(uri.id === undefined ? [] : [{ type: CKA.id, value: Buffer.from(uri.id) }]),
  ];
  const objects = (kind: number) => {
    library.C_FindObjectsInit(session, [
      { type: CKA.class, value: kind },
      { type: CKA.keyType, value: CKK_EC_EDWARDS },
      ...names,
    ]);
    const found = library.C_FindObjects(session, 2);
    library.C_FindObjectsFinal(session);
    return found;
  };
  const find = (kind: number) => {
    const [object, second] = objects(kind);
    if (object && !second) return object;
    const which = kind === CKO_PRIVATE_KEY ? "private" : "public";
    throw new KanmonError(
      "KAN-HSM-KEY",
      `the token has ${second ? "several" : "no"} ${which} Edwards keys of that name`,
      "Name one with object= and id=; both halves must be in the token. `pkcs11-tool --list-objects --login` shows them.",
      EXIT.device,
    );
  };
  return {
    objects,
    find,
    attribute: (object, type) => library.C_GetAttributeValue(session, object, [{ type }])[0]?.value ?? Buffer.alloc(0),
    sign(message) {
      library.C_SignInit(session, { mechanism: CKM_EDDSA }, find(CKO_PRIVATE_KEY));
      return library.C_Sign(session, message, Buffer.alloc(64));
    },
    generate() {
      const common: Attributes = [{ type: CKA.token, value: true }, ...names];
      library.C_GenerateKeyPair(
        session,
        { mechanism: CKM_EC_EDWARDS_KEY_PAIR_GEN },
        [...common, { type: CKA.verify, value: true }, { type: CKA.ecParameters, value: CURVE_NAME }],
        [
          ...common,
          { type: CKA.private, value: true },
          { type: CKA.sensitive, value: true },
          { type: CKA.extractable, value: false },
          { type: CKA.sign, value: true },
        ],
      );
    },
  };
}

function readPin({ pinSource }: Pkcs11Uri): string {
  const help = "Name a file that holds it (pin-source=file:/PATH in the URI), or set KANMON_PIN.";
  if (pinSource === undefined) {
    const { KANMON_PIN } = process.env;
    if (KANMON_PIN) return KANMON_PIN;
    throw new KanmonError("KAN-HSM-PIN", "the HSM's PIN is not given", help, EXIT.usage);
  }
  try {
    return readFileSync(pinSource, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new KanmonError("KAN-HSM-PIN", `the PIN file ${pinSource} cannot be read (${code})`, help);
  }
}
