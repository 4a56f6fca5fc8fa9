// Whole builds with the compilers that are here: what comes out, that it comes out alike, and what is refused before anything is written.
import { createHash, createPublicKey } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { build } from "../../host/cli/build.ts";
import { loadImage } from "../../host/evaluate/image.ts";
import { type Board, loadBoard, loadBoards } from "../../host/firmware/board.ts";
import { buildFirmware, type FirmwareFacts } from "../../host/firmware/build.ts";
import { findProgram, hasCompiler } from "../../host/firmware/compiler.ts";
import { readElf } from "../../host/firmware/elf.ts";
import { loadPublicKey, makeKey } from "../../host/image/keys.ts";
import { keyHash } from "../../host/image/sign.ts";
import { verifyImage } from "../../host/image/verify.ts";
import { startLab } from "../../host/lab/board.ts";
import { runVerb } from "../verb.ts";

const out = mkdtempSync(join(tmpdir(), "kanmon-build-"));
afterAll(() => rmSync(out, { recursive: true, force: true }));
const key = join(out, "key.pem");
makeKey(key, false);

const sha256 = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");

/** A board with some facts changed. */
function changed(name: string, change: (board: Board) => void): Board {
  const board = structuredClone(loadBoard(name));
  change(board);
  return board;
}

const crossBoards = loadBoards().filter((board) => board.toolchain.prefix !== "" && hasCompiler(board));

describe.skipIf(!findProgram("gcc"))("native_sim", () => {
  it("is built with its image, its notices and a description of all", async () => {
    const { folder, elf, image, facts } = await buildFirmware({ board: loadBoard("native_sim"), key, out });
    expect(folder).toBe(join(out, "native_sim", "wasm3"));
    expect(readElf(readFileSync(elf)).bits).toBe(64);
    const signed = verifyImage(readFileSync(image as string), loadPublicKey(key));
    expect(createHash("sha256").update(signed.payload).digest("hex")).toBe(facts.image_digest);
    expect(facts).toMatchObject({ board: "native_sim", engine: "wasm3", kind: "product" });
    expect(facts.root_keys).toEqual([
      { keyhash: Buffer.from(keyHash(loadPublicKey(key))).toString("hex"), development: false },
    ]);
    expect(facts.files.map(({ name }) => name)).toEqual(["kanmon-native_sim.elf", "kanmon-image.bin", "NOTICES.txt"]);
    for (const file of facts.files) expect(sha256(join(folder, file.name))).toBe(file.sha256);
    expect(readFileSync(join(folder, "NOTICES.txt"), "utf8")).toContain("wasm3");
    expect(JSON.parse(readFileSync(join(folder, "firmware.json"), "utf8"))).toEqual(
      JSON.parse(JSON.stringify(facts)) as FirmwareFacts,
    );
  });

  it("comes out byte for byte alike somewhere else, and names no path of this machine", async () => {
    const elsewhere = join(out, "elsewhere");
    const board = loadBoard("native_sim");
    const one = await buildFirmware({ board, key, out });
    const two = await buildFirmware({ board, key, out: elsewhere });
    expect(two.facts).toEqual(one.facts);
    expect(readFileSync(two.elf).includes(elsewhere)).toBe(false);
    expect(readFileSync(two.elf).includes(process.cwd())).toBe(false);
  });

  it("for keys that are not here comes without an image", async () => {
    const root = join(out, "root.pem");
    makeKey(root, false);
    const publicKey = createPublicKey(readFileSync(root));
    writeFileSync(join(out, "root.pub.pem"), publicKey.export({ type: "spki", format: "pem" }));
    const { image, facts, folder } = await buildFirmware({
      board: loadBoard("native_sim"),
      rootKeys: [join(out, "root.pub.pem")],
      out,
    });
    expect(image).toBeUndefined();
    expect(existsSync(join(folder, "kanmon-image.bin"))).toBe(false);
    expect(facts.root_keys).toEqual([
      { keyhash: Buffer.from(keyHash(loadPublicKey(root))).toString("hex"), development: false },
    ]);
  });

  it("for a key that is not here says how its image is signed, as a command", async () => {
    const { text } = await runVerb(
      build,
      "--board",
      "native_sim",
      "--root-key",
      join(out, "root.pub.pem"),
      "--out",
      out,
    );
    expect(text).toContain("kanmon image sign --key KEY.pem --image-version ");
    expect(text).toContain("--security-counter 0 build/kanmon.wasm OUT.bin");
  });

  it("cannot be put under a file", async () => {
    const answer = await runVerb(build, "--board", "native_sim", "--out", join(key, "x"));
    expect(answer).toMatchObject({ exit: 3, value: { error: { code: "KAN-OUTPUT-FOLDER" } } });
  });

  it("the size table's estimate of the pool is what the engine takes, and hardly more", async () => {
    const { lab, firmware, close } = await startLab(loadBoard("native_sim"), "wasm3", loadImage());
    try {
      const estimate = firmware.facts.fit.find(({ area }) => area === "pool of the engine")?.used ?? 0;
      const { poolPeak } = await lab.memory();
      expect(estimate).toBeGreaterThanOrEqual(poolPeak);
      expect(estimate).toBeLessThan(1.1 * poolPeak);
    } finally {
      await close();
    }
  });

  it("an error in a port is told in the compiler's words", async () => {
    const source = join(out, "broken.c");
    writeFileSync(source, "int broken(void) { return nothing; }\n");
    const board = changed("native_sim", (b) => b.sources.push(relative(b.folder, source)));
    await expect(buildFirmware({ board, key, out })).rejects.toMatchObject({
      code: "KAN-BUILD-COMPILE",
      message: expect.stringMatching(/broken\.c.*nothing/s),
    });
  });
});

