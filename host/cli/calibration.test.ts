// `kanmon calibration`: what is shown can be set again, in both forms; what is wrong in a file is named.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { runVerb } from "../../tests/verb.ts";
import { calibration } from "./calibration.ts";

const folder = mkdtempSync(join(tmpdir(), "kanmon-calibration-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "unit");

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

it("names what is wrong", async () => {
  const invalid = await set("unit: SN-1\nwidth: 320\nheight: 240\nissued: 1\nfringes: 3\n");
  expect(invalid.value.error).toMatchObject({
    code: "KAN-CALIBRATION-INVALID",
    message: expect.stringMatching(/geometry.*fringes/s),
  });
  for (const content of ["7", "", "a: [", "a: &a 1\nb: *a\n"])
    expect((await set(content)).value.error.code).toMatch(/^KAN-CALIBRATION-(FILE|INVALID)$/);
});
