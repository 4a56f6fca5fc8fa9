// The file behind a flash: blank where the flash lies in it, and no larger on the disk than that.
import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import type { BoardFacts } from "../firmware/board.ts";
import { projectRoot } from "../root.ts";
import { prepareFlash } from "./flash-file.ts";

const GIGABYTE = 2 ** 30;
const FLASH_BYTES = 65_536;
const OFFSET = GIGABYTE;
const folder = mkdtempSync(join(tmpdir(), "kanmon-flash-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What is used of a board here. */
const board = {
  flash: { bytes: FLASH_BYTES },
  emulator: { flash_file: { bytes: 2 * GIGABYTE, offset: OFFSET } },
} as unknown as BoardFacts;

describe("the flash of an emulator that wants all of its memory in one file", () => {
  const path = join(folder, "flash.bin");

  it("is blank where it lies, with holes around it", () => {
    prepareFlash(path, board);
    const { size, blocks, mode } = statSync(path);
    expect(size).toBe(2 * GIGABYTE);
    expect(blocks * 512).toBeLessThan(GIGABYTE / 64);
    expect(mode & 0o777).toBe(0o600);
    const found = Buffer.alloc(FLASH_BYTES + 2);
    const file = openSync(path, "r");
    readSync(file, found, 0, found.length, OFFSET - 1);
    closeSync(file);
    expect(found).toEqual(Buffer.concat([Buffer.from([0]), Buffer.alloc(FLASH_BYTES, 0xff), Buffer.from([0])]));
  });

  it("of another size is refused", () => {
    expect(() => prepareFlash(path, { ...board, emulator: undefined })).toThrow(
      expect.objectContaining({ code: "KAN-EMULATOR-FLASH" }),
    );
  });
});

describe("a flash that cannot be made", () => {
  it("is told as what it is", () => {
    const nowhere = join(folder, "none", "flash.bin");
    expect(() => prepareFlash(nowhere, board)).toThrow(expect.objectContaining({ code: "KAN-STATE-FOLDER" }));
  });

  const full = join(folder, "full");
  mkdirSync(full);
  /** Runs a script with a small disk at `full`, which only it sees. */
  const onSmallDisk = (...command: string[]) =>
    spawnSync(
      "unshare",
      ["-rm", "sh", "-c", `mount -t tmpfs -o size=200k none "${full}" && exec "$@"`, "sh", ...command],
      { encoding: "utf8", timeout: 20_000 },
    );

  it.skipIf(onSmallDisk("true").status !== 0)("because the disk becomes full: no part of it is taken for all", () => {
    const compiled = pathToFileURL(join(projectRoot(), "build/js/host/emulator/flash-file.js"));
    const script = `
      import { readdirSync } from "node:fs";
      import { prepareFlash } from "${compiled}";
      let code = "made";
      try { prepareFlash("${full}/flash.bin", { flash: { bytes: 1048576 } }); } catch (error) { code = error.code; }
      console.log(code, readdirSync("${full}").length);`;
    const { stdout } = onSmallDisk(process.execPath, "--input-type=module", "-e", script);
    expect(stdout).toBe("KAN-STATE-FOLDER 0\n");
  });
});
