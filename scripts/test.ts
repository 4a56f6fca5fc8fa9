// `npm test`: style, types, the image's unit tests (as-pect), host and whole-system tests (vitest); closes with one line of counts.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findProgram } from "../host/firmware/compiler.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
const VITEST_REPORT = join(root, "build", "vitest.json");
const total = { passed: 0, failed: 0, skipped: 0 };

reportMissing();
await step("style", "@biomejs/biome/bin/biome", ["check", "."]);
await step("types", "typescript/bin/tsc", ["-p", "tsconfig.json", "--noEmit"]);
countUnits(
  await step("image units", "@as-pect/cli/bin/asp", [
    "-c",
    "assembly/__tests__/as-pect.config.js",
    "-a",
    "assembly/__tests__/as-pect.asconfig.json",
    "--no-logo",
  ]),
);
await step("host and system", "vitest/vitest.mjs", [
  "run",
  "--reporter=default",
  "--reporter=json",
  `--outputFile.json=${VITEST_REPORT}`,
]);
countVitest();
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 ? 1 : 0;

/** Says which optional tools are absent, what is skipped without them, and how to get them. */
function reportMissing(): void {
  const optional: [tool: string, without: string][] = [
    ["socat", "virtual serial lines are then in-process mocks instead of pty pairs"],
    ["python3", "the interoperability checks in Python are skipped"],
    ["gcc", "the firmware is not built and run on this computer, and its power cuts are not tried"],
    ["arm-none-eabi-gcc", "no firmware for Cortex-M is built"],
    ["riscv64-unknown-elf-gcc", "no firmware for RISC-V is built"],
    ["qemu-system-arm", "no firmware runs on the emulated Cortex-M boards"],
    ["qemu-system-riscv32", "no firmware runs on the emulated RISC-V board"],
    ["wasm2c", "the engine aot is skipped"],
    ["softhsm2-util", "keys in an HSM are skipped"],
  ];
  const missing = optional.filter(([tool]) => findProgram(tool) === undefined);
  for (const [tool, without] of missing) console.log(`optional: ${tool} is missing: ${without}`);
  if (missing.length > 0) console.log("install: scripts/toolchain.sh");
}

/** Runs a dependency's command with its output shown; a failure counts as one failed check where the tool itself counts nothing. */
async function step(title: string, bin: string, args: string[]): Promise<{ output: string; ok: boolean }> {
  console.log(`\n── ${title}`);
  const child = spawn(process.execPath, [join(root, "node_modules", bin), ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
    process.stdout.write(chunk);
  });
  const code = await new Promise<number>((resolve) => child.on("close", (status) => resolve(status ?? 1)));
  if (code !== 0 && !bin.startsWith("vitest") && !bin.startsWith("@as-pect")) total.failed++;
  return { output, ok: code === 0 };
}

/** as-pect prints "[Tests]: 12 / 13": passed of all. */
function countUnits({ output, ok }: { output: string; ok: boolean }): void {
  const plain = output.replaceAll(/\u001b\[\d+m/g, "");
  const [, passed = "0", all = "0"] = plain.match(/\[Tests\]: (\d+) \/ (\d+)/) ?? [];
  total.passed += Number(passed);
  total.failed += Number(all) - Number(passed);
  // A specification that does not compile runs no test: that is a failure, not silence.
  if (!ok && passed === all) total.failed++;
}

function countVitest(): void {
  if (!existsSync(VITEST_REPORT)) {
    total.failed++;
    return;
  }
  const report = JSON.parse(readFileSync(VITEST_REPORT, "utf8")) as Record<string, number> & { success: boolean };
  total.passed += report.numPassedTests ?? 0;
  total.failed += report.numFailedTests ?? 0;
  total.skipped += report.numPendingTests ?? 0;
  if (!report.success && report.numFailedTests === 0) total.failed++;
}
