// A small data set of invented people, made here, through the shipped image: all steps from pictures to report files.
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import binaryen from "binaryen";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeEye, makePresentation, renderEye } from "../../hal/sim/eye.ts";
import { palm, SIDE } from "../../tests/palm-pictures.ts";
import { DEVELOPMENT_POLICY } from "../policy/development.ts";
import { type EvaluateOptions, type Evaluation, evaluateDataSet } from "./evaluate.ts";
import { loadImage } from "./image.ts";
import { NO_SCORE } from "./metrics.ts";
import { TRAPPED } from "./modality.ts";
import { Results } from "./output.ts";
import { writeReport } from "./report.ts";
import { summarize } from "./summary.ts";

const WIDTH = 320;
const HEIGHT = 240;
const PEOPLE = 3;
const EACH = 3;
const image = loadImage(process.env.KANMON_IMAGE);
let folder = "";
const rows: string[] = [];

/** Writes a manifest of `lines` and returns its path. */
async function manifest(name: string, lines: string[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `path,subject,position,session\n${lines.join("\n")}\n`);
  return path;
}

const evaluate = async (lines: string[], options: Partial<EvaluateOptions> = {}): Promise<Evaluation> =>
  evaluateDataSet({ modality: "iris", manifest: await manifest("manifest.csv", lines), image, ...options });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kanmon-evaluate-"));
  for (let person = 0; person < PEOPLE; person++) {
    const eye = makeEye(100 + person, "left");
    for (let i = 0; i < EACH; i++) {
      const frame = renderEye(eye, makePresentation(person * EACH + i), WIDTH, HEIGHT);
      const name = `${person}-${i}.${i % 2 === 0 ? "png" : "pgm"}`;
      if (i % 2 === 0)
        await sharp(frame, { raw: { width: WIDTH, height: HEIGHT, channels: 1 } })
          .png()
          .toFile(join(folder, name));
      else await writeFile(join(folder, name), Buffer.concat([Buffer.from(`P5 ${WIDTH} ${HEIGHT} 255\n`), frame]));
      rows.push(`${name},${person},L,`);
    }
  }
  await writeFile(join(folder, "black.pgm"), Buffer.concat([Buffer.from("P5 320 240 255\n"), Buffer.alloc(320 * 240)]));
}, 60_000);
afterAll(() => rm(folder, { recursive: true }));

describe("figures", () => {
  test("the people are told apart, and the same data set gives the same scores", async () => {
    const one = await evaluate(rows);
    expect(one.pairs).toMatchObject({ genuine: 9, impostor: 27 });
    expect(one.extractions.map(({ reason }) => reason)).toEqual(new Array(9).fill(0));
    expect(one.accuracy).toMatchObject({ eer: 0, at: { "1e-2": null } });
    const again = await evaluate(rows);
    expect([...again.scores]).toEqual([...one.scores]);
    expect(summarize(one, image.digest, "iris")).toMatchObject({
      image_digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      engine: "v8",
      samples: 9,
      failures_to_extract: 0,
      genuine: 9,
      impostor: 27,
      eer: 0,
      fnmr_at_fmr: { "1e-2": null, "1e-3": null, "1e-4": null, "1e-5": null },
      fmr_confidence: { rule_of_3: 3 / 27, "1e-2": null },
      template_bytes: one.templateBytes,
    });
  });

  test("the order of the samples says only which of two is the reference: scores hardly change, decisions do not", async () => {
    const one = await evaluate(rows);
    const other = await evaluate([...rows].reverse());
    const byPair = ({ pairs, scores, dataSet }: Evaluation) =>
      new Map(
        Array.from(scores, (score, i) => {
          const both = [pairs.probe[i]!, pairs.members[pairs.reference[i]!]![0]!].map((s) => dataSet.samples[s]!.path);
          return [both.sort().join(), score];
        }),
      );
    const turned = byPair(other);
    expect(turned.size).toBe(36);
    // Sectors are the reference's, rotations the probe's: measured up to 24,000 of a million, between impostors.
    const accepted = (score: number) => score >= (DEVELOPMENT_POLICY.modalities.iris?.threshold as number);
    for (const [pair, score] of byPair(one)) {
      expect(Math.abs(turned.get(pair)! - score)).toBeLessThan(30_000);
      expect(accepted(turned.get(pair)!), pair).toBe(accepted(score));
    }
    expect(other.accuracy.eer).toBe(0);
  });

  test("a black picture fails: a non-match as probe and as reference", async () => {
    const black = await evaluate([...rows, "black.pgm,0,L,"]);
    expect(black.extractions[9]!.reason).not.toBe(0);
    expect(black.pairs).toMatchObject({ genuine: 12, impostor: 33 });
    expect([...black.scores].filter((score) => score === NO_SCORE)).toHaveLength(9);
    expect(black.accuracy.eer).toBeCloseTo(3 / 12, 12);
  });

  test("a reference of two samples scores the better of them; several frames of one capture give the best one", async () => {
    const all = await evaluate(rows);
    const joined = await evaluate(rows, { enroll: 2 });
    expect(joined.pairs).toMatchObject({ genuine: 3, impostor: 6 });
    const single = new Map(
      Array.from(all.scores, (score, i) => [
        `${all.pairs.probe[i]}:${all.pairs.members[all.pairs.reference[i]!]}`,
        score,
      ]),
    );
    // Probe 2 against samples 0 and 1, its own reference.
    expect(joined.scores[0]).toBe(Math.max(single.get("2:0")!, single.get("2:1")!));
    const frames = await evaluate(["black.pgm;0-0.png,0,L,", ...rows.slice(1)]);
    expect([...frames.scores]).toEqual([...all.scores]);
  });
});