describe("what cannot be built is said before anything is written", () => {
  const nothing = (where: string) => !existsSync(where) || readdirSync(where).length === 0;

  it.skipIf(!findProgram("gcc"))("an image that is larger than a slot", async () => {
    const where = join(out, "too-large");
    const board = changed("native_sim", ({ flash: { partitions, sector } }) => {
      partitions.slot_a.bytes = sector;
      partitions.slot_b.bytes = sector;
    });
    await expect(buildFirmware({ board, key, out: where })).rejects.toMatchObject({
      code: "KAN-BUILD-FIT",
      exit: 3,
      message: expect.stringMatching(/does not fit native_sim: slot is [\d,]+ bytes too large/),
      help: expect.stringMatching(/Nothing was written/),
    });
    expect(nothing(where)).toBe(true);
  });

  it.skipIf(!findProgram("gcc"))("a firmware that is larger than its flash, found when it is linked", async () => {
    const written = () =>
      readdirSync(join(out, "native_sim", "wasm3")).map((name) => join(out, "native_sim", "wasm3", name));
    const before = written()
      .filter((path) => path.endsWith(".elf"))
      .map(sha256);
    const board = changed("native_sim", (b) => {
      b.code.bytes = 10_000;
    });
    await expect(buildFirmware({ board, key, out })).rejects.toMatchObject({
      code: "KAN-BUILD-FIT",
      message: expect.stringContaining("code flash is"),
    });
    expect(
      written()
        .filter((path) => path.endsWith(".elf"))
        .map(sha256),
    ).toEqual(before);
  });

  it("a compiler that is not installed, with its package", async () => {
    const board = changed("native_sim", (b) => {
      b.toolchain.prefix = "riscv64-unknown-elf-";
    });
    const path = process.env["PATH"];
    process.env["PATH"] = "/nowhere";
    try {
      await expect(buildFirmware({ board, key, out })).rejects.toMatchObject({
        code: "KAN-TOOL-MISSING",
        help: expect.stringMatching(/scripts\/toolchain\.sh.*gcc-riscv64-unknown-elf picolibc/),
      });
    } finally {
      process.env["PATH"] = path;
    }
  });

  it("an engine that the board does not offer", async () => {
    const board = changed("native_sim", (b) => {
      b.engines = ["wasm3"];
    });
    await expect(buildFirmware({ board, engine: "aot", key, out })).rejects.toMatchObject({
      code: "KAN-BUILD-ENGINE",
      help: expect.stringContaining("wasm3"),
    });
  });
});

describe("boards with a compiler of their own", () => {
  it.skipIf(crossBoards.length === 0).each(crossBoards)(
    "$name is built, with all its outputs and within its memory",
    async (board) => {
      // Where `kanmon build` builds, so that only what has changed is compiled.
      const { folder, elf, facts } = await buildFirmware({ board });
      expect(readElf(readFileSync(elf)).bits).toBe(32);
      for (const kind of board.outputs) expect(existsSync(join(folder, `kanmon-${board.name}.${kind}`))).toBe(true);
      expect(facts.fit.every(({ fits }) => fits)).toBe(true);
      expect(readFileSync(elf).includes(process.cwd())).toBe(false);
    },
    300_000,
  );
});
