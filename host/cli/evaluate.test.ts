// `kanmon evaluate` as people run it: its own process, its own threads, one JSON document, exit codes.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeEye, makePresentation, renderEye } from "../../hal/sim/eye.ts";
import { evaluateDataSet } from "../evaluate/evaluate.ts";
import { loadImage } from "../evaluate/image.ts";

const ROOT = resolve(import.meta.dirname, "../..");
let folder = "";
const at = (name: string) => join(folder, name);

/** Runs the verb; gives its exit code, standard output and standard error. */
function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((done) => {
    const child = execFile(
      process.execPath,
      [join(ROOT, "bin/kanmon.js"), "evaluate", ...args],
      (_error, stdout, stderr) => done({ code: child.exitCode, stdout, stderr }),
    );
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kanmon-cli-evaluate-"));
  const rows: string[] = [];
  for (let i = 0; i < 4; i++) {
    const frame = renderEye(makeEye(500 + (i >> 1), "right"), makePresentation(i), 320, 240);
    await writeFile(at(`${i}.pgm`), Buffer.concat([Buffer.from("P5 320 240 255\n"), frame]));
    rows.push(`${i}.pgm,${i >> 1},R,`);
  }
  await writeFile(at("manifest.csv"), `path,subject,position,session\n${rows.join("\n")}\n`);
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

test("two threads give what one gives, as one JSON document", async () => {
  const { code, stdout } = await run(
    "--modality",
    "iris",
    "--manifest",
    at("manifest.csv"),
    "--out",
    at("out"),
    "--threads",
    "2",
    "--json",
  );
  expect(code).toBe(0);
  const image = loadImage();
  expect(JSON.parse(stdout)).toMatchObject({
    image_digest: image.digest,
    engine: "v8",
    samples: 4,
    genuine: 2,
    impostor: 4,
    threads: 2,
  });
  const alone = await evaluateDataSet({ modality: "iris", manifest: at("manifest.csv"), image });
  const scores = (await readFile(at("out/scores.csv"), "utf8")).trim().split("\n").slice(1);
  expect(scores.map((row) => Number(row.split(",")[3]))).toEqual([...alone.scores]);
});

test("text names the report; unknown columns are noted on standard error", async () => {
  const text = (await readFile(at("manifest.csv"), "utf8"))
    .replace("session\n", "session,camera\n")
    .replace(/,\n/g, ",,x\n");
  await writeFile(at("more.csv"), text);
  const { code, stdout, stderr } = await run("--modality", "iris", "--manifest", at("more.csv"), "--out", at("out"));
  expect([code, stderr]).toEqual([0, expect.stringContaining("camera")]);
  expect(stdout).toContain("report.html");
  expect(stdout).toMatch(/EER +0\.000 %/);
});

test.each([
  [2, "KAN-USAGE", ["--modality", "ear", "--manifest", "manifest.csv", "--out", "out"]],
  [2, "KAN-USAGE", ["--modality", "iris", "--out", "out"]],
  [2, "KAN-USAGE", ["--modality", "iris", "--manifest", "manifest.csv", "--out", "out", "--enroll", "0"]],
  [2, "KAN-USAGE", ["--modality", "iris", "--manifest", "manifest.csv", "--out", "out", "--engine", "v9"]],
  [3, "KAN-MANIFEST-FILE", ["--modality", "iris", "--manifest", "none.csv", "--out", "out"]],
  [3, "KAN-EVALUATE-PAIRS", ["--modality", "iris", "--manifest", "manifest.csv", "--out", "out", "--enroll", "2"]],
  [3, "KAN-OUTPUT-FOLDER", ["--modality", "iris", "--manifest", "manifest.csv", "--out", "0.pgm"]],
  [3, "KAN-OUTPUT-FOLDER", ["--modality", "iris", "--manifest", "manifest.csv", "--out", "out", "--debug", "0.pgm"]],
  [3, "KAN-IMAGE", ["--modality", "iris", "--manifest", "manifest.csv", "--out", "out", "--image", "0.pgm"]],
])("exit code %i, %s: %j", async (exit, code, args) => {
  const paths = args.map((word) => (/\.(csv|pgm)$|^out$/.test(word) ? at(word) : word));
  const { code: status, stdout } = await run(...paths, "--json");
  expect([status, JSON.parse(stdout).error.code]).toEqual([exit, code]);
});

test("a result that cannot be written: an error, and nothing half-written stays", async () => {
  await mkdir(at("full/report.html"), { recursive: true });
  const { code, stderr } = await run("--modality", "iris", "--manifest", at("manifest.csv"), "--out", at("full"));
  expect([code, stderr]).toEqual([3, expect.stringContaining("KAN-OUTPUT-FOLDER")]);
  expect((await readdir(at("full"))).filter((name) => name.endsWith(".part"))).toEqual([]);
});
