// Keys in an HSM: the URIs that name them, and a real token of SoftHSM2 that makes a key, signs with it, and refuses.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isReported } from "../errors.ts";
import { makeHsmKey } from "./hsm.ts";
import { loadKey, loadPublicKey } from "./keys.ts";
import { parsePkcs11Uri } from "./pkcs11-uri.ts";
import { signImage } from "./sign.ts";
import { verifyImage } from "./verify.ts";
import { parseVersion } from "./version.ts";

const refusal = (code: string) => expect.objectContaining({ code });

describe("a pkcs11: URI", () => {
  it("names library, token, key and where the PIN is", () => {
    const uri =
      "pkcs11:token=My%20Token;serial=01;object=%E9%96%A2;id=%00%ff%3b?module-path=/lib/p11.so&pin-source=file:/run/pin";
    expect(parsePkcs11Uri(uri)).toEqual({
      token: "My Token",
      serial: "01",
      object: "関",
      id: Buffer.from("00ff3b", "hex"),
      modulePath: "/lib/p11.so",
      pinSource: "/run/pin",
    });
    expect(parsePkcs11Uri("pkcs11:object=a;type=private?module-path=m&pin-source=file:///p").pinSource).toBe("/p");
  });

  it("is refused where it says too little, too much, or the PIN itself", () => {
    for (const uri of [
      "pkcs11:",
      "pkcs11:object=a",
      "pkcs11:?module-path=m",
      "pkcs11:object=a;object=b?module-path=m",
      "pkcs11:object=a;type=cert?module-path=m",
      "pkcs11:object=a;slot-id=1?module-path=m",
      "pkcs11:object=a;pin-source=/p?module-path=m",
      "pkcs11:object=a?module-path=m&pin-value=1234",
      "pkcs11:object=a?module-path=m?more=1",
      "pkcs11:object=%zz?module-path=m",
      "pkcs11:object?module-path=m",
    ]) {
      expect(() => parsePkcs11Uri(uri), uri).toThrow(refusal("KAN-HSM-URI"));
      expect(() => parsePkcs11Uri(uri), uri).not.toThrow(/1234/);
    }
    expect(() => parsePkcs11Uri("pkcs11:object=a?module-path=m&pin-value=1234")).toThrow(/would see the PIN/);
  });

  it("is read or refused by its name, never by a crash", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."object=a;?&%4f\u95a2module-path") }), (rest) => {
        try {
          parsePkcs11Uri(`pkcs11:${rest}`);
        } catch (error) {
          expect(isReported(error)).toBe(true);
        }
      }),
    );
  });
});

const LIBRARY = ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so"].find(existsSync);

describe.skipIf(!LIBRARY || !addon())("a key in SoftHSM2 (skipped where softhsm2 or pkcs11js is missing)", () => {
  let folder: string;
  const uri = (object: string, pin = "pin", token = "kanmon") =>
    `pkcs11:token=${token};object=${object}?module-path=${LIBRARY}&pin-source=file:${join(folder, pin)}`;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "kanmon-hsm-"));
    mkdirSync(join(folder, "tokens"));
    writeFileSync(
      join(folder, "softhsm2.conf"),
      `directories.tokendir = ${join(folder, "tokens")}\nlog.level = ERROR\n`,
    );
    writeFileSync(join(folder, "pin"), "4321\n");
    writeFileSync(join(folder, "wrong"), "1111\n");
    process.env.SOFTHSM2_CONF = join(folder, "softhsm2.conf");
    for (const label of ["kanmon", "twin", "twin"])
      execFileSync("softhsm2-util", [
        "--init-token",
        "--free",
        "--label",
        label,
        "--so-pin",
        "12345678",
        "--pin",
        "4321",
      ]);
  });
  afterAll(() => {
    delete process.env.SOFTHSM2_CONF;
    rmSync(folder, { recursive: true, force: true });
  });

  it("is made there, signs there, and its image verifies", () => {
    const publicKey = makeHsmKey(uri("images"));
    expect(() => makeHsmKey(uri("images"))).toThrow(refusal("KAN-KEY-EXISTS"));
    const signer = loadKey(uri("images"));
    expect(signer.development).toBe(false);
    const wasm = Buffer.from("0061736d01000000", "hex");
    const image = signImage({ wasm, version: parseVersion("1.2.3"), securityCounter: 7, signer });
    expect(verifyImage(image, publicKey).securityCounter).toBe(7);
    expect(loadPublicKey(uri("images"))).toEqual(publicKey);
  });

  it("takes the PIN from KANMON_PIN where the URI names no file", () => {
    makeHsmKey(uri("pinned"));
    const bare = uri("pinned").replace(/&pin-source.*/, "");
    expect(() => loadKey(bare)).toThrow(refusal("KAN-HSM-PIN"));
    process.env.KANMON_PIN = "4321";
    expect(loadKey(bare).publicKey).toHaveLength(32);
    delete process.env.KANMON_PIN;
  });

  it("is refused where PIN, token, key or library is not what the URI says", () => {
    makeHsmKey(uri("known"));
    expect(() => loadKey(uri("known", "wrong"))).toThrow(refusal("KAN-HSM-PIN"));
    expect(() => loadKey(uri("known", "absent"))).toThrow(refusal("KAN-HSM-PIN"));
    expect(() => loadKey(uri("known", "pin", "other"))).toThrow(refusal("KAN-HSM-TOKEN"));
    expect(() => loadKey(uri("known", "pin", "twin"))).toThrow(refusal("KAN-HSM-TOKEN"));
    expect(() => loadKey(uri("unknown"))).toThrow(refusal("KAN-HSM-KEY"));
    expect(() => loadKey(uri("known").replace("libsofthsm2", "absent"))).toThrow(refusal("KAN-HSM-FAILED"));
    expect(loadKey(uri("known")).publicKey).toHaveLength(32);
  });
});

function addon(): boolean {
  try {
    createRequire(import.meta.url)("pkcs11js");
    return true;
  } catch {
    return false;
  }
}
