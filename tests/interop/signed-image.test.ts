// Signed images, checked by image.py, which was written from MCUboot's documentation and shares no code with host/image.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ed25519Key } from "../../host/cose.ts";
import { developmentKey, loadKey, makeKey } from "../../host/image/keys.ts";
import { type Signer, signImage } from "../../host/image/sign.ts";
import { parseVersion } from "../../host/image/version.ts";

const python = spawnSync("python3", ["-V"], { stdio: "ignore" }).status === 0;
const script = join(import.meta.dirname, "image.py");
const wasm = Buffer.concat([Buffer.from("0061736d01000000", "hex"), Buffer.alloc(37, "payload")]);

describe.skipIf(!python)("signed images, checked by image.py (skipped where python3 is missing)", () => {
  let folder: string;
  let signer: Signer;
  const at = (name: string) => join(folder, name);
  /** What image.py says of files, each given as bytes. */
  const judge = (key: Uint8Array, files: Uint8Array[]) => {
    writeFileSync(at("public.pem"), ed25519Key(key).export({ format: "pem", type: "spki" }));
    const paths = files.map((bytes, i) => {
      writeFileSync(at(`${i}.bin`), bytes);
      return at(`${i}.bin`);
    });
    const { stdout, stderr } = spawnSync("python3", [script, at("public.pem"), ...paths], { encoding: "utf8" });
    if (!stdout) throw new Error(stderr);
    return stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { verified: boolean; why?: string });
  };
  const signed = (by: Signer) => signImage({ wasm, version: parseVersion("1.2.3+4"), securityCounter: 7, signer: by });

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "kanmon-image-"));
    makeKey(at("key.pem"), false);
    signer = loadKey(at("key.pem"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("verify, and say what was signed", () => {
    const development = developmentKey(at("keys/development.pem"));
    const says = {
      verified: true,
      version: "1.2.3+4",
      security_counter: 7,
      payload_digest: createHash("sha256").update(wasm).digest("hex"),
    };
    expect(judge(signer.publicKey, [signed(signer)])).toMatchObject([{ ...says, development: false }]);
    expect(judge(development.publicKey, [signed(development)])).toMatchObject([{ ...says, development: true }]);
  });

  it("do not verify under another key, or with any bit flipped", () => {
    const image = signed(signer);
    const other = developmentKey(at("keys/development.pem"));
    expect(judge(other.publicKey, [image])).toMatchObject([{ verified: false, why: "key hash" }]);
    // Every bit of header and TLVs would take Python long: each byte once, with another of its bits each time.
    const flipped = [...image].map((_, i) => image.map((byte, j) => (j === i ? byte ^ (1 << (i % 8)) : byte)));
    expect(judge(signer.publicKey, flipped).filter(({ verified }) => verified)).toEqual([]);
  });
});
