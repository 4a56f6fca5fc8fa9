// The command line as people and scripts use it: the built program in a process of its own, real files, real exit codes.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { palm, SIDE } from "./palm-pictures.ts";
import { eye, HEIGHT, WIDTH } from "./reader.ts";

const root = join(import.meta.dirname, "..");
let folder: string;

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

function kanmon(...args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, "bin/kanmon.js"), ...args], { cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr }),
    );
  });
}

async function picture(name: string, person: number, presentation: number): Promise<string> {
  const path = join(folder, name);
  await sharp(eye(person, presentation), { raw: { width: WIDTH, height: HEIGHT, channels: 1 } }).toFile(path);
  return path;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "kanmon-cli-"));
  await Promise.all([
    picture("a1.png", 1, 1),
    picture("a2.png", 1, 2),
    picture("a3.tiff", 1, 3),
    picture("b1.png", 2, 1),
  ]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What becomes of the people of the scripted round. */
const visitsOf = (modality: string) => ["enrolled", "accept", "reject"].map((decision) => `${modality} ${decision}`);

describe("kanmon", () => {
  it("runs the scripted round and proves it", async () => {
    const { code, stdout } = await kanmon("sim", "--once", "--json");
    const round = JSON.parse(stdout);
    expect(round).toMatchObject({ passed: true, engine: "v8", proof: { record: 9, size: 10, verified: true } });
    const visits = round.visits.map(({ modality, decision }: Record<string, string>) => `${modality} ${decision}`);
    expect(visits).toEqual(["iris", "palm", "face"].flatMap(visitsOf));
    expect(code).toBe(0);
  });

  it.each([
    ["iris", 3],
    ["palm", 3],
    ["face", 4], // the unit's calibration has a record too
  ])("runs the round with %s alone", async (modality, size) => {
    const { code, stdout } = await kanmon("sim", "--once", "--modality", modality, "--json");
    const round = JSON.parse(stdout);
    expect(round).toMatchObject({ passed: true, proof: { record: size - 1, size, verified: true } });
    expect(round.sensors).toMatchObject([{ modality }]);
    const visits = round.visits.map(({ modality, decision }: Record<string, string>) => `${modality} ${decision}`);
    expect(visits).toEqual(visitsOf(modality));
    expect(code).toBe(0);
  });

  it("enrols, accepts, refuses, identifies, shows, proves and verifies", async () => {
    expect(await kanmon("enroll", "--modality", "iris", "--user", "ann", "--input", "a1.png", "a2.png")).toMatchObject({
      code: 0,
    });
    expect(await kanmon("verify", "--modality", "iris", "--user", "ann", "--input", "a3.tiff")).toMatchObject({
      code: 0,
      stdout: "accepted ann (record 1)\n",
    });
    const refused = await kanmon("verify", "--modality", "iris", "--user", "ann", "--input", "b1.png", "--json");
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ decision: "reject", reason: "no_match", record: 2 });
    const identified = await kanmon("identify", "--modality", "iris", "--input", "a3.tiff", "--json");
    expect(JSON.parse(identified.stdout)).toMatchObject({ decision: "accept", user: "ann" });

    const shown = JSON.parse((await kanmon("log", "show", "--json")).stdout);
    expect(shown.records.map(({ decision }: { decision: string }) => decision)).toEqual([
      "enrolled",
      "accept",
      "reject",
      "accept",
    ]);
    expect(await kanmon("log", "verify")).toMatchObject({ code: 0 });
    await kanmon("log", "prove", "2", "--out", "two.tlog-proof");
    const elsewhere = await kanmon(
      "log",
      "verify",
      "two.tlog-proof",
      "--key",
      shown.verifier,
      "--state",
      "nowhere",
      "--json",
    );
    expect(JSON.parse(elsewhere.stdout)).toMatchObject({ verified: true, index: 2, record: { decision: "reject" } });
    const proof = readFileSync(join(folder, "two.tlog-proof"), "utf8");
    writeFileSync(join(folder, "two.tlog-proof"), proof.replace("index 2", "index 1"));
    expect(await kanmon("log", "verify", "two.tlog-proof")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("KAN-LOG-PROOF"),
    });

    expect(await kanmon("references", "list")).toMatchObject({
      stdout: expect.stringMatching(/^ann {2}iris, 2 samples/),
    });
    expect(await kanmon("references", "delete", "ann")).toMatchObject({ code: 0 });
    expect(await kanmon("verify", "--modality", "iris", "--user", "ann", "--input", "a1.png")).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("KAN-DEVICE-UNKNOWN-USER"),
    });
  });

  it("takes a palm in two bands: a picture for each, joined", async () => {
    for (const [person, presentation] of [
      [1, 0],
      [1, 1],
      [1, 2],
      [2, 0],
    ] as const)
      for (const band of [0, 1] as const)
        await sharp(palm(person, presentation, band), { raw: { width: SIDE, height: SIDE, channels: 1 } }).toFile(
          join(folder, `p${person}${presentation}-${band}.png`),
        );
    const bands = (name: string) => `${name}-0.png;${name}-1.png`;
    const reader = ["--modality", "palm", "--state", "for-palm"];
    const both = [...reader, "--bands", "850,940"];
    expect(await kanmon("enroll", ...both, "--user", "ann", "--input", bands("p10"), bands("p11"))).toMatchObject({
      code: 0,
      stdout: "enrolled ann (record 0)\n",
    });
    expect(await kanmon("verify", ...both, "--user", "ann", "--input", bands("p12"))).toMatchObject({ code: 0 });
    const identified = await kanmon("identify", ...both, "--input", bands("p12"), "--json");
    expect(JSON.parse(identified.stdout)).toMatchObject({ decision: "accept", user: "ann" });
    expect(await kanmon("verify", ...both, "--user", "ann", "--input", bands("p20"))).toMatchObject({ code: 1 });
    expect(
      await kanmon("verify", ...reader, "--user", "ann", "--input", "p12-0.png", "--profile", "guided"),
    ).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(
        /^refused: there is nobody to compare with whose palm was taken this way .* \(record 4\)\n$/,
      ),
    });
    expect(await kanmon("references", "list", "--state", "for-palm")).toMatchObject({
      stdout: expect.stringMatching(/^ann {2}palm, 2 samples/),
    });
    for (const [code, error, ...wrong] of [
      [3, "KAN-PICTURE-BANDS", "--input", "p12-0.png", "--bands", "850,940"],
      [3, "KAN-PICTURE-BANDS", "--input", bands("p12")],
      [3, "KAN-PICTURE-MIXED", "--input", "p12-0.png;a1.png", "--bands", "850,940"],
      [2, "KAN-USAGE", "--input", "p12-0.png", "--bands", "940,850"],
      [2, "KAN-USAGE", "--input", "p12-0.png", "--bands", "red"],
      [2, "KAN-USAGE", "--input", "p12-0.png", "--region", "thumb"],
      [2, "KAN-USAGE", "--input", "p12-0.png", "--profile", "free"],
      [2, "KAN-USAGE", "--input", "p12-0.png", "--region", "window", "--modality", "iris"],
    ] as const) {
      const answer = await kanmon("identify", ...reader, "--json", ...wrong);
      expect(JSON.parse(answer.stdout), wrong.join(" ")).toMatchObject({ error: { code: error } });
      expect(answer.code).toBe(code);
    }
  });

  it("says which of several pictures gave no sample, and of what they were taken to be pictures", async () => {
    const reader = ["--modality", "palm", "--state", "for-notes"];
    const raw = { width: SIDE, height: SIDE, channels: 1 as const };
    await sharp(palm(3, 0, 0), { raw }).toFile(join(folder, "good.png"));
    await sharp({ create: { width: SIDE, height: SIDE, channels: 3, background: "black" } }).toFile(
      join(folder, "dark.png"),
    );
    // Dark at both sides, as where a whole hand is taken for a region.
    await sharp(palm(3, 0, 0), { raw })
      .resize(SIDE / 2, SIDE, { fit: "fill" })
      .extend({ left: SIDE / 4, right: SIDE / 4, background: "black" })
      .toFile(join(folder, "narrow.png"));
    expect(await kanmon("enroll", ...reader, "--user", "eve", "--input", "good.png", "dark.png")).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^dark\.png: no hand found$/m),
    });
    expect(await kanmon("identify", ...reader, "--input", "narrow.png")).toMatchObject({
      code: 1,
      stdout: "failed: the hand is too far away (record 1)\n",
      stderr: expect.stringContaining("--region"),
    });
    expect(await kanmon("identify", ...reader, "--region", "cropped", "--input", "narrow.png")).toMatchObject({
      stderr: "",
    });
  });

  it("says on stdout, as JSON, what cannot be written, and leaves nothing half-written", async () => {
    await kanmon("enroll", "--modality", "iris", "--user", "eve", "--input", "b1.png", "--state", "for-out");
    mkdirSync(join(folder, "taken"));
    for (const command of [
      ["log", "prove", "0", "--out", "nowhere/file"],
      ["log", "prove", "0", "--out", "taken"],
      ["references", "export", "eve", "--modality", "iris", "--out", "nowhere/file"],
    ]) {
      const { code, stdout } = await kanmon(...command, "--state", "for-out", "--json");
      expect(JSON.parse(stdout), command.join(" ")).toMatchObject({ error: { code: "KAN-OUTPUT-FILE" } });
      expect(code).toBe(3);
    }
    expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  it("names the option that a reader would not take", async () => {
    const common = ["enroll", "--modality", "iris", "--json", "--state", "for-out"];
    for (const wrong of [
      ["--user", "x".repeat(65), "--input", "a1.png"],
      ["--user", "a\u009bb", "--input", "a1.png"],
      ["--user", "fay", "--input", ...Array.from({ length: 33 }, () => "a1.png")],
      ["--user", "fay", "--input", "a1.png", "--baud", "fast"],
    ]) {
      const { code, stdout } = await kanmon(...common, ...wrong);
      expect(JSON.parse(stdout), wrong.join(" ")).toMatchObject({ error: { code: "KAN-USAGE" } });
      expect(code).toBe(2);
    }
  });

  it("shows and sets the policy", async () => {
    const shown = await kanmon("policy", "show", "--state", "for-policy");
    writeFileSync(
      join(folder, "policy.yaml"),
      shown.stdout.replace("name: development", "name: mine").replace("tries: 5", "tries: 7"),
    );
    expect(await kanmon("policy", "set", "policy.yaml", "--state", "for-policy")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('"mine" in force'),
    });
    expect(JSON.parse((await kanmon("policy", "show", "--state", "for-policy", "--json")).stdout)).toMatchObject({
      policy: { name: "mine", tries: 7 },
    });
    writeFileSync(join(folder, "policy.yaml"), shown.stdout.replace("tries: 5", "tries: 700"));
    expect(await kanmon("policy", "set", "policy.yaml", "--state", "for-policy")).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("tries"),
    });
  });
});

