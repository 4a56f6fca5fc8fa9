// The whole firmware as a Linux program, built with the sanitizers and reached through a pseudo-terminal: sessions, restarts, power cuts,
// images that crash or hang, and what can be wrong with its files.
import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import binaryen from "binaryen";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Device } from "../../host/device/device.ts";
import { openSerial } from "../../host/device/serial.ts";
import { type DeviceIdentity, Updater } from "../../host/device/update.ts";
import { type EmulatedBoard, startBoard } from "../../host/emulator/board.ts";
import { loadBoard } from "../../host/firmware/board.ts";
import { buildFirmware, type Firmware } from "../../host/firmware/build.ts";
import { hasCompiler } from "../../host/firmware/compiler.ts";
import { parseImage } from "../../host/image/format.ts";
import { loadKey, makeKey } from "../../host/image/keys.ts";
import { signImage } from "../../host/image/sign.ts";
import { parseVersion } from "../../host/image/version.ts";
import { projectRoot } from "../../host/root.ts";
import { eye, session } from "../reader.ts";

const BUILD = join(projectRoot(), "build", "tests", "native-sim");
const KEY = join(BUILD, "key.pem");
const BAUD = 3_000_000;
/** Under the sanitizers and beside other tests, a frame takes seconds. */
const SLOW_MS = 240_000;
const WATCHDOG_MS = 20_000;

const board = { ...loadBoard("native_sim"), watchdog_ms: WATCHDOG_MS };
const canBuild = process.platform === "linux" && hasCompiler(board);
if (!canBuild)
  console.warn("no native compiler: the firmware as a program is not tested (scripts/toolchain.sh installs it)");

