// Compiles assembly/ to build/kanmon.wasm and fails, with a message for people, if the image breaks a rule of docs/architecture.md.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { checkImage, RULES } from "./check-image.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
process.chdir(root);
mkdirSync("build", { recursive: true });

const { error, stderr } = await asc.main(["--config", "asconfig.json", "--target", "release"]);
if (error) {
  console.error(stderr.toString() || error.message);
  process.exit(1);
}
const { image, report, violations } = await checkImage(readFileSync("build/kanmon.named.wasm"));
for (const violation of violations) console.error(`image rule broken: ${violation}`);
if (violations.length > 0) process.exit(1);

const digest = createHash("sha256").update(image).digest("hex");
write("build/kanmon.wasm", image);
write("build/kanmon.json", `${JSON.stringify({ digest, ...report }, null, 2)}\n`);
console.error(
  `kanmon.wasm ${image.length} bytes, code ${report.code_bytes} of ${RULES.codeBytes}, static memory ${report.static_bytes}, sha256 ${digest}`,
);

/** Whole or not at all: a reader never sees half an image. */
function write(path: string, data: string | Uint8Array): void {
  writeFileSync(`${path}.tmp`, data);
  renameSync(`${path}.tmp`, path);
}
