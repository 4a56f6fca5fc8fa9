import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ERASE_TEARS, FaultFlash, PowerCut, WRITE_TEARS } from "./fault-flash.ts";
import { FileFlash } from "./file-flash.ts";
import { FlashRuleError, MemoryFlash } from "./flash.ts";
import { verifyEd25519 } from "./keys.ts";
import { openState } from "./state.ts";

const GEOMETRY = { bytes: 16_384, sector: 4096, unit: 8 };
const bytes = (length: number, fill = 0x5a): Uint8Array => new Uint8Array(length).fill(fill);
const code = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return "none";
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "kanmon-flash-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the rules of flash", () => {
  test("a unit is programmed once between erases, even with 0xFF", () => {
    const flash = new MemoryFlash(GEOMETRY);
    flash.write(8, bytes(16, 0xff));
    expect(() => flash.write(16, bytes(8))).toThrow(FlashRuleError);
    flash.erase(0, 4096);
    flash.write(16, bytes(8));
    expect(flash.bytes.subarray(0, 32)).toEqual(Uint8Array.from([...bytes(16, 0xff), ...bytes(8), ...bytes(8, 0xff)]));
  });

  test("whole units, whole sectors, inside the partition", () => {
    const flash = new MemoryFlash(GEOMETRY);
    for (const act of [
      () => flash.write(4, bytes(8)),
      () => flash.write(8, bytes(4)),
      () => flash.write(16_384, bytes(8)),
      () => flash.erase(2048, 4096),
      () => flash.erase(0, 100),
      () => flash.erase(12_288, 8192),
      () => flash.read(16_380, bytes(8)),
      () => flash.read(-1, bytes(1)),
    ])
      expect(act).toThrow(FlashRuleError);
  });

  test("a geometry that no part has is refused", () => {
    for (const wrong of [{ sector: 1000 }, { unit: 3 }, { unit: 64 }, { bytes: 5000 }, { bytes: 0 }])
      expect(code(() => new MemoryFlash({ ...GEOMETRY, ...wrong }))).toBe("KAN-FLASH-GEOMETRY");
  });
});

describe("cuts", () => {
  test("every tear of a write leaves only bits that the write would have programmed", () => {
    const data = Uint8Array.from({ length: 64 }, (_, i) => i);
    for (const tear of WRITE_TEARS) {
      const flash = new FaultFlash(GEOMETRY);
      flash.cut(0, tear);
      expect(() => flash.write(64, data)).toThrow(PowerCut);
      expect(() => flash.read(0, bytes(1))).toThrow(PowerCut);
      flash.restore();
      const left = flash.bytes.subarray(64, 128);
      expect(
        left.every((b, i) => (b & (data[i] as number)) === data[i]),
        tear,
      ).toBe(true);
      expect(flash.bytes.filter((b) => b !== 0xff).length - left.filter((b) => b !== 0xff).length).toBe(0);
      if (tear === "nothing") flash.write(64, data);
      else expect(() => flash.write(64, data), tear).toThrow(FlashRuleError);
      if (tear === "unreadable") expect(() => flash.read(64, bytes(64))).toThrow("ECC");
    }
  });

  test("a torn erase only ever sets bits, and what it touched must be erased again", () => {
    for (const tear of ERASE_TEARS) {
      const flash = new FaultFlash(GEOMETRY);
      flash.write(0, bytes(8192, 0x0f));
      flash.cut(0, tear);
      expect(() => flash.erase(0, 8192)).toThrow(PowerCut);
      flash.restore();
      expect(
        flash.bytes.subarray(0, 8192).every((b) => (b & 0x0f) === 0x0f),
        tear,
      ).toBe(true);
      if (tear === "nothing" || tear === "bits") expect(() => flash.write(0, bytes(8))).toThrow(FlashRuleError);
      flash.erase(0, 8192);
      flash.write(0, bytes(8));
    }
  });
});

