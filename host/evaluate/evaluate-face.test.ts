// Invented faces as depth maps through the shipped image: sensor.json says what the values mean, what is no face fails to extract, and the
// people are told apart.
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CAMERA, drawFace, HEIGHT, WIDTH } from "../../tests/face-depths.ts";
import { type EvaluateOptions, evaluateDataSet } from "./evaluate.ts";
import { loadImage } from "./image.ts";
import { summarize, summaryText } from "./summary.ts";

const image = loadImage(process.env.KANMON_IMAGE);
const PEOPLE = 4;
const VIEWS = [
  { at: [0, 0, 400], yaw: 0 },
  { at: [10, -8, 430], yaw: 0.14 },
  { at: [-12, 6, 415], yaw: -0.12 },
] as const;
const SENSOR = { modality: "face", kind: "depth", unit_mm: 0.1, ...CAMERA };
let folder = "";
const rows: string[] = [];

const writeDepth = (name: string, depth: Uint16Array): Promise<unknown> =>
  sharp(depth, { raw: { width: WIDTH, height: HEIGHT, channels: 1 } })
    .toColourspace("grey16")
    .png()
    .toFile(join(folder, name));

const evaluate = async (lines: readonly string[], sensor: object, options: Partial<EvaluateOptions> = {}) => {
  await writeFile(join(folder, "sensor.json"), JSON.stringify(sensor));
  await writeFile(join(folder, "manifest.csv"), `path,subject,position,session\n${lines.join("\n")}\n`);
  return evaluateDataSet({ modality: "face", manifest: join(folder, "manifest.csv"), image, ...options });
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kanmon-faces-"));
  for (let person = 0; person < PEOPLE; person++) {
    for (const [i, view] of VIEWS.entries()) {
      await writeDepth(`${person}-${i}.png`, drawFace(person + 1, view));
      rows.push(`${person}-${i}.png,${person},face,`);
    }
  }
  await writeDepth("mm.png", drawFace(1, VIEWS[0], 1));
  await writeDepth("wall.png", new Uint16Array(WIDTH * HEIGHT).fill(4000));
  await writeDepth("nothing.png", new Uint16Array(WIDTH * HEIGHT));
}, 120_000);
afterAll(() => rm(folder, { recursive: true }));

describe("faces", () => {
  test("the people are told apart, alone and with two samples enrolled", async () => {
    const one = await evaluate(rows, SENSOR);
    expect(one.extractions.map(({ reason }) => reason)).toEqual(new Array(rows.length).fill(0));
    expect(one.pairs).toMatchObject({ genuine: 12, impostor: 54 });
    expect(one.accuracy.eer).toBe(0);
    expect(one.templateBytes).toBeLessThanOrEqual(2400);
    const two = await evaluate(rows, SENSOR, { enroll: 2 });
    expect(two.pairs.genuine).toBe(4);
    expect(two.accuracy.eer).toBe(0);
  });

  test("a wall and an empty map fail, with a word, and are non-matches", async () => {
    const some = await evaluate([...rows.slice(0, 5), "wall.png,0,face,", "nothing.png,1,face,"], SENSOR);
    const summary = summarize(some, image.digest, "face");
    expect(summary).toMatchObject({ failures_to_extract: 2, failure_reasons: { no_face: 2 } });
    expect([...some.scores].filter((score) => score < 0)).toHaveLength(11);
  });

  test("values have the unit of sensor.json", async () => {
    const lines = ["mm.png,0,face,", "mm.png;mm.png,0,face,", "1-0.png,1,face,"];
    const { extractions } = await evaluate(lines, { ...SENSOR, unit_mm: 1 });
    // The last one's tenths are taken for millimetres here: beyond the range, so no face.
    expect(extractions.map(({ reason }) => reason !== 0)).toEqual([false, false, true]);
  });

  test("--min-quality: figures of what a policy would accept, beside those of all", async () => {
    const every = await evaluate(rows, SENSOR, { minQuality: 0 });
    expect(every.accepted).toMatchObject({ samples: rows.length, genuine: 12, impostor: 54 });
    expect(every.accepted?.accuracy).toEqual(every.accuracy);
    const qualities = every.extractions.map(({ quality }) => quality[0]!).sort((a, b) => b - a);
    const best = await evaluate(rows, SENSOR, { minQuality: qualities[8]! });
    const kept = qualities.filter((quality) => quality >= qualities[8]!).length;
    expect(best.accepted?.samples).toBe(kept);
    const summary = summarize(best, image.digest, "face");
    expect(summary.accepted).toMatchObject({ min_quality: qualities[8], share: kept / rows.length });
    expect(summaryText(summary, "out")).toContain(`quality >= ${qualities[8]}`);
  });

  test("debug pictures", async () => {
    await mkdir(join(folder, "debug"));
    await evaluate([rows[0]!, rows[1]!, rows[3]!, "wall.png,9,face,"], SENSOR, { debug: join(folder, "debug") });
    expect(await readdir(join(folder, "debug"))).toHaveLength(4);
  });
});

describe("what cannot be read", () => {
  test.each([
    ["no camera", { ...SENSOR, fx: undefined }, "KAN-SENSOR-FORMAT", "fx"],
    ["no unit", { ...SENSOR, unit_mm: undefined }, "KAN-SENSOR-FORMAT", "unit_mm"],
    ["not said to be depth", { ...SENSOR, kind: undefined }, "KAN-SENSOR-FORMAT", "kind"],
    ["another modality's sensor", { ...SENSOR, modality: "palm" }, "KAN-SENSOR-MODALITY", "palm"],
  ])("%s", async (_, sensor, code, part) => {
    const fault = evaluate(rows.slice(0, 6), sensor);
    await expect(fault).rejects.toMatchObject({ code, message: expect.stringContaining(part) });
  });

  test("a picture of 8 bits", async () => {
    await sharp(Buffer.alloc(WIDTH * HEIGHT), { raw: { width: WIDTH, height: HEIGHT, channels: 1 } })
      .png()
      .toFile(join(folder, "grey.png"));
    const fault = evaluate([...rows.slice(0, 6), "grey.png,7,face,"], SENSOR);
    await expect(fault).rejects.toMatchObject({ code: "KAN-PICTURE-FORMAT", message: expect.stringContaining("16") });
  });
});