describe("a palm in two bands", () => {
  const PALMS = 3;
  const two = '{"modality":"palm","region":"cropped","profile":"contactless","bands_nm":[850,940]}';
  const lines: string[] = [];
  /** Writes sensor.json and a manifest, and evaluates it as palms. */
  const palms = async (sensor: string, samples: readonly string[], options: Partial<EvaluateOptions> = {}) => {
    await writeFile(join(folder, "bands/sensor.json"), sensor);
    const path = await manifest("bands/manifest.csv", [...samples]);
    return evaluateDataSet({ modality: "palm", manifest: path, image, ...options });
  };
  const pgm = (name: string, pixels: Uint8Array, side = SIDE) =>
    writeFile(join(folder, "bands", name), Buffer.concat([Buffer.from(`P5 ${side} ${side} 255\n`), pixels]));

  beforeAll(async () => {
    await mkdir(join(folder, "bands"));
    for (let person = 0; person < PALMS; person++) {
      for (let i = 0; i < EACH; i++) {
        await pgm(`${person}-${i}-850.pgm`, palm(person, i, 0));
        await pgm(`${person}-${i}-940.pgm`, palm(person, i, 1));
        lines.push(`${person}-${i}-850.pgm;${person}-${i}-940.pgm,${person},L,`);
      }
    }
    await pgm("small.pgm", palm(1).subarray(0, 64 * 64), 64);
    await pgm("tiny.pgm", palm(1).subarray(0, 32 * 32), 32);
  });

  test("people are told apart; a template has the codes of both bands, and both count", async () => {
    const both = await palms(two, lines);
    expect(both.pairs).toMatchObject({ genuine: 9, impostor: 27 });
    expect(both.extractions.map(({ reason }) => reason)).toEqual(new Array(9).fill(0));
    expect(both.accuracy.eer).toBe(0);
    const one = await palms(
      '{"modality":"palm"}',
      lines.map((line) => line.replace(/;[^,]*/, "")),
    );
    expect(both.templateBytes - one.templateBytes).toBe(one.templateBytes - 16);
    expect([...one.scores]).not.toEqual([...both.scores]);
    const second = await palms(two, [lines[0]!.replace("0-0-940", "1-0-940"), ...lines.slice(1)]);
    expect([...second.scores]).not.toEqual([...both.scores]);
  });

  test("a reference of two samples scores the better of them", async () => {
    const all = await palms(two, lines);
    const joined = await palms(two, lines, { enroll: 2 });
    expect(joined.pairs).toMatchObject({ genuine: 3, impostor: 6 });
    const score = (probe: number, reference: number) =>
      all.scores.find(
        (_, i) => all.pairs.probe[i] === probe && all.pairs.members[all.pairs.reference[i]!]![0] === reference,
      )!;
    expect(joined.scores[0]).toBe(Math.max(score(2, 0), score(2, 1)));
  });

  test("samples.csv has the palm's own measures; debug pictures show its region", async () => {
    const [out, debug] = [join(folder, "palm-out"), join(folder, "palm-debug")];
    await mkdir(out);
    await mkdir(debug);
    const evaluation = await palms(two, lines, { debug });
    const results = new Results(out);
    await writeReport(results, evaluation, summarize(evaluation, image.digest, "palm"), "kanmon evaluate");
    await results.commit();
    const [head, first] = (await readFile(join(out, "samples.csv"), "utf8")).split("\n");
    expect(head).toMatch(/,ms,overall,vein_contrast,evenness,coverage,flatness$/);
    expect(Number(first!.split(",")[7])).toBe(evaluation.extractions[0]!.quality[0]);
    const names = await readdir(debug);
    expect(names).toHaveLength(9);
    expect((await sharp(join(debug, names[0]!)).metadata()).width).toBeGreaterThan(800);
  });

  test.each([
    ["one picture for two bands", two, "0-0-850.pgm,0,L,", "KAN-PICTURE-BANDS", "line 11: 1 picture for 2 bands"],
    [
      "two for one",
      '{"bands_nm":[850]}',
      "0-0-850.pgm;0-1-940.pgm,0,L,",
      "KAN-PICTURE-BANDS",
      "line 2: 2 pictures for 1 band",
    ],
    ["two, and no sensor.json that says so", "{}", "0-0-850.pgm,0,L,", "KAN-PICTURE-BANDS", "line 2"],
    ["bands of two sizes", two, "0-0-850.pgm;small.pgm,0,L,", "KAN-PICTURE-MIXED", "line 11"],
    ["a size that the image does not take", two, "tiny.pgm;tiny.pgm,0,L,", "KAN-EVALUATE-SIZE", "32x32 for palm"],
    ["bands in the wrong order", '{"bands_nm":[940,850]}', "0-0-850.pgm,0,L,", "KAN-SENSOR-FORMAT", "940, 850"],
    ["a region that is none", '{"region":"thumb"}', "0-0-850.pgm,0,L,", "KAN-SENSOR-FORMAT", "region"],
  ])("%s: an error that says where", async (_, sensor, line, code, part) => {
    await expect(palms(sensor, [...lines, line])).rejects.toMatchObject({
      code,
      message: expect.stringContaining(part),
    });
  });
});