describe("the state folder", () => {
  test("flash, keys and counter survive; secrets are readable by their owner alone", () => {
    const first = openState(folder, { geometry: GEOMETRY });
    first.flash.write(8, bytes(8));
    expect(first.keys.counter(7)).toBe(7);
    const signature = first.keys.sign(bytes(100));
    const secret = first.keys.derive(bytes(4));
    first.close();
    if (process.platform !== "win32") expect(statSync(join(folder, "keys.json")).mode & 0o077).toBe(0);
    const again = openState(folder);
    expect(again.flash.geometry).toEqual(GEOMETRY);
    const read = bytes(8);
    again.flash.read(8, read);
    expect(read).toEqual(bytes(8));
    expect(() => again.flash.write(8, bytes(8))).toThrow(FlashRuleError);
    expect(again.keys.counter(3)).toBe(7);
    expect(again.keys.derive(bytes(4))).toEqual(secret);
    expect(again.keys.derive(bytes(5))).not.toEqual(secret);
    expect(verifyEd25519(again.keys.publicKey, bytes(100), signature)).toBe(true);
    expect(verifyEd25519(again.keys.publicKey, bytes(101), signature)).toBe(false);
    again.close();
  });

  test("one at a time, in this process", () => {
    const first = openState(folder, { geometry: GEOMETRY });
    expect(code(() => openState(folder))).toBe("KAN-STATE-LOCKED");
    first.close();
    openState(folder).close();
    expect(existsSync(join(folder, "lock"))).toBe(false);
  });

  test("a lock whose owner is alive holds; one whose owner died does not", () => {
    openState(folder, { geometry: GEOMETRY }).close();
    const lock = join(folder, "lock");
    const host = openOwner();
    // The test's own parent runs; a process that has ended does not.
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    writeFileSync(lock, `${pid} 1 ${host}\n`);
    openState(folder).close();
    // A number used again by another process: it started at another time.
    if (existsSync("/proc/self/stat")) {
      writeFileSync(lock, `${process.ppid} 1 ${host}\n`);
      openState(folder).close();
    }
    writeFileSync(lock, `${process.ppid} ${startOf(process.ppid)} ${host}\n`);
    expect(code(() => openState(folder))).toBe("KAN-STATE-LOCKED");
    writeFileSync(lock, "1 1 another-machine\n");
    expect(code(() => openState(folder))).toBe("KAN-STATE-LOCKED");
    writeFileSync(lock, "");
    openState(folder).close();
  });

  /** The host's name as a lock of this process has it. */
  function openOwner(): string {
    const state = openState(folder);
    const owner = readFileSync(join(folder, "lock"), "utf8").trim().split(" ");
    expect(owner.slice(0, 2)).toEqual([`${process.pid}`, startOf(process.pid)]);
    state.close();
    return owner[2] as string;
  }

  function startOf(pid: number): string {
    if (!existsSync("/proc/self/stat")) return "0";
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").pop()?.split(" ")[19] ?? "0";
  }

  test("damage is told, with what to do, and changes nothing", () => {
    openState(folder, { geometry: GEOMETRY }).close();
    const path = (name: string): string => join(folder, name);
    const damages: [string, string, (name: string) => void][] = [
      ["flash.bin", "KAN-STATE-FLASH", (name) => truncateSync(name, 5000)],
      ["flash.bin", "KAN-STATE-FLASH", (name) => writeFileSync(name, bytes(20_000))],
      ["flash.bin", "KAN-STATE-FLASH", (name) => rmSync(name)],
      ["keys.json", "KAN-STATE-KEYS", (name) => truncateSync(name, 40)],
      ["keys.json", "KAN-STATE-KEYS", (name) => rmSync(name)],
      ["counter", "KAN-STATE-KEYS", (name) => writeFileSync(name, "")],
      ["counter", "KAN-STATE-KEYS", (name) => writeFileSync(name, "99999999999\n")],
      ["device.json", "KAN-STATE-DEVICE", (name) => writeFileSync(name, "{")],
      ["device.json", "KAN-STATE-DEVICE", (name) => writeFileSync(name, '{"format":2}')],
    ];
    for (const [name, expected, damage] of damages) {
      const good = readFileSync(path(name));
      damage(path(name));
      expect(
        code(() => openState(folder)),
        name,
      ).toBe(expected);
      writeFileSync(path(name), good);
      openState(folder).close();
    }
  });

  test("secrets are not in the message about them", () => {
    openState(folder, { geometry: GEOMETRY }).close();
    const file = join(folder, "keys.json");
    const { root } = JSON.parse(readFileSync(file, "utf8")) as { root: string };
    writeFileSync(file, `{"format":1,"root":"${root}"`);
    try {
      openState(folder);
      expect.unreachable();
    } catch (error) {
      expect(`${error} ${(error as Error).stack} ${(error as Error).cause}`).not.toContain(root.slice(0, 10));
    }
  });

  test("a folder that was never finished is finished", () => {
    openState(folder, { geometry: GEOMETRY }).close();
    const keys = readFileSync(join(folder, "keys.json"), "utf8");
    rmSync(join(folder, "device.json"));
    rmSync(join(folder, "flash.bin"));
    openState(folder, { geometry: GEOMETRY }).close();
    expect(readFileSync(join(folder, "keys.json"), "utf8")).toBe(keys);
  });

  test("a folder that cannot be one", () => {
    writeFileSync(join(folder, "file"), "");
    expect(code(() => openState(join(folder, "file")))).toBe("KAN-STATE-FOLDER");
  });
});

test("an unsynchronised file holds the same", () => {
  const path = join(folder, "flash.bin");
  FileFlash.create(path, GEOMETRY);
  const flash = FileFlash.open(path, GEOMETRY, false);
  flash.write(0, bytes(8));
  flash.erase(4096, 4096);
  flash.close();
  expect(new Uint8Array(readFileSync(path))).toEqual(flash.bytes);
});
