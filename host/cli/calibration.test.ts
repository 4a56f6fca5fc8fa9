// `kanmon calibration`: what is shown can be set again, in both forms; what is wrong in a file is named.
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { SimulatedFaceCamera } from "../../hal/sim/face.ts";
import { hasSocat, openPtyLine } from "../../hal/sim/line-pty.ts";
import { SimulatedModule } from "../../hal/sim/module.ts";
import { compileHarness, Journal, KIND } from "../../tests/journal-harness.ts";
import { runVerb } from "../../tests/verb.ts";
import { signCalibration } from "../calibration/document.ts";
import { openState } from "../simulator/state.ts";
import { calibration } from "./calibration.ts";

const folder = mkdtempSync(join(tmpdir(), "kanmon-calibration-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "unit");
beforeAll(compileHarness);

function set(content: string) {
  writeFileSync(file, content);
  return runVerb(calibration, "set", file, "--state", folder);
}

it("shows what was set as a file that can be set again, as YAML and as JSON", async () => {
  expect(await runVerb(calibration, "show", "--state", folder)).toMatchObject({
    value: { error: { code: "KAN-CALIBRATION-NONE" } },
  });
  const geometry = { fx: 400, fy: 400, cx: 160, cy: 120, nearest_mm: 250, farthest_mm: 1500 };
  const unit = { unit: "SN-1", width: 320, height: 240 };
  expect((await set(JSON.stringify({ ...unit, geometry }))).value).toMatchObject(unit);
  const shown = await runVerb(calibration, "show", "--state", folder);
  expect(shown.value).toMatchObject({ ...unit, geometry });
  expect((await set(shown.text)).value).toMatchObject(unit);
  expect((await set(JSON.stringify(shown.value))).value).toMatchObject(unit);
});

it.skipIf(!hasSocat())(
  "says whether what is kept is in force: for its unit alone, and not where it does not verify",
  async () => {
    const state = join(folder, "reader");
    const show = (...argv: string[]) => runVerb(calibration, "show", "--state", state, ...argv);
    const geometry = { fx: 400, fy: 400, cx: 160, cy: 120, nearest_mm: 250, farthest_mm: 1500 };
    writeFileSync(file, JSON.stringify({ unit: "SN-1", width: 320, height: 240, geometry }));
    await runVerb(calibration, "set", file, "--state", state);
    expect(await show()).toMatchObject({
      value: { in_force: true },
      text: expect.stringMatching(/^# in force for sessions of unit SN-1$/m),
    });
    // The sensor that is connected.
    const line = await openPtyLine();
    new SimulatedModule(line.far, new SimulatedFaceCamera({ serial: "SN-2" }));
    const sensor = ["--sensor-port", line.path];
    const other = await show(...sensor);
    expect(other.value).toMatchObject({ unit: "SN-1", in_force: false, sensor_unit: "SN-2" });
    expect(other.text).toMatch(/^# kept for unit SN-1, not in force: the sensor is unit SN-2$/m);
    writeFileSync(file, other.text.replace("unit: SN-1", "unit: SN-2"));
    await runVerb(calibration, "set", file, "--state", state);
    const own = await show(...sensor);
    expect(own.value).toMatchObject({ unit: "SN-2", in_force: true });
    expect(own.text).toMatch(/^# in force: the sensor is unit SN-2$/m);
    await line.close();
    // One that another authority signed, as after an update to an image that trusts another one.
    const { privateKey } = generateKeyPairSync("ed25519");
    const { a, b, k1, k2 } = own.value.geometry;
    const whole = { unit: "SN-3", width: 320, height: 240, geometry: { ...geometry, a, b, k1, k2 } };
    const kept = openState(state);
    new Journal(kept.flash).put(KIND.calibration, 0, signCalibration(whole, privateKey, 1_790_000_000).document);
    kept.close();
    expect(await show()).toMatchObject({
      value: { unit: "SN-3", in_force: false },
      text: expect.stringMatching(/^# kept, not in force: .*verify/m),
    });
  },
);

it("names what is wrong", async () => {
  const invalid = await set("unit: SN-1\nwidth: 320\nheight: 240\nissued: 1\nfringes: 3\n");
  expect(invalid.value.error).toMatchObject({
    code: "KAN-CALIBRATION-INVALID",
    message: expect.stringMatching(/geometry.*fringes/s),
  });
  for (const content of ["7", "", "a: [", "a: &a 1\nb: *a\n"])
    expect((await set(content)).value.error.code).toMatch(/^KAN-CALIBRATION-(FILE|INVALID)$/);
});
