// Compiles assembly/ to build/kanmon.wasm and build/recovery.wasm, and fails, with a message for people, if an image breaks a rule of
// docs/architecture.md.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { checkImage, type ImageRules, RECOVERY_RULES, RULES } from "./check-image.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
process.chdir(root);
mkdirSync("build", { recursive: true });

await build("kanmon", ["--config", "asconfig.json", "--target", "release"], RULES);
await build("recovery", ["--config", "assembly/recovery.asconfig.json"], RECOVERY_RULES);

/** Compiles, checks and writes one image, with its facts beside it. */
async function build(name: string, options: string[], rules: ImageRules): Promise<void> {
  const { error, stderr } = await asc.main(options);
  if (error) {
    console.error(stderr.toString() || error.message);
    process.exit(1);
  }
  const { image, report, violations } = await checkImage(readFileSync(`build/${name}.named.wasm`), rules);
  for (const violation of violations) console.error(`${name}: image rule broken: ${violation}`);
  if (violations.length > 0) process.exit(1);

  const digest = createHash("sha256").update(image).digest("hex");
  write(`build/${name}.wasm`, image);
  write(`build/${name}.json`, `${JSON.stringify({ digest, ...report }, null, 2)}\n`);
  console.error(
    `${name}.wasm ${image.length} bytes, code ${report.code_bytes} of ${rules.codeBytes}, static memory ${report.static_bytes}, sha256 ${digest}`,
  );
}

/** Whole or not at all: a reader never sees half an image. */
function write(path: string, data: string | Uint8Array): void {
  writeFileSync(`${path}.tmp`, data);
  renameSync(`${path}.tmp`, path);
}