describe("wrong use and bad input", () => {
  const identify = (path: string, ...more: string[]) =>
    kanmon("identify", "--modality", "iris", "--input", path, "--state", "for-errors", ...more);

  it("exits with 2 and says what is wrong with the command line", async () => {
    for (const args of [
      ["frobnicate"],
      ["verify", "--user", "ann"],
      ["evaluate"],
      ["enroll", "--modality", "ear", "--input", "a1.png"],
      ["sim", "--once", "--modality", "ear"],
      ["log", "prove", "minus"],
    ]) {
      const { code, stderr, stdout } = await kanmon(...args);
      expect(code, args.join(" ")).toBe(2);
      expect(stderr).toContain("KAN-USAGE");
      expect(stdout).toBe("");
    }
    expect(JSON.parse((await kanmon("frobnicate", "--json")).stdout)).toMatchObject({ error: { code: "KAN-USAGE" } });
  });

  it("prints help, with examples, and exits with 0", async () => {
    for (const args of [
      ["--help"],
      ["verify", "--help"],
      ["log", "verify", "--help"],
      ["references", "delete", "--help"],
    ]) {
      const { code, stdout } = await kanmon(...args);
      expect(code, args.join(" ")).toBe(0);
      expect(stdout).toContain("Usage: kanmon");
    }
  });

  it("names what is wrong with a picture, and goes on working", async () => {
    writeFileSync(join(folder, "empty.png"), "");
    writeFileSync(join(folder, "text.png"), "not a picture");
    writeFileSync(join(folder, "cut.png"), readFileSync(join(folder, "a1.png")));
    truncateSync(join(folder, "cut.png"), 5000);
    await sharp({ create: { width: 1, height: 1, channels: 3, background: "black" } }).toFile(join(folder, "dot.png"));
    await sharp({ create: { width: 10_000, height: 10_000, channels: 3, background: "black" } }).toFile(
      join(folder, "huge.png"),
    );
    for (const [path, code] of [
      ["missing.png", "KAN-PICTURE-MISSING"],
      [".", "KAN-PICTURE-FILE"],
      ["empty.png", "KAN-PICTURE-EMPTY"],
      ["text.png", "KAN-PICTURE-FORMAT"],
      ["cut.png", "KAN-PICTURE-CORRUPT"],
      ["dot.png", "KAN-PICTURE-SIZE"],
    ] as const)
      expect(await identify(path), path).toMatchObject({ code: 3, stderr: expect.stringContaining(code) });
    expect(await identify("huge.png")).toMatchObject({ code: 3 });
    expect(
      await kanmon("enroll", "--modality", "iris", "--user", "x", "--input", "a1.png", "--state", "for-errors"),
    ).toMatchObject({ code: 0 });
  });

  it("refuses a picture without an eye, by name", async () => {
    await sharp({ create: { width: 320, height: 240, channels: 3, background: "black" } }).toFile(
      join(folder, "black.png"),
    );
    const { code, stdout } = await kanmon(
      "enroll",
      "--modality",
      "iris",
      "--user",
      "nobody",
      "--input",
      "black.png",
      "--state",
      "for-errors",
    );
    expect(code).toBe(1);
    expect(stdout).toMatch(/^(failed|refused): [a-z ]+ \(record \d+\)\n$/);
  });

  it("takes colour and 16 bits", async () => {
    const grey = eye(1, 4);
    const wide = Uint16Array.from(grey, (value) => value * 257);
    const raw = { width: WIDTH, height: HEIGHT, channels: 1 as const };
    await sharp(wide, { raw }).toColourspace("grey16").png().toFile(join(folder, "wide.png"));
    await sharp(grey, { raw }).toColourspace("srgb").png().toFile(join(folder, "colour.png"));
    await kanmon("enroll", "--modality", "iris", "--user", "x", "--input", "a1.png", "a2.png", "--state", "for-colour");
    for (const path of ["wide.png", "colour.png"])
      expect(
        await kanmon("verify", "--modality", "iris", "--user", "x", "--input", path, "--state", "for-colour"),
        path,
      ).toMatchObject({ code: 0 });
  });

  it("says so when a simulated reader's flash was corrupted, and never starts anew by itself", async () => {
    const enrolled = await kanmon(
      "enroll",
      "--modality",
      "iris",
      "--user",
      "x",
      "--input",
      "a1.png",
      "--state",
      "corrupt",
    );
    expect(enrolled.code).toBe(0);
    const path = join(folder, "corrupt/flash.bin");
    const bytes = readFileSync(path);
    for (let i = 0; i < bytes.length; i += 50) bytes[i] = (bytes[i] as number) ^ 0x55;
    writeFileSync(path, bytes);
    const after = await identify("a1.png", "--state", "corrupt");
    expect(after).toMatchObject({ code: 4, stderr: expect.stringContaining("KAN-READER-STATE") });
    truncateSync(path, 1000);
    expect(await identify("a1.png", "--state", "corrupt")).toMatchObject({
      stderr: expect.stringContaining("KAN-STATE-FLASH"),
    });
  });
});
