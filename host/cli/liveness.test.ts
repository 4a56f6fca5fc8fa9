// `kanmon liveness`: what is shown can be set again; a policy can name it; what is wrong in a file is named.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { TABLES } from "../../tests/liveness-tables.ts";
import { runVerb } from "../../tests/verb.ts";
import { encodeTables, tablesId } from "../liveness/encoding.ts";
import { liveness } from "./liveness.ts";
import { policy } from "./policy.ts";

const folder = mkdtempSync(join(tmpdir(), "kanmon-liveness-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "file");
const id = Buffer.from(tablesId(encodeTables(TABLES))).toString("hex");

function set(content: string, verb = liveness) {
  writeFileSync(file, content);
  return runVerb(verb, "set", file, "--state", folder);
}
const show = () => runVerb(liveness, "show", "--modality", "iris", "--state", folder);

it("shows what was set as a file that can be set again, as YAML and as JSON", async () => {
  expect(await show()).toMatchObject({ value: { error: { code: "KAN-LIVENESS-NONE" } } });
  const answer = { id, name: "type A", modality: "iris", staged: true };
  expect((await set(JSON.stringify({ name: "type A", tables: TABLES }))).value).toMatchObject(answer);
  const shown = await show();
  expect(shown.value).toMatchObject({ id, name: "type A", tables: TABLES });
  expect((await set(shown.text)).value).toMatchObject(answer);
  expect((await set(JSON.stringify(shown.value))).value).toMatchObject(answer);
});

it("is named by a policy in hexadecimal, there and back", async () => {
  const before = await runVerb(policy, "show", "--state", folder);
  const values = parse(before.text);
  values.modalities.iris.liveness = { calibration: id, classes: { print: 2737 }, terms: { gradient: {} }, least_ms: 0 };
  expect((await set(stringify(values), policy)).value).toMatchObject({ name: "development" });
  const after = await runVerb(policy, "show", "--state", folder);
  expect(parse(after.text).modalities.iris.liveness).toEqual(values.modalities.iris.liveness);
  expect(after.value.policy.modalities.iris.liveness.calibration).toBe(id);
  values.modalities.iris.liveness.calibration = id.slice(1);
  expect((await set(stringify(values), policy)).value.error).toMatchObject({
    code: "KAN-POLICY-INVALID",
    message: expect.stringContaining("modalities.iris.liveness.calibration: "),
  });
});

it("names what is wrong", async () => {
  const invalid = await set(JSON.stringify({ name: "x", tables: { ...TABLES, states: 1 } }));
  expect(invalid.value.error).toMatchObject({ code: "KAN-LIVENESS-INVALID", message: expect.stringMatching(/states/) });
  for (const content of ["7", "", "a: [", "a: &a 1\nb: *a\n"])
    expect((await set(content)).value.error.code).toMatch(/^KAN-LIVENESS-(FILE|INVALID)$/);
});
