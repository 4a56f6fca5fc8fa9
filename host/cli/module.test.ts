// `kanmon module` as scripts use it: refused until a policy permits it, then enrolled, accepted, refused and deleted over a virtual serial line.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { SimulatedEfaaModule } from "../../hal/sim/efaa-module.ts";
import { hasSocat, openPtyLine } from "../../hal/sim/line-pty.ts";
import { type Answer, runVerb } from "../../tests/verb.ts";
import { DEVELOPMENT_POLICY } from "../policy/development.ts";
import { module } from "./module.ts";
import { policy } from "./policy.ts";

let state = "";
beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), "kanmon-module-"));
});
afterAll(() => rm(state, { recursive: true }));

const run = (word: string, ...rest: string[]): Promise<Answer> => runVerb(module, word, "--state", state, ...rest);
const hlk = (word: string, ...rest: string[]): Promise<Answer> =>
  run(word, "--family", "hlk-fm22x", "--simulate", ...rest);
const dfrobot = (word: string, ...rest: string[]): Promise<Answer> =>
  run(word, "--family", "dfrobot-biometric", "--simulate", ...rest);

/** Puts a policy in force that permits matching on a module for these. */
async function permit(...modalities: string[]): Promise<void> {
  const limits = { threshold: 1000, identify_threshold: 1000, samples: 1, quality: {}, on_module: true };
  const { authority: _, issued: __, ...rest } = DEVELOPMENT_POLICY;
  const given = Object.fromEntries(modalities.map((modality) => [modality, limits]));
  const file = join(state, "policy.yaml");
  await writeFile(
    file,
    stringify({ ...rest, modalities: { ...rest.modalities, ...given } }, { aliasDuplicateObjects: false }),
  );
  expect((await runVerb(policy, "set", file, "--state", state)).exit).toBe(0);
}

describe("kanmon module", () => {
  test("is refused with exit code 5 under the development policy, and still deletes, lists and tells its version", async () => {
    for (const answer of [await hlk("enroll", "--name", "ann"), await hlk("verify")])
      expect(answer).toMatchObject({ exit: 5, value: { error: { code: "KAN-MODULE-POLICY" } } });
    expect((await hlk("delete", "--all")).exit).toBe(0);
    expect((await hlk("list")).value).toEqual({ users: [{ modality: "face", count: 0, ids: [] }] });
    expect((await hlk("reset")).exit).toBe(0);
    const { value, text } = await hlk("version");
    expect(value).toMatchObject({ vendor: "Hi-Link", matching: "on-module", template_protection: "none claimed" });
    expect(text).toContain("template protection: none claimed");
  });

  test("permitted for faces: enrols and verifies across calls, and says that no record exists", async () => {
    await permit("face");
    const enrolled = await hlk("enroll", "--name", "ann");
    expect(enrolled).toMatchObject({ exit: 0, value: { enrolled: true, id: 0, record: null } });
    expect(enrolled.text).toContain("no PEC record exists");
    const accepted = await hlk("verify");
    expect(accepted).toMatchObject({ exit: 0, value: { accepted: true, id: 0, name: "ann", matching: "on-module" } });
    expect(accepted.text).toContain("no PEC record exists");
    expect(await hlk("verify", "--person", "2")).toMatchObject({ exit: 1, value: { accepted: false, matched: false } });
    expect(await hlk("verify", "--id", "1")).toMatchObject({
      exit: 1,
      value: { accepted: false, matched: true, id: 0 },
    });
    expect(await hlk("verify", "--person", "0", "--timeout", "1")).toMatchObject({
      exit: 1,
      value: { reason: "timeout" },
    });
    expect(await hlk("enroll", "--name", "ann")).toMatchObject({
      exit: 1,
      value: { reason: "already_enrolled" },
      text: expect.stringContaining("not enrolled: already enrolled"),
    });
    expect(await hlk("delete", "0")).toMatchObject({ exit: 0, value: { deleted: true } });
    expect(await hlk("delete", "0")).toMatchObject({ exit: 1, value: { deleted: false } });
  });

  test("a module that may match palms too is not verified with while only faces are permitted", async () => {
    expect(await dfrobot("enroll", "--name", "ann", "--modality", "palm")).toMatchObject({ exit: 5 });
    expect(await dfrobot("verify")).toMatchObject({ exit: 5 });
    await permit("face", "palm");
    expect(await dfrobot("enroll", "--name", "ann", "--modality", "palm")).toMatchObject({
      exit: 0,
      value: { id: 501 },
    });
    expect(await dfrobot("verify", "--modality", "palm")).toMatchObject({
      exit: 0,
      value: { modality: "palm", name: "ann" },
    });
    expect(await dfrobot("verify")).toMatchObject({ exit: 1, value: { reason: "unknown_user" } });
  });

  test("wrong use and bad input are told as such", async () => {
    const cases: [() => Promise<Answer>, number, string][] = [
      [() => run("list", "--family", "hlk-fm22x"), 2, "KAN-USAGE"],
      [() => hlk("delete"), 2, "KAN-USAGE"],
      [() => hlk("delete", "1", "--all"), 2, "KAN-USAGE"],
      [() => hlk("verify", "--timeout", "256"), 3, "KAN-MODULE-INPUT"],
      [() => hlk("enroll", "--name", "x".repeat(40)), 3, "KAN-MODULE-INPUT"],
      [() => run("list", "--family", "hlk-fm22x", "--port", "/dev/kanmon-no-such-port"), 4, "KAN-SENSOR-OPEN"],
    ];
    for (const [answer, exit, code] of cases)
      expect(await answer()).toMatchObject({ exit, value: { error: { code } } });
    const kept = join(state, "module-hlk-fm22x.json");
    const before = await readFile(kept);
    await writeFile(kept, "[{}]");
    expect(await hlk("list")).toMatchObject({ exit: 3, value: { error: { code: "KAN-STATE-MODULE" } } });
    await writeFile(kept, before);
  });

  test.skipIf(!hasSocat())("works on a port", async () => {
    const line = await openPtyLine();
    const far = new SimulatedEfaaModule(line.far, "hlk-fm22x");
    far.present({ person: 5 });
    const onPort = (word: string, ...rest: string[]): Promise<Answer> =>
      run(word, "--family", "hlk-fm22x", "--port", line.path, ...rest);
    expect(await onPort("enroll", "--name", "bob", "--poses", "all")).toMatchObject({ exit: 0 });
    expect(await onPort("verify")).toMatchObject({ exit: 0, value: { name: "bob" } });
    await line.close();
  });
});
