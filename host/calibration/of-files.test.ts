// Depth maps from files on a reader that is calibrated for a unit: the session goes by the files' camera, and the unit's own calibration
// stands afterwards, also where the session comes to nothing.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeScene, makeUnit, personOf } from "../../hal/sim/face/render.ts";
import { presentationOf } from "../../hal/sim/face/stack.ts";
import { startReader } from "../../tests/reader.ts";
import { runVerb } from "../../tests/verb.ts";
import { calibration } from "../cli/calibration.ts";
import { log } from "../cli/log.ts";
import { enroll, verify } from "../cli/recognize.ts";
import { DEVELOPMENT_KEY } from "../policy/development.ts";
import { depthCamera } from "./depth-camera.ts";
import { signCalibration } from "./document.ts";
import { type FilesUnit, withFilesCalibration } from "./of-files.ts";

const folder = mkdtempSync(join(tmpdir(), "kanmon-files-"));
afterAll(() => rmSync(folder, { recursive: true }));
const state = join(folder, "reader");
const unit = makeUnit("TEST");
const { width, height, fx, fy, cx, cy, k1, k2 } = unit;
const camera = { modality: "face", kind: "depth", unit_mm: 0.1, fx, fy, cx, cy, k1, k2 };

const GEOMETRY = depthCamera("sensor.json", camera).geometry;

async function depthMap(name: string, presentation: number): Promise<string> {
  const shown = presentationOf(1, presentation);
  const depth = makeScene(unit, personOf(1), shown).depth();
  const raw = Uint16Array.from(depth, (mm) => (mm < 650 ? Math.round(mm * 10) : 0));
  const path = join(folder, name);
  await sharp(raw, { raw: { width, height, channels: 1 } })
    .toColourspace("grey16")
    .png()
    .toFile(path);
  return path;
}

let maps: string[];
beforeAll(async () => {
  maps = await Promise.all([depthMap("1.png", 1), depthMap("2.png", 2)]);
  writeFileSync(join(folder, "sensor.json"), JSON.stringify(camera));
});

/** A session on the reader with one depth map. */
const session = (verb: typeof enroll, map: string | undefined, ...argv: string[]) =>
  runVerb(verb, "--modality", "face", "--user", "ann", "--input", map as string, "--state", state, ...argv);
const shown = async () => (await runVerb(calibration, "show", "--state", state)).value;
async function set(name: string): Promise<string> {
  const file = join(folder, "unit.json");
  const geometry = { fx: 410, fy: 410, cx: 160, cy: 120, nearest_mm: 250, farthest_mm: 1500 };
  writeFileSync(file, JSON.stringify({ unit: name, width: 320, height: 240, geometry }));
  return (await runVerb(calibration, "set", file, "--state", state)).value.digest;
}

it("a unit's calibration stands after sessions of files, each of which is recorded under that of the files", async () => {
  // Where none was in force that of the files stays.
  const first = await session(enroll, maps[0]);
  expect(first.value).toMatchObject({ decision: "enrolled", record: 1 });
  expect(await shown()).toMatchObject({ unit: "files", digest: first.value.calibration_digest });
  const own = await set("SN-1");
  const second = await session(verify, maps[1]);
  expect(second.value).toMatchObject({ decision: "accept" });
  expect(await shown()).toMatchObject({ unit: "SN-1", digest: own, in_force: true });
  const { records } = (await runVerb(log, "show", "--state", state)).value;
  const files = second.value.calibration_digest;
  expect(records.slice(3).map((record: Record<string, string>) => [record.purpose, record.calibration])).toEqual([
    ["calibrate", files],
    ["verify", files],
    ["calibrate", own],
  ]);
});

it("it stands where the session fails, and where it was one of other files", async () => {
  const own = await set("SN-2");
  expect((await session(enroll, maps[0])).value.error.code).toBe("KAN-DEVICE-KNOWN-USER");
  expect(await shown()).toMatchObject({ unit: "SN-2", digest: own });
  const other = join(folder, "other.json");
  writeFileSync(other, JSON.stringify({ ...camera, fx: fx + 1 }));
  const files = await set("files");
  expect((await session(verify, maps[1], "--sensor", other)).value).toMatchObject({ decision: "accept" });
  expect(await shown()).toMatchObject({ unit: "files", digest: files });
});

it("a reader that does not take it back is told of, by unit", async () => {
  const reader = await startReader();
  const unitOf = (name: string) => ({ unit: name, width, height, geometry: { ...GEOMETRY, fx: 410, fy: 410 } });
  await reader.device.setCalibration(signCalibration(unitOf("SN-1"), DEVELOPMENT_KEY, 1_790_000_000).document);
  // A session that is left open makes it busy.
  const left = (unit: FilesUnit) =>
    reader.device.open({ modality: "face", purpose: "identify", ...unit, width, height, frames: 1 });
  const notes: string[] = [];
  const run = withFilesCalibration(reader.device, GEOMETRY, { width, height }, (text) => notes.push(text), left);
  await expect(run).rejects.toMatchObject({ code: "KAN-CALIBRATION-LOST", message: expect.stringContaining("SN-1") });
  expect(notes).toEqual([expect.stringContaining("for unit SN-1 again afterwards")]);
  reader.close();
});
