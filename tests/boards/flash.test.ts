// `kanmon flash` as people run it, against real firmware: native_sim, the C of every board with wasm3, its line a pseudo terminal.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import binaryen from "binaryen";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { flash } from "../../host/cli/flash.ts";
import { monitor } from "../../host/cli/monitor.ts";
import { openSerial } from "../../host/device/serial.ts";
import { Updater } from "../../host/device/update.ts";
import { type EmulatedBoard, startBoard } from "../../host/emulator/board.ts";
import { loadBoard } from "../../host/firmware/board.ts";
import { buildFirmware } from "../../host/firmware/build.ts";
import { hasCompiler } from "../../host/firmware/compiler.ts";
import { choosePorts } from "../../host/flash/choose.ts";
import { FlashPort } from "../../host/flash/port.ts";
import { loadKey, makeKey } from "../../host/image/keys.ts";
import { signImage } from "../../host/image/sign.ts";
import { parseVersion } from "../../host/image/version.ts";
import { projectRoot } from "../../host/root.ts";
import { runVerb } from "../verb.ts";

const BUILD = join(projectRoot(), "build", "tests", "flash");
const KEY = join(BUILD, "key.pem");
const STRANGER = join(BUILD, "stranger.pem");
const BAUD = 3_000_000;

const board = loadBoard("native_sim");
const canBuild = process.platform === "linux" && hasCompiler(board);
let elf: string;
let folder: string;
const running: EmulatedBoard[] = [];

beforeAll(async () => {
  if (!canBuild) return;
  mkdirSync(BUILD, { recursive: true });
  for (const key of [KEY, STRANGER]) if (!existsSync(key)) makeKey(key, false);
  ({ elf } = await buildFirmware({ board, engine: "wasm3", key: KEY, out: BUILD }));
  folder = mkdtempSync(join(tmpdir(), "kanmon-flash-"));
  return () => rmSync(folder, { recursive: true, force: true });
}, 300_000);
afterEach(async () => {
  for (const each of running.splice(0)) await each.close();
});

let boards = 0;
async function blank(): Promise<EmulatedBoard> {
  const started = await startBoard({ board, elf, folder: join(folder, `board-${boards++}`) });
  running.push(started);
  return started;
}

const reader = (): Uint8Array => readFileSync(join(projectRoot(), "build", "kanmon.wasm"));

interface Signing {
  readonly counter?: number;
  readonly key?: string;
  readonly wasm?: Uint8Array;
}

/** A signed image in a file. */
function signed(version: string, { counter = 0, key = KEY, wasm = reader() }: Signing = {}): string {
  const file = join(
    folder,
    `${createHash("sha256").update(wasm).update(`${version} ${counter} ${key}`).digest("hex")}.bin`,
  );
  const signer = loadKey(key);
  writeFileSync(file, signImage({ wasm, version: parseVersion(version), securityCounter: counter, signer }));
  return file;
}

const kanmonFlash = (file: string, ...argv: string[]) => runVerb(flash, file, "--key", KEY, ...argv);

async function withUpdater<T>(path: string, act: (updater: Updater) => Promise<T>): Promise<T> {
  const line = await openSerial(path, BAUD);
  try {
    const updater = await Updater.connect(line.stream);
    try {
      return await act(updater);
    } finally {
      updater.close();
    }
  } finally {
    await line.close();
  }
}

const activeVersion = (path: string) =>
  withUpdater(path, async (updater) => (await updater.images()).find(({ active }) => active)?.version);

/** A module with an image's exports and `pages` of memory, which traps when it is started. */
function module(pages: number): Uint8Array {
  const made = binaryen.parseText(`(module (memory (export "memory") ${pages} ${pages})
    (func (export "start") (param i32 i32 i32) (result i32) unreachable)
    (func (export "receive_buffer") (result i32) (i32.const 0))
    (func (export "receive") (param i32))
    (func (export "poll") (result i32) (i32.const 0)))`);
  try {
    return made.emitBinary();
  } finally {
    made.dispose();
  }
}