let firmware: Firmware;
let folder = "";
const running: EmulatedBoard[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "kanmon-native-"));
  if (!canBuild) return;
  mkdirSync(BUILD, { recursive: true });
  if (!existsSync(KEY)) makeKey(KEY, false);
  firmware = await buildFirmware({ board, engine: "wasm3", sanitize: true, key: KEY, out: BUILD });
}, 600_000);
afterEach(async () => {
  for (const each of running.splice(0)) await each.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let boards = 0;
/** A blank board. */
async function power(): Promise<EmulatedBoard> {
  const started = await startBoard({ board, elf: firmware.elf, folder: join(folder, `board-${boards++}`) });
  running.push(started);
  return started;
}

/** Opens the board's line, does something and closes it. */
async function on<T>(path: string, act: (updater: Updater) => Promise<T>): Promise<T> {
  const line = await openSerial(path, BAUD);
  try {
    const updater = await Updater.connect(line.stream, { greet_ms: 60_000 });
    try {
      return await act(updater);
    } finally {
      updater.close();
    }
  } finally {
    await line.close();
  }
}

async function withDevice<T>(path: string, act: (device: Device) => Promise<T>): Promise<T> {
  const line = await openSerial(path, BAUD);
  try {
    const device = await Device.connect(line.stream);
    try {
      return await act(device);
    } finally {
      device.close();
    }
  } finally {
    await line.close();
  }
}

/** Uploads an image and restarts the board into it. */
async function bring(path: string, bytes: Uint8Array, forGood: boolean): Promise<void> {
  const { digest } = parseImage(bytes);
  await on(path, async (updater) => {
    await updater.upload(bytes);
    await (forGood ? updater.confirm(digest) : updater.test(digest));
    await updater.reset();
  });
}

/** The board's answer once it is as wanted; a restart may be under way. */
async function eventually(path: string, what: (identity: DeviceIdentity) => boolean): Promise<DeviceIdentity> {
  const until = Date.now() + 90_000;
  for (;;) {
    const identity = await on(path, async (updater) => updater.identity);
    if (what(identity)) return identity;
    if (Date.now() > until) throw new Error(`the board still says ${JSON.stringify(identity)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** A board that runs the shipped image, confirmed, from slot A. */
async function reader(): Promise<EmulatedBoard> {
  const started = await power();
  await bring(started.path, readFileSync(firmware.image as string), true);
  await eventually(started.path, ({ slot }) => slot === 0);
  return started;
}

/** A signed image that does one thing when it is polled. */
function misbehaving(poll: string, more = ""): Uint8Array {
  const parsed = binaryen.parseText(`(module ${more} (memory (export "memory") 1)
    (func (export "start") (param i32 i32 i32) (result i32) (i32.const 0))
    (func (export "receive_buffer") (result i32) (i32.const 1024))
    (func (export "receive") (param i32))
    (func (export "poll") (result i32) ${poll}))`);
  const wasm = parsed.emitBinary();
  parsed.dispose();
  return signImage({ wasm, version: parseVersion("9.9.9"), securityCounter: 0, signer: loadKey(KEY) });
}

describe.skipIf(!canBuild)("a session over the pseudo-terminal", () => {
  it("enrols, accepts, rejects; a restart and a power cut lose nothing", { timeout: SLOW_MS }, async () => {
    const started = await reader();
    const { path } = started;
    await withDevice(path, async (device) => {
      expect(device.identity).toMatchObject({
        board: "native_sim",
        engine: "wasm3",
        state: "ready",
        slot: 0,
        traps: 0,
      });
      expect(await session(device, "enroll", "ann", [eye(1)])).toMatchObject({ decision: "enrolled" });
      expect(await session(device, "verify", "ann", [eye(2)])).toMatchObject({ decision: "reject" });
      await device.reset();
    });
    await eventually(path, ({ boot }) => boot === "reset");
    await withDevice(path, async (device) => {
      expect(await device.templates()).toMatchObject([{ user: "ann", failed: 1 }]);
    });
    await started.cut();
    await started.start();
    await withDevice(started.path, async (device) => {
      expect(device.identity).toMatchObject({ boot: "power", log: { size: 2 } });
      expect(await session(device, "identify", undefined, [eye(1, 5)])).toMatchObject({
        decision: "accept",
        user: "ann",
      });
    });
  });

  it("bears hosts that come and go, and what is no message", { timeout: SLOW_MS }, async () => {
    const { path } = await power();
    const key = await on(path, async ({ identity }) => identity.key);
    for (let i = 0; i < 5; i++) {
      const line = await openSerial(path, BAUD);
      line.stream.write(Buffer.alloc(20_000, 0x5a + i));
      line.stream.write(Buffer.from([0, 1, 2, 0, 0, 255, 0]));
      await line.close(); // with answers, or half a message, under way
      expect(await on(path, async ({ identity }) => identity.key)).toEqual(key);
    }
  });
});

describe.skipIf(!canBuild)("images that fail", () => {
  it("on trial: one crash, and the confirmed image is back and tells of it", { timeout: SLOW_MS }, async () => {
    const { path, lines } = await reader();
    await bring(path, misbehaving("(unreachable)"), false);
    expect(await eventually(path, ({ boot }) => boot === "trap")).toMatchObject({ slot: 0, traps: 1, state: "ready" });
    expect(lines.join("\n")).toContain("crashed in poll: [trap] unreachable executed, crashes since power-on: 1");
  });

  it("for good: after three crashes the other image runs, until the next power-on too", {
    timeout: SLOW_MS,
  }, async () => {
    const started = await reader();
    await bring(started.path, misbehaving("(i32.load (i32.const -1))"), true);
    const back = await eventually(started.path, ({ slot, boot }) => slot === 0 && boot === "trap");
    expect(back).toMatchObject({ traps: 3, state: "ready" });
    await started.cut();
    await started.start();
    expect(await eventually(started.path, ({ slot }) => slot === 0)).toMatchObject({ boot: "power", traps: 0 });
  });

  it("that cannot be loaded: not tried twice", { timeout: SLOW_MS }, async () => {
    const { path, lines } = await reader();
    await bring(path, misbehaving("(i32.const 0)", '(import "board" "radio" (func))'), true);
    expect(await eventually(path, ({ boot }) => boot === "trap")).toMatchObject({ slot: 0, traps: 1 });
    expect(lines.join("\n")).toContain("crashed in loading: not an image that this engine runs");
  });

  it("that hangs: the watchdog ends it, and is named", { timeout: SLOW_MS }, async () => {
    const { path } = await reader();
    await bring(path, misbehaving("(loop $forever (br $forever)) (i32.const 0)"), false);
    await new Promise((resolve) => setTimeout(resolve, WATCHDOG_MS));
    expect(await eventually(path, ({ boot }) => boot === "watchdog")).toMatchObject({ slot: 0, traps: 1 });
  });
});

describe.skipIf(!canBuild)("the program", () => {
  const run = (...args: string[]) => spawnSync(firmware.elf, args, { encoding: "utf8", timeout: 20_000 });
  const at = (name: string) => join(folder, name);

  it("makes a blank flash, names its line, and ends at SIGTERM without leaving the name", async () => {
    const child = spawn(firmware.elf, [at("new.bin"), "--link", at("line"), "--sync"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const said = await new Promise<string>((resolve) => child.stdout.once("data", (text) => resolve(String(text))));
    expect(said).toMatch(/^pty \/dev\/pts\/\d+\n$/);
    expect(readlinkSync(at("line"))).toBe(said.trim().slice("pty ".length));
    expect(statSync(at("new.bin"))).toMatchObject({ size: board.flash.bytes, mode: 0o100600 });
    expect(run(at("new.bin"))).toMatchObject({ status: 3, stderr: expect.stringContaining("in use by another") });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
    expect(existsSync(at("line"))).toBe(false);
  });

  it("says what is wrong with its arguments and its flash", () => {
    writeFileSync(at("short.bin"), Buffer.alloc(100));
    expect(run(at("short.bin"))).toMatchObject({ status: 3, stderr: expect.stringContaining("its size is wrong") });
    expect(run(join(folder, "none", "flash.bin"))).toMatchObject({
      status: 3,
      stderr: expect.stringContaining("No such file"),
    });
    expect(run(folder).status).toBe(3);
    for (const args of [[], ["--flash"], ["a", "b"], ["--loud", "a"], ["--link", "x", "--link", "y", "a"]])
      expect(run(...args)).toMatchObject({ status: 2, stderr: expect.stringContaining("usage:") });
  });

  it("leaves no half-made flash where there is no room for one", () => {
    const limited = spawnSync(
      "sh",
      ["-c", 'trap "" XFSZ; ulimit -f 100; exec "$@"', "sh", firmware.elf, at("full.bin")],
      {
        encoding: "utf8",
        timeout: 20_000,
      },
    );
    expect(limited).toMatchObject({ status: 3, stderr: expect.stringContaining("File too large") });
    expect(existsSync(at("full.bin")) || existsSync(at("full.bin.new"))).toBe(false);
  });
});
