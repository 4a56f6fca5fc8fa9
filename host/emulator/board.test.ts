// The emulated board as a process: its line found, its end noticed, nothing left behind. socat stands for the emulator here: a program
// that makes a pseudo terminal and says where; whole firmware is started in tests/boards/.
import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hasSocat } from "../../hal/sim/line-pty.ts";
import type { Board } from "../firmware/board.ts";
import { projectRoot } from "../root.ts";
import { startBoard } from "./board.ts";

const FLASH_BYTES = 65_536;
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kanmon-emulator-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function readPart(path: string, offset: number, bytes: number): Buffer {
  const file = openSync(path, "r");
  const part = Buffer.alloc(bytes);
  readSync(file, part, 0, bytes, offset);
  closeSync(file);
  return part;
}

/** What is used of a board here. */
function board(command: string, args: string[]): Board {
  return { name: "trial", folder, flash: { bytes: FLASH_BYTES }, emulator: { command, args } } as unknown as Board;
}

const start = (command: string, args: string[]) => startBoard({ board: board(command, args), elf: "firmware", folder });

function alive(pid: number): boolean {
  try {
    // Zombies count as gone.
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

async function until(what: () => boolean): Promise<void> {
  for (const end = Date.now() + 5_000; !what(); ) {
    if (Date.now() > end) throw new Error("it did not come true");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Arguments of a socat that makes a terminal and holds it open; the flash file is its other end, only to be named. */
const TERMINAL = ["-d", "-d", "pty,raw,echo=0", "SYSTEM:cat # {flash}"];

describe.skipIf(!hasSocat())("an emulated board", () => {
  it("finds the line, keeps a blank flash that only its owner may read, and ends when closed", async () => {
    const emulated = await start("socat", TERMINAL);
    const pid = emulated.pid as number;
    expect(emulated.path).toMatch(/^\/dev\/pts\/\d+$/);
    expect(existsSync(emulated.path)).toBe(true);
    const flash = join(folder, "flash.bin");
    expect(readFileSync(flash)).toEqual(Buffer.alloc(FLASH_BYTES, 0xff));
    expect(statSync(flash).mode & 0o777).toBe(0o600);
    expect(alive(pid)).toBe(true);
    await emulated.close();
    expect(alive(pid)).toBe(false);
    expect(existsSync(join(folder, "lock"))).toBe(false);
  });

  it("starts again after a power cut, with the flash as it was", async () => {
    const emulated = await start("socat", TERMINAL);
    try {
      await emulated.cut();
      expect(emulated.pid).toBeUndefined();
      writeFileSync(join(folder, "flash.bin"), Buffer.alloc(FLASH_BYTES, 0x5a));
      await emulated.start();
      expect(existsSync(emulated.path)).toBe(true);
      expect(readFileSync(join(folder, "flash.bin"))[0]).toBe(0x5a);
    } finally {
      await emulated.close();
    }
  });

  it("tells when the emulator ends by itself", async () => {
    const emulated = await start("socat", TERMINAL);
    const died = new Promise<Error>((resolve) => emulated.once("died", resolve));
    process.kill(emulated.pid as number, "SIGTERM");
    await expect(died).resolves.toMatchObject({ code: "KAN-EMULATOR-START" });
    await emulated.close();
  });

  it("leaves no process behind when this one is killed", async () => {
    // A process of its own does what this one does, says the emulator's number, and is killed without warning.
    const compiled = pathToFileURL(join(projectRoot(), "build/js/host/emulator/board.js"));
    const script = `
      import { startBoard } from "${compiled}";
      const board = { name: "trial", flash: { bytes: 65536 }, emulator: { command: "socat", args: ${JSON.stringify(TERMINAL)} } };
      const emulated = await startBoard({ board, elf: "", folder: ${JSON.stringify(folder)} });
      console.log(emulated.pid);
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const pid = await new Promise<number>((resolve) => child.stdout?.once("data", (text) => resolve(Number(text))));
    expect(alive(pid)).toBe(true);
    child.kill("SIGKILL");
    await until(() => !alive(pid));
  });
});

describe("what cannot be started is said", () => {
  it("an emulator that is not installed, with its package where it is known", async () => {
    await expect(start("qemu-system-none", ["{elf} {flash}"])).rejects.toMatchObject({
      code: "KAN-TOOL-MISSING",
      message: expect.stringContaining("qemu-system-none"),
    });
  });

  it("one that ends at once: with what it printed", async () => {
    await expect(start("sh", ["-c", "echo no such machine >&2; exit 3"])).rejects.toMatchObject({
      code: "KAN-EMULATOR-START",
      message: expect.stringMatching(/ended with status 3:\nno such machine/),
    });
    expect(existsSync(join(folder, "lock"))).toBe(false);
  });

  it("a flash file of another size", async () => {
    writeFileSync(join(folder, "flash.bin"), "");
    truncateSync(join(folder, "flash.bin"), 100);
    await expect(start("sh", ["-c", "sleep 9"])).rejects.toMatchObject({ code: "KAN-EMULATOR-FLASH" });
  });

  it("a file for a large memory is a hole around the flash", async () => {
    const large = board("sh", ["-c", "exit 1 # {flash}"]);
    const flash_file = { bytes: 2 ** 31, offset: 65_536 };
    const emulator = { ...large.emulator, flash_file } as Board["emulator"];
    await expect(startBoard({ board: { ...large, emulator } as Board, elf: "", folder })).rejects.toThrow(/status 1/);
    const { size, blocks } = statSync(join(folder, "flash.bin"));
    expect(size).toBe(2 ** 31);
    expect(blocks * 512).toBeLessThan(1_000_000);
    expect(readPart(join(folder, "flash.bin"), 65_536, FLASH_BYTES).equals(Buffer.alloc(FLASH_BYTES, 0xff))).toBe(true);
  });

  it("a board without an emulator", async () => {
    const { emulator: _, ...plain } = board("", []);
    await expect(startBoard({ board: plain, elf: "", folder })).rejects.toMatchObject({ code: "KAN-EMULATOR-NONE" });
  });
});