describe("what is wrong with a data set is said with its line", () => {
  test.each([
    ["none.png,0,L,", "KAN-PICTURE-MISSING", "line 11"],
    ["manifest.csv,0,L,", "KAN-PICTURE-FORMAT", "line 11"],
    ["small.pgm,0,L,", "KAN-EVALUATE-SIZE", "64x64"],
    ["none.png,0,L,\nnone.jpg,1,L,", "KAN-PICTURE-MISSING", "1 more faulty samples, on lines 12"],
  ])("%s", async (line, code, part) => {
    await writeFile(join(folder, "small.pgm"), Buffer.concat([Buffer.from("P5 64 64 255\n"), Buffer.alloc(4096)]));
    await expect(evaluate([...rows, line])).rejects.toMatchObject({ code, message: expect.stringContaining(part) });
    expect((await evaluate(rows)).accuracy.eer).toBe(0);
  });

  test("a palm's data set is not evaluated as irises", async () => {
    await mkdir(join(folder, "palm"));
    await writeFile(join(folder, "palm/sensor.json"), '{"modality":"palm"}');
    const path = await manifest("palm/manifest.csv", rows);
    await expect(evaluateDataSet({ modality: "iris", manifest: path, image })).rejects.toMatchObject({
      code: "KAN-SENSOR-MODALITY",
    });
  });
});

