// `--frames`: depth maps of one presentation are one sample of the reference, and what is not a number of them is refused before a reader is opened.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeScene, makeUnit, personOf } from "../../hal/sim/face/render.ts";
import { presentationOf } from "../../hal/sim/face/stack.ts";
import { runVerb } from "../../tests/verb.ts";
import { enroll, verify } from "./recognize.ts";
import { references } from "./references.ts";

const folder = mkdtempSync(join(tmpdir(), "kanmon-frames-"));
afterAll(() => rmSync(folder, { recursive: true }));
const state = join(folder, "reader");
const own = [0, 1].map((nth) => join(folder, `own-${nth}.png`));
const other = join(folder, "other.png");

const { width, height, fx, fy, cx, cy, k1, k2 } = makeUnit("TEST");

/** Writes the depth map of a person's first presentation, `seconds` after it began. */
async function draw(path: string, person: number, seconds: number): Promise<void> {
  const depth = makeScene(makeUnit("TEST"), personOf(person), presentationOf(person, 1)).depth(seconds);
  const raw = Uint16Array.from(depth, (mm) => (mm < 650 ? Math.round(mm * 10) : 0));
  await sharp(raw, { raw: { width, height, channels: 1 } })
    .toColourspace("grey16")
    .png()
    .toFile(path);
}

beforeAll(async () => {
  const camera = { modality: "face", kind: "depth", unit_mm: 0.1, fx, fy, cx, cy, k1, k2 };
  writeFileSync(join(folder, "sensor.json"), JSON.stringify(camera));
  await Promise.all([draw(own[0] as string, 1, 0), draw(own[1] as string, 1, 0.3), draw(other, 2, 0)]);
}, 60_000);

const run = (verb: typeof enroll, user: string, frames: string, ...input: string[]) =>
  runVerb(verb, "--modality", "face", "--user", user, "--frames", frames, "--state", state, "--input", ...input);
const samplesOf = async (name: string) => {
  const { value } = await runVerb(references, "list", "--state", state);
  return value.references.find(({ user }: { user: string }) => user === name).samples;
};

it("frames of one presentation are one sample; one of somebody else is refused", async () => {
  expect((await run(enroll, "ann", "2", ...own)).value).toMatchObject({ decision: "enrolled" });
  expect(await samplesOf("ann")).toBe(1);
  expect((await run(enroll, "bob", "1", ...own)).value).toMatchObject({ decision: "enrolled", reason: "none" });
  expect(await samplesOf("bob")).toBe(2);
  const mixed = (await run(verify, "ann", "2", own[0] as string, other)).value;
  expect([mixed.decision, mixed.reason]).toEqual(["failed", "moved"]);
  expect(mixed.frames.map(({ reason }: { reason: string }) => reason)).toEqual(["none", "moved"]);
});

it("one to four, of faces", async () => {
  for (const frames of ["0", "5", "two"])
    await expect(run(enroll, "eve", frames, other)).rejects.toThrow("must be 1 to 4");
  const iris = ["--modality", "iris", "--user", "eve", "--frames", "2", "--state", state, "--input", other];
  expect((await runVerb(enroll, ...iris)).value.error).toMatchObject({ code: "KAN-USAGE" });
});