describe.skipIf(!canBuild)("kanmon flash", () => {
  test("a blank board gets its image; it is there the second time, and an update replaces it", async () => {
    const { path } = await blank();
    expect(await withUpdater(path, async ({ identity }) => identity)).toMatchObject({ state: "recovery", slot: null });
    const file = signed("1.0.0");
    const first = await kanmonFlash(file, "--port", path);
    expect(first.exit).toBe(0);
    expect(first.value).toMatchObject({
      image: { version: "1.0.0", security_counter: 0, development: false },
      ports: [{ port: path, status: "flashed", board: "native_sim", engine: "wasm3" }],
    });
    expect(first.value.ports[0].before).toBeUndefined();
    expect(first.value.ports[0].bytes_sent).toBe(readFileSync(file).length);

    expect((await kanmonFlash(file, "--port", path)).value.ports[0]).toMatchObject({
      status: "already",
      bytes_sent: 0,
    });
    expect(await kanmonFlash(file, "--port", path, "--verify-only")).toMatchObject({ exit: 0 });
    const next = signed("1.1.0+7");
    const compared = await kanmonFlash(next, "--port", path, "--verify-only");
    expect(compared).toMatchObject({ exit: 1, value: { ports: [{ status: "different" }] } });
    expect(await activeVersion(path)).toBe("1.0.0");
    expect((await kanmonFlash(next, "--port", path)).value.ports[0]).toMatchObject({
      status: "flashed",
      before: "1.0.0",
    });
    expect(await activeVersion(path)).toBe("1.1.0.7");
  });

  test("several at once; one that fails stops no other", async () => {
    const [one, two] = [await blank(), await blank()];
    const answer = await kanmonFlash(
      signed("1.0.0"),
      "--port",
      one.path,
      "--port",
      two.path,
      "--port",
      join(folder, "nothing"),
    );
    expect(answer.exit).toBe(4);
    expect(answer.value.ports).toMatchObject([
      { port: one.path, status: "flashed" },
      { port: two.path, status: "flashed" },
      { error: { code: "KAN-PORT-OPEN" } },
    ]);
    expect(answer.value.ports[0].device).not.toBe(answer.value.ports[1].device);
  });

  test("what could mean two devices is refused, with the candidates; a key or a serial number decides", async () => {
    const [one, two] = [await blank(), await blank()];
    const listed = [one, two].map(({ path }, i) => ({ path, serial: `SN${i}` }));
    const choose = (choice: object, list = listed) =>
      choosePorts({ baud: BAUD, ...choice }, async () => list).then(
        async (chosen) => {
          await Promise.all(chosen.map(({ port }) => port.close()));
          return chosen.map(({ port }) => port.path);
        },
        (error: Error) => error,
      );
    const refused = await choose({});
    expect(refused).toMatchObject({ code: "KAN-FLASH-AMBIGUOUS", exit: 2 });
    for (const { path } of [one, two]) expect((refused as Error).message).toContain(path);
    expect(await choose({ all: true })).toEqual([one.path, two.path]);
    expect(await choose({}, listed.slice(1))).toEqual([two.path]);
    expect(await choose({ serial: ["SN1"] })).toEqual([two.path]);
    expect(await choose({ serial: ["SN2"] })).toMatchObject({ code: "KAN-FLASH-DEVICE" });
    const twice = listed.map(({ path }) => ({ path, serial: "SN" }));
    expect(await choose({ serial: ["SN"] }, twice)).toMatchObject({ code: "KAN-FLASH-AMBIGUOUS" });
    const id = await withUpdater(two.path, async ({ device }) => device);
    for (const list of [listed, [...listed].reverse()])
      expect(await choose({ device: [id] }, list)).toEqual([two.path]);
    expect(await choose({ device: [id], port: [one.path] })).toMatchObject({ code: "KAN-FLASH-DEVICE" });
    // Two names of one port are one.
    const link = join(folder, "link");
    symlinkSync(one.path, link);
    expect(await choose({ port: [one.path, link] })).toEqual([one.path]);
  });

  test("a device that USB gives another name when it comes back is found by its serial number", async () => {
    const started = await blank();
    const before = started.path;
    // The name is most likely another board's by then.
    const port = new FlashPort({ path: before, serial: "SN7" }, BAUD, async () => [
      { path: running.at(-1)?.path as string, serial: "SN8" },
      { path: started.path, serial: "SN7" },
    ]);
    const { device } = await port.connect();
    await started.cut();
    await blank();
    await started.start();
    // The old name's end may be noticed only when it is written to.
    await vi.waitFor(async () => expect((await port.connect()).device).toBe(device), 10_000);
    await port.close();
  });

  test("an image of a stranger is refused here before anything is sent, and by the board whatever we say", async () => {
    const { path } = await blank();
    await kanmonFlash(signed("1.0.0"), "--port", path);
    const strange = signed("2.0.0", { key: STRANGER });
    expect(await kanmonFlash(strange, "--port", path)).toMatchObject({
      exit: 1,
      value: { error: { code: "KAN-IMAGE-KEY" } },
    });
    const answer = await runVerb(flash, strange, "--key", STRANGER, "--port", path);
    expect(answer).toMatchObject({ exit: 1, value: { ports: [{ error: { code: "KAN-FLASH-KEY" } }] } });
    expect(await activeVersion(path)).toBe("1.0.0");
  });

  test("a damaged file is refused here; bytes damaged on their way are refused by the board", async () => {
    const { path } = await blank();
    const bytes = readFileSync(signed("1.0.0"));
    bytes[5000] = (bytes[5000] as number) ^ 1;
    const file = join(folder, "damaged.bin");
    writeFileSync(file, bytes);
    expect(await kanmonFlash(file, "--port", path)).toMatchObject({
      exit: 1,
      value: { error: { code: "KAN-IMAGE-HASH" } },
    });
    await withUpdater(path, async (updater) => {
      await updater.upload(bytes);
      const [image] = await updater.images();
      expect(image).toMatchObject({ bootable: false, active: false });
      await expect(updater.test(image?.hash as Uint8Array)).rejects.toMatchObject({ code: "KAN-FLASH-HASH" });
    });
  });

  test("no way back below the security counter", async () => {
    const { path } = await blank();
    await kanmonFlash(signed("1.0.0", { counter: 5 }), "--port", path);
    const old = signed("0.9.0", { counter: 4 });
    expect(await kanmonFlash(old, "--port", path)).toMatchObject({
      exit: 1,
      value: { ports: [{ error: { code: "KAN-FLASH-DOWNGRADE" } }] },
    });
    await withUpdater(path, async (updater) => {
      expect(updater.identity.security).toBe(5);
      await updater.upload(readFileSync(old));
      const image = (await updater.images()).find(({ active }) => !active);
      expect(image).toMatchObject({ version: "0.9.0", bootable: false });
      await expect(updater.test(image?.hash as Uint8Array)).rejects.toMatchObject({
        code: "KAN-FLASH-DOWNGRADE",
        rc: 27,
      });
    });
  });

  test.each([false, true])(
    "an upload broken off is gone on with by another host (power cut between: %s)",
    async (cut) => {
      const started = await blank();
      const file = signed("1.0.0");
      const bytes = readFileSync(file);
      await withUpdater(started.path, async (updater) => {
        const aborted = new AbortController();
        const sending = updater.upload(bytes, {
          signal: aborted.signal,
          onProgress: (done) => done > bytes.length / 2 && aborted.abort(),
        });
        await expect(sending).rejects.toThrow(/abort/);
      });
      if (cut) {
        await started.cut();
        await started.start();
      }
      const { value } = await kanmonFlash(file, "--port", started.path);
      expect(value.ports[0].status).toBe("flashed");
      expect(value.ports[0].bytes_sent).toBeGreaterThan(0);
      expect(value.ports[0].bytes_sent).toBeLessThan(bytes.length * 0.6);
    },
  );

  test("an image that is not confirmed is left at the next start; confirming it keeps it", async () => {
    const started = await blank();
    await kanmonFlash(signed("1.0.0"), "--port", started.path);
    const trial = signed("2.0.0");
    const answer = await kanmonFlash(trial, "--port", started.path, "--no-confirm");
    expect(answer.value.ports[0].status).toBe("on_trial");
    expect(await activeVersion(started.path)).toBe("2.0.0");
    // With one image on trial and the other confirmed there is no room for a third.
    const third = await kanmonFlash(signed("3.0.0"), "--port", started.path);
    expect(third.value.ports[0].error.code).toBe("KAN-FLASH-SLOT");
    await started.cut();
    await started.start();
    expect(await activeVersion(started.path)).toBe("1.0.0");
    // It is still there: nothing is sent, and this time it stays.
    expect((await kanmonFlash(trial, "--port", started.path)).value.ports[0]).toMatchObject({
      status: "flashed",
      bytes_sent: 0,
    });
    await started.cut();
    await started.start();
    expect(await activeVersion(started.path)).toBe("2.0.0");
  });

  test("marks as mcumgr's tools set them: tested, confirmed before it ran, erased; the running image is safe", async () => {
    const started = await blank();
    const { path } = started;
    await kanmonFlash(signed("1.0.0"), "--port", path);
    await withUpdater(path, async (updater) => {
      const other = async () => (await updater.images()).find(({ slot }) => slot === 1);
      await updater.upload(readFileSync(signed("2.0.0")));
      expect(await other()).toMatchObject({ bootable: true, pending: false, permanent: false, confirmed: false });
      const { hash } = (await other()) as { hash: Buffer };
      await updater.test(hash);
      expect(await other()).toMatchObject({ pending: true, permanent: false, active: false });
      await updater.erase();
      expect(await other()).toBeUndefined();
      await expect(updater.erase(0)).rejects.toMatchObject({ code: "KAN-FLASH-SLOT" });
      const [running] = await updater.images();
      await expect(updater.test(running?.hash as Buffer)).rejects.toMatchObject({ code: "KAN-FLASH-RUNNING" });
      await updater.upload(readFileSync(signed("3.0.0")));
      await updater.confirm((await other())?.hash);
      expect(await other()).toMatchObject({ pending: true, permanent: true });
      await updater.reset();
    });
    for (let start = 0; start < 2; start++) {
      const image = await vi.waitFor(() => withUpdater(path, async (it) => (await it.images())[1]), 10_000);
      expect(image).toMatchObject({
        version: "3.0.0",
        active: true,
        confirmed: true,
        pending: false,
        permanent: false,
      });
      await withUpdater(path, (updater) => updater.reset());
    }
  });

  test("an image that runs but is no reader is not confirmed, and left at the next start", async () => {
    const started = await blank();
    await kanmonFlash(signed("1.0.0"), "--port", started.path);
    const wasm = readFileSync(join(projectRoot(), "build", "recovery.wasm"));
    const answer = await kanmonFlash(signed("2.0.0", { wasm }), "--port", started.path);
    expect(answer).toMatchObject({ exit: 4, value: { ports: [{ error: { code: "KAN-FLASH-UNHEALTHY" } }] } });
    await started.cut();
    await started.start();
    expect(await activeVersion(started.path)).toBe("1.0.0");
  });

  test("an image that traps as it starts is left by the board itself", async () => {
    const { path } = await blank();
    await kanmonFlash(signed("1.0.0"), "--port", path);
    const answer = await kanmonFlash(signed("2.0.0", { wasm: module(1) }), "--port", path);
    expect(answer).toMatchObject({ exit: 4, value: { ports: [{ error: { code: "KAN-FLASH-RETURN" } }] } });
    expect(answer.value.ports[0].error.message).toContain("came back with version 1.0.0");
    expect(await activeVersion(path)).toBe("1.0.0");
  });

  test("an image that wants more memory than the board has is not tried", async () => {
    const { path } = await blank();
    const answer = await kanmonFlash(signed("1.0.0", { wasm: module(64) }), "--port", path);
    expect(answer).toMatchObject({ exit: 1, value: { ports: [{ error: { code: "KAN-FLASH-SIZE" } }] } });
  });

  test("the monitor tells the device, its images and its records", async () => {
    const { path } = await blank();
    await kanmonFlash(signed("1.0.0"), "--port", path);
    const { events } = await runVerb(monitor, "--port", path, "--once");
    expect(events.map(({ event }) => event)).toEqual(["device", "info", "image", "line"]);
    expect(events[1]).toMatchObject({ state: "ready", engine: "wasm3", board: "native_sim", boot: "reset" });
    expect(events[2]).toMatchObject({ version: "1.0.0", active: true, confirmed: true });
  });
});
