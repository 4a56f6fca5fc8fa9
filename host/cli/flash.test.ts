// `kanmon flash` before it meets a device: what is said on the command line is what is meant.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { runVerb } from "../../tests/verb.ts";
import { loadKey, makeKey } from "../image/keys.ts";
import { signImage } from "../image/sign.ts";
import { parseVersion } from "../image/version.ts";
import { flash } from "./flash.ts";

const folder = mkdtempSync(join(tmpdir(), "kanmon-cli-flash-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("takes the file behind --port too, and several ports", async () => {
  const [key, bin] = [join(folder, "key.pem"), join(folder, "out.bin")];
  makeKey(key, false);
  const wasm = Buffer.from("0061736d01000000", "hex");
  writeFileSync(bin, signImage({ wasm, version: parseVersion("1.0.0"), securityCounter: 0, signer: loadKey(key) }));
  const ports = ["one", "two"].map((name) => join(folder, name));
  const answer = await runVerb(flash, "--key", key, ...ports.flatMap((port) => ["--port", port]), bin);
  expect(answer).toMatchObject({ exit: 4, value: { image: { file: bin } } });
  expect(answer.value.ports.map(({ port }: { port: string }) => port)).toEqual(ports);
  expect(answer.value.ports[0].error.code).toBe("KAN-PORT-OPEN");
});
