// `kanmon image` as people run it: the whole command line, real files, exit codes, one JSON document.
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { DEVELOPMENT_KEY_FILE, developmentKey, loadPublicKey } from "../image/keys.ts";
import { main } from "./main.ts";

const WASM = Buffer.from("0061736d01000000", "hex");
let folder: string;

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the verb in this process; names of files are in the test's folder. */
async function image(...args: string[]): Promise<Ran> {
  const said = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((stream) =>
    vi.spyOn(process[stream], "write").mockImplementation((text) => {
      said[stream] += text;
      return true;
    }),
  );
  const listeners = process.stdout.listeners("error");
  try {
    await main(["image", ...args.map((arg) => (/\.(pem|bin|wasm)$/.test(arg) ? join(folder, arg) : arg))]);
    return { code: Number(process.exitCode ?? 0), ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
    // Each run of the command line listens for readers that have seen enough.
    for (const listener of process.stdout.listeners("error"))
      if (!listeners.includes(listener)) process.stdout.off("error", listener as (error: Error) => void);
    process.exitCode = undefined;
  }
}
const sign = (...args: string[]) => image("sign", "--image-version", "1.2.3+4", "--security-counter", "7", ...args);
const error = ({ stdout }: Ran) => (JSON.parse(stdout) as { error: { code: string } }).error.code;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kanmon-cli-image-"));
  writeFileSync(join(folder, "in.wasm"), WASM);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("kanmon image", () => {
  it("makes a key, signs, verifies and tells", async () => {
    const made = await image("keygen", "--out", "key.pem", "--json");
    expect(made.code).toBe(0);
    expect(JSON.parse(made.stdout)).toMatchObject({ key: join(folder, "key.pem"), development: false });
    expect(error(await image("keygen", "--out", "key.pem", "--json"))).toBe("KAN-KEY-EXISTS");
    const { public_key, public_key_file } = JSON.parse(made.stdout) as Record<string, string>;
    expect(public_key_file).toBe(join(folder, "key.pub.pem"));
    expect(Buffer.from(loadPublicKey(public_key_file as string)).toString("hex")).toBe(public_key);
    expect(readFileSync(public_key_file as string, "utf8")).not.toContain("PRIVATE");

    expect(await sign("--key", "key.pem", "--production", "in.wasm", "out.bin")).toMatchObject({ code: 0, stderr: "" });
    const verified = await image("verify", "--key", "key.pem", "out.bin", "--json");
    expect(JSON.parse(verified.stdout)).toMatchObject({ verified: true, version: "1.2.3+4", security_counter: 7 });
    const { key_hash } = JSON.parse(made.stdout) as { key_hash: string };
    const told = JSON.parse((await image("info", "out.bin", "--json")).stdout);
    expect(told).toMatchObject({ key_hash, development: false, header: { image_size: 8, header_size: 32 } });
    expect(told.tlvs.map(({ name }: { name: string }) => name)).toEqual(["SEC_CNT", "SHA256", "KEYHASH", "ED25519"]);
    expect((await image("info", "out.bin")).stdout).toContain("0x50 SEC_CNT, 4 bytes at 44: 07000000");
  });

  it("says no to what is not as it was signed, with exit code 1, and 3 where it is no image", async () => {
    await image("keygen", "--out", "one.pem");
    await image("keygen", "--out", "two.pem");
    await sign("--key", "one.pem", "in.wasm", "one.bin");
    const other = await image("verify", "--key", "two.pem", "one.bin", "--json");
    expect([other.code, error(other)]).toEqual([1, "KAN-IMAGE-KEY"]);
    expect(JSON.parse(other.stdout)).toMatchObject({ verified: false, file: join(folder, "one.bin") });
    const bytes = readFileSync(join(folder, "one.bin"));
    bytes[36] = (bytes[36] as number) ^ 1;
    writeFileSync(join(folder, "flipped.bin"), bytes);
    const flipped = await image("verify", "--key", "one.pem", "flipped.bin", "--json");
    expect([flipped.code, error(flipped)]).toEqual([1, "KAN-IMAGE-HASH"]);
    const none = await image("info", "in.wasm", "--json");
    expect([none.code, error(none)]).toEqual([3, "KAN-IMAGE-MAGIC"]);
  });

  it("writes an image that others may read, and never over what it reads", async () => {
    await image("keygen", "--out", "own.pem");
    await sign("--key", "own.pem", "in.wasm", "handed.bin");
    expect(statSync(join(folder, "handed.bin")).mode & 0o777).toBe(0o666 & ~process.umask());
    chmodSync(join(folder, "own.pem"), 0o644);
    expect((await sign("--key", "own.pem", "in.wasm", "handed.bin")).stderr).toContain("chmod 600");
    for (const out of ["in.wasm", "own.pem"]) {
      const before = readFileSync(join(folder, out));
      const refused = await sign("--key", "own.pem", "in.wasm", out, "--json");
      expect([refused.code, error(refused)]).toEqual([2, "KAN-USAGE"]);
      expect(readFileSync(join(folder, out))).toEqual(before);
    }
  });

  it("never writes over the development key, which it reads when none is given", async () => {
    developmentKey();
    symlinkSync(DEVELOPMENT_KEY_FILE, join(folder, "ours.pem"));
    const refused = await sign("in.wasm", "ours.pem", "--json");
    expect([refused.code, error(refused)]).toEqual([2, "KAN-USAGE"]);
  });

  it("keeps development keys from production, with exit code 5", async () => {
    await image("keygen", "--out", "development.pem", "--development");
    for (const key of [["--key", "development.pem"], []]) {
      const refused = await sign(...key, "--production", "in.wasm", "refused.bin", "--json");
      expect([refused.code, error(refused)]).toEqual([5, "KAN-IMAGE-DEVELOPMENT"]);
    }
    expect(existsSync(join(folder, "refused.bin"))).toBe(false);
    await sign("--key", "development.pem", "in.wasm", "development.bin");
    expect((await image("info", "development.bin")).stdout).toContain("never for production");
  });

  it("names the option that is wrong, with exit code 2", async () => {
    const wrong = await image(
      "sign",
      "--image-version",
      "1.2",
      "--security-counter",
      "7",
      "in.wasm",
      "x.bin",
      "--json",
    );
    expect([wrong.code, error(wrong)]).toEqual([2, "KAN-USAGE"]);
    expect((await image("sign", "in.wasm", "x.bin")).code).toBe(2);
  });
});
