// Accuracy kept: a fixed part of each set of real captures, where it is present, must not do worse than tests/accuracy.json says was
// reached. Answers are bit-identical on every machine, so there is no tolerance. After an improvement, record the new figures with
//   KANMON_ACCURACY=write npx vitest run tests/accuracy.test.ts
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { csvField } from "../host/evaluate/csv.ts";
import { readDataSet } from "../host/evaluate/manifest.ts";
import type { Summary } from "../host/evaluate/summary.ts";

/** The sets, and how many identities of each are taken: the first ones of the manifest. */
const SETS = {
  "iris-casia-interval": 100,
  "iris-mmu1": 90,
  "iris-mmu2": 99,
  "palm-casia-850": 50,
  "palm-polyu-nir": 50,
  "face-rap3df": 12,
} as const;

/** Much more than a set takes (some 10 s on two idle cores), because other tests run beside it. */
const TIMEOUT_MS = 300_000;

/** What was reached on a set. Rates as fractions. */
interface Reached
  extends Pick<Summary, "samples" | "genuine" | "impostor" | "failures_to_extract" | "eer" | "fnmr_at_fmr"> {
  image_digest: string;
  /** SHA-256 of scores.csv: the same image gives the same scores everywhere. */
  scores_sha256: string;
}

const ROOT = resolve(import.meta.dirname, "..");
const DATA = process.env.KANMON_DATA ?? join(ROOT, "../shared/data");
const RECORD = join(ROOT, "tests/accuracy.json");
const recording = process.env.KANMON_ACCURACY === "write";
const record = (existsSync(RECORD) ? JSON.parse(readFileSync(RECORD, "utf8")) : {}) as Record<string, Reached>;
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kanmon-accuracy-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("accuracy on real captures", () => {
  for (const [set, identities] of Object.entries(SETS)) {
    const manifest = join(DATA, set, "manifest.csv");
    const present = existsSync(manifest);
    test.skipIf(!present)(
      `${set}, the first ${identities} identities${present ? "" : ` (skipped: ${set} is not there)`}`,
      async () => {
        const reached = await evaluate(set, manifest, identities);
        if (recording) {
          record[set] = reached;
          writeFileSync(RECORD, `${JSON.stringify(record, null, 2)}\n`);
        }
        const before = record[set]!;
        const { samples, genuine, impostor } = before;
        expect(reached).toMatchObject({ samples, genuine, impostor });
        expect.soft(reached.failures_to_extract, "failures to extract").toBeLessThanOrEqual(before.failures_to_extract);
        expect.soft(reached.eer, "EER").toBeLessThanOrEqual(before.eer);
        for (const [fmr, fnmr] of Object.entries(before.fnmr_at_fmr)) {
          if (fnmr !== null)
            expect.soft(reached.fnmr_at_fmr[fmr as "1e-2"], `FNMR at FMR ${fmr}`).toBeLessThanOrEqual(fnmr);
        }
        if (reached.image_digest === before.image_digest) expect(reached.scores_sha256).toBe(before.scores_sha256);
      },
      TIMEOUT_MS,
    );
  }
});

/** Runs `kanmon evaluate`, threads and all, on the first identities of a set. */
async function evaluate(set: string, manifest: string, identities: number): Promise<Reached> {
  const { samples } = await readDataSet(manifest);
  const name = (sample: (typeof samples)[number]) => `${sample.subject}/${sample.position}`;
  const taken = new Set([...new Set(samples.map(name))].slice(0, identities));
  const rows = samples
    .filter((sample) => taken.has(name(sample)))
    .map(({ files, subject, position, session }) =>
      [files.join(";"), subject, position, session].map(csvField).join(","),
    );
  await mkdir(join(folder, set));
  const part = join(folder, set, "manifest.csv");
  const sensor = join(dirname(manifest), "sensor.json");
  if (existsSync(sensor)) await copyFile(sensor, join(folder, set, "sensor.json"));
  await writeFile(part, `path,subject,position,session\n${rows.join("\n")}\n`);
  const out = join(folder, set, "report");
  const [modality] = set.split("-") as [string];
  const args = ["bin/kanmon.js", "evaluate", "--modality", modality, "--manifest", part, "--out", out, "--json"];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  const summary = JSON.parse(stdout) as Summary;
  const { image_digest, genuine, impostor, failures_to_extract, eer, fnmr_at_fmr } = summary;
  const scores_sha256 = createHash("sha256")
    .update(await readFile(join(out, "scores.csv")))
    .digest("hex");
  return {
    image_digest,
    samples: summary.samples,
    genuine,
    impostor,
    failures_to_extract,
    eer,
    fnmr_at_fmr,
    scores_sha256,
  };
}