test("an image that traps on a frame fails on that frame alone", async () => {
  // Traps where the frame's first byte is 0; the template is the frame's first four bytes, and equal templates score a million.
  const text = `(module (memory (export "memory") 8)
    (func (export "lab_frame") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
    (func (export "lab_extract") (result i32)
      (if (i32.eqz (i32.load8_u (i32.const 1024))) (then (unreachable)))
      (i32.store (i32.const 64) (i32.load (i32.const 1024))) (i32.const 0))
    (func (export "lab_template") (param i32) (result i32) (i32.add (i32.const 64) (i32.mul (local.get 0) (i32.const 4))))
    (func (export "lab_template_bytes") (param i32 i32) (result i32) (i32.const 4))
    (func (export "lab_quality") (result i32) (i32.const 0))
    (func (export "lab_compare") (param i32 i32 i32) (result i32)
      (i32.mul (i32.const 1000000) (i32.eq (i32.load (local.get 1)) (i32.load (local.get 2))))))`;
  const module = binaryen.parseText(text);
  const path = join(folder, "traps.wasm");
  await writeFile(path, module.emitBinary());
  module.dispose();
  const frames = [7, 0, 7, 9, 9];
  for (const [i, value] of frames.entries()) {
    await writeFile(
      join(folder, `t${i}.pgm`),
      Buffer.concat([Buffer.from("P5 32 32 255\n"), Buffer.alloc(1024, value)]),
    );
  }
  const { extractions, scores, pairs } = await evaluate(
    frames.map((_, i) => `t${i}.pgm,${i < 3 ? "a" : "b"},L,`),
    { image: loadImage(path) },
  );
  expect(extractions.map(({ reason }) => reason)).toEqual([0, TRAPPED, 0, 0, 0]);
  expect([...scores.subarray(0, pairs.genuine)]).toEqual([NO_SCORE, 1_000_000, NO_SCORE, 1_000_000]);
  expect([...scores.subarray(pairs.genuine)].sort()).toEqual([NO_SCORE, NO_SCORE, 0, 0, 0, 0]);
});

describe("files", () => {
  test("scores, samples, plots and report; nothing temporary stays", async () => {
    const out = join(folder, "out");
    await mkdir(out);
    const evaluation = await evaluate([...rows, "black.pgm,0,L,"]);
    const results = new Results(out);
    await writeReport(results, evaluation, summarize(evaluation, image.digest, "iris"), "kanmon evaluate '<b>'");
    expect((await readdir(out)).every((name) => name.endsWith(".part"))).toBe(true);
    await results.commit();
    results.discard();
    expect((await readdir(out)).sort()).toEqual([
      "det.svg",
      "histogram.svg",
      "report.html",
      "samples.csv",
      "scores.csv",
      "summary.json",
    ]);
    const read = (name: string) => readFile(join(out, name), "utf8");
    const scores = (await read("scores.csv")).trim().split("\n");
    expect(scores).toHaveLength(1 + 45);
    expect(scores[1]).toBe(`2,1,1,${evaluation.scores[0]}`);
    expect(scores).toContain("10,1,1,");
    expect(await read("samples.csv")).toContain("black.pgm,0,L,,");
    expect(JSON.parse(await read("summary.json"))).toMatchObject({ samples: 10, failures_to_extract: 1 });
    const report = await read("report.html");
    expect(report).toContain(image.digest);
    expect(report).toContain("&#60;b&#62;");
    expect(report).not.toContain("'<b>'");
    expect(report).toContain("black.pgm");
    for (const name of ["det.svg", "histogram.svg"]) {
      expect((await sharp(join(out, name)).png().toBuffer()).length).toBeGreaterThan(2000);
    }
  });

  test("debug pictures, one a sample", async () => {
    const debug = join(folder, "debug");
    await mkdir(debug);
    await evaluate([...rows.slice(0, 5), "black.pgm,9,L,"], { debug });
    const names = (await readdir(debug)).sort();
    expect(names).toHaveLength(6);
    expect([names[0], names[5]]).toEqual(["00001-0-0.png", "00006-black.png"]);
    expect((await sharp(join(debug, names[0]!)).metadata()).width).toBeGreaterThan(1000);
  });

  test("a full disk is an error, and nothing half-written stays", async () => {
    const out = join(folder, "full");
    await mkdir(out);
    const results = new Results(out);
    await results.write("good.txt", "good");
    await symlink("/dev/full", join(out, `bad.txt.${process.pid}.part`));
    await expect(results.write("bad.txt", "x".repeat(100_000))).rejects.toMatchObject({ code: "KAN-OUTPUT-FULL" });
    results.discard();
    expect(await readdir(out)).toEqual([]);
  });
});
