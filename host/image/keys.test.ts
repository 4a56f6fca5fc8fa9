// Keys in files: made once, marked where they are for development, read as OpenSSL writes them; every other file is refused by a name.
import { execFileSync, spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { developmentKey, loadKey, loadPublicKey, makeKey } from "./keys.ts";
import { DEVELOPMENT_MARK } from "./pem.ts";

let folder: string;
const at = (name: string) => join(folder, name);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const load = (name: string) => loadKey(at(name), at("keys/development.pem"));
const refusal = (code: string) => expect.objectContaining({ code });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kanmon-keys-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a key that was made", () => {
  it("is its owner's alone, and is never overwritten", () => {
    const raw = makeKey(at("key.pem"), false);
    expect(statSync(at("key.pem")).mode & 0o777).toBe(0o600);
    const before = readFileSync(at("key.pem"), "utf8");
    expect(() => makeKey(at("key.pem"), false)).toThrow(refusal("KAN-KEY-EXISTS"));
    expect(readFileSync(at("key.pem"), "utf8")).toBe(before);
    expect(readdirSync(folder)).toEqual(["key.pem"]);
    expect(hex(load("key.pem").publicKey)).toBe(hex(raw));
    expect(load("key.pem").development).toBe(false);
  });

  it("leaves nothing where it cannot be written", () => {
    expect(() => makeKey(at("nowhere/key.pem"), false)).toThrow(refusal("KAN-OUTPUT-FILE"));
    writeFileSync(at("file"), "");
    expect(() => developmentKey(at("file/development.pem"))).toThrow(refusal("KAN-OUTPUT-FILE"));
    expect(readdirSync(folder)).toEqual(["file"]);
  });

  it.skipIf(spawnSync("openssl", ["version"], { stdio: "ignore" }).error)(
    "is read by OpenSSL (skipped without it)",
    () => {
      makeKey(at("key.pem"), true);
      const spki = execFileSync("openssl", ["pkey", "-in", at("key.pem"), "-pubout", "-outform", "DER"]);
      expect(hex(spki.subarray(-32))).toBe(hex(load("key.pem").publicKey));
    },
  );
});

describe("the development key", () => {
  const file = () => at("keys/development.pem");
  it("is made when first needed, marked, and stays the same", () => {
    const first = developmentKey(file());
    expect(first.development).toBe(true);
    expect(readFileSync(file(), "utf8").split("\n")[0]).toBe(DEVELOPMENT_MARK);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(hex(developmentKey(file()).publicKey)).toBe(hex(first.publicKey));
  });

  it("is known without its marking, and by its marking elsewhere", () => {
    developmentKey(file());
    writeFileSync(at("stripped.pem"), readFileSync(file(), "utf8").slice(DEVELOPMENT_MARK.length + 1));
    expect(load("stripped.pem").development).toBe(true);
    makeKey(at("another.pem"), true);
    expect(load("another.pem").development).toBe(true);
  });
});

describe("a file that is no key for images", () => {
  const put = (name: string, text: string | Buffer) => writeFileSync(at(name), text);
  const secret = "Zm9yYmlkZGVu";

  it("is refused by what it is, without a byte of it", () => {
    const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const ed = generateKeyPairSync("ed25519");
    const pkcs8 = { format: "pem", type: "pkcs8" } as const;
    put("ec.pem", ec.privateKey.export(pkcs8));
    put("sec1.pem", ec.privateKey.export({ format: "pem", type: "sec1" }));
    put("x25519.pem", generateKeyPairSync("x25519").privateKey.export(pkcs8));
    put("encrypted.pem", ed.privateKey.export({ ...pkcs8, cipher: "aes-256-cbc", passphrase: "x" }));
    put("old.pem", ec.privateKey.export({ format: "pem", type: "sec1", cipher: "aes-256-cbc", passphrase: "x" }));
    put("public.pem", ed.publicKey.export({ format: "pem", type: "spki" }));
    put("der", ed.privateKey.export({ format: "der", type: "pkcs8" }));
    put("damaged.pem", `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----\n`);
    put("text", secret);
    put("empty", "");
    put("long", Buffer.alloc(20_000, secret));
    mkdirSync(at("folder"));
    const refusals: Record<string, string> = {
      "ec.pem": "KAN-KEY-KIND",
      "sec1.pem": "KAN-KEY-KIND",
      "x25519.pem": "KAN-KEY-KIND",
      "encrypted.pem": "KAN-KEY-ENCRYPTED",
      "old.pem": "KAN-KEY-ENCRYPTED",
      "public.pem": "KAN-KEY-PUBLIC",
      der: "KAN-KEY-FORM",
      "damaged.pem": "KAN-KEY-FORM",
      text: "KAN-KEY-FORM",
      empty: "KAN-KEY-FORM",
      long: "KAN-KEY-FORM",
      folder: "KAN-FILE",
      missing: "KAN-FILE",
    };
    for (const [name, code] of Object.entries(refusals)) {
      expect(() => load(name), name).toThrow(refusal(code));
      expect(() => load(name), name).not.toThrow(expect.objectContaining({ message: expect.stringContaining(secret) }));
    }
    expect(hex(loadPublicKey(at("public.pem")))).toHaveLength(64);
    expect(() => loadPublicKey(at("ec.pem"))).toThrow(refusal("KAN-KEY-KIND"));
  });

  it.skipIf(process.getuid?.() === 0)("may not be readable (skipped for root, who reads all)", () => {
    makeKey(at("key.pem"), false);
    chmodSync(at("key.pem"), 0);
    expect(() => load("key.pem")).toThrow(refusal("KAN-FILE"));
  });
});
