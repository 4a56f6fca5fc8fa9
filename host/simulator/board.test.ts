// The board with a small image made for it: every import, restarts, traps, power cuts, back-pressure.
import { createHash } from "node:crypto";
import asc from "assemblyscript/asc";
import { beforeAll, describe, expect, test } from "vitest";
import { type Board, type BootReason, createBoard } from "./board.ts";
import { FaultFlash } from "./fault-flash.ts";
import { MemoryFlash } from "./flash.ts";
import { temporaryKeys, verifyEd25519 } from "./keys.ts";

const GEOMETRY = { bytes: 16_384, sector: 4096, unit: 8 };

// Takes one command a line and answers it; what the board says goes out as it is.
const SOURCE = `
import * as board from "./assembly/board";
export { abort } from "./assembly/board";
const IN = memory.data(4096), OUT = memory.data(70000), SOME = memory.data(256);
let first = 0, last = 0, starts = 0;
export function start(bytes: u32, sector: u32, unit: u32): i32 { store<u32>(SOME, bytes + sector + unit); return 5; }
export function receive_buffer(): usize { return IN; }
function say(from: usize, length: i32): void { memory.copy(OUT + last, from, length); last += length; }
export function receive(length: i32): void {
  const verb = load<u8>(IN);
  if (verb == 0x65) say(IN, length);                                               // e: echo
  else if (verb == 0x74) unreachable();                                            // t: trap
  else if (verb == 0x72) board.reset();                                            // r: reset
  else if (verb == 0x67) say(SOME, 4);                                             // g: geometry
  else if (verb == 0x64) { board.image_digest(SOME + 32); say(SOME + 32, 32); }    // d: digest
  else if (verb == 0x73) { board.public_key(SOME + 32); say(SOME + 32, 32); board.sign(IN, length, SOME + 32); say(SOME + 32, 64);
    board.public_key(SOME + 96); store<u8>(SOME, board.verify(SOME + 96, IN, length, SOME + 32)); say(SOME, 1); }
  else if (verb == 0x6b) { board.derive_key(IN, length, SOME + 32); say(SOME + 32, 32); }
  else if (verb == 0x63) { store<u32>(SOME + 32, board.counter(load<u32>(IN, 1))); say(SOME + 32, 4); }
  else if (verb == 0x6d) { store<u64>(SOME + 32, board.micros()); say(SOME + 32, 8); }
  else if (verb == 0x78) { board.random(SOME + 32, 32); say(SOME + 32, 32); }
  else if (verb == 0x77) { store<i8>(SOME + 32, board.flash_write(8, IN, 8) as i8); say(SOME + 32, 1); }
  else if (verb == 0x62) { store<u8>(OUT + last, 0x62); for (let i = 0; i < 60000; i++) store<u8>(OUT + last + i, i as u8); last += 60000; }
}
export function poll(): i32 {
  while (first < last) { const taken = board.transmit(OUT + first, last - first); if (taken <= 0) return 1; first += taken; }
  first = last = 0;
  return 0;
}`;

let image: Uint8Array;
beforeAll(async () => {
  const options = "--config none --runtime stub --use abort=assembly/board/abort --outFile board.wasm".split(" ");
  const { error, stderr } = await asc.main(["fixture.ts", ...options], {
    readFile: async (name: string, base: string) =>
      name === "fixture.ts"
        ? SOURCE
        : import("node:fs").then((fs) =>
            fs.existsSync(`${base}/${name}`) ? fs.readFileSync(`${base}/${name}`, "utf8") : null,
          ),
    writeFile: (name: string, data: Uint8Array | string) =>
      void (name.endsWith(".wasm") && (image = data as Uint8Array)),
  });
  if (error) throw new Error(stderr.toString());
}, 60_000);

/** Sends a command and resolves to the next `length` bytes. */
function ask(board: Board, command: string | Uint8Array, length: number): Promise<Buffer> {
  board.link.write(command);
  return read(board, length);
}
function read(board: Board, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let got = 0;
    const take = (part: Buffer): void => {
      parts.push(part);
      got += part.length;
      if (got < length) return;
      board.link.off("data", take);
      resolve(Buffer.concat(parts));
    };
    board.link.on("data", take);
    board.link.once("error", reject);
  });
}
const boots = (board: Board): [BootReason, number][] => {
  const seen: [BootReason, number][] = [];
  board.on("boot", (reason, status) => seen.push([reason, status]));
  return seen;
};
const make = (flash = new MemoryFlash(GEOMETRY)): Board => createBoard({ image, flash, keys: temporaryKeys() });

describe("the imports", () => {
  test("geometry, digest, keys, counter, clock, randomness", async () => {
    const keys = temporaryKeys();
    const board = createBoard({ image, flash: new MemoryFlash(GEOMETRY), keys });
    expect((await ask(board, "g", 4)).readUInt32LE()).toBe(16_384 + 4096 + 8);
    expect(await ask(board, "d", 32)).toEqual(createHash("sha256").update(image).digest());
    const signed = await ask(board, "sign this", 97);
    expect(signed.subarray(0, 32)).toEqual(Buffer.from(keys.publicKey));
    expect(verifyEd25519(keys.publicKey, Buffer.from("sign this"), signed.subarray(32, 96))).toBe(true);
    expect(signed[96]).toBe(1);
    expect(await ask(board, "key context", 32)).toEqual(Buffer.from(keys.derive(Buffer.from("key context"))));
    expect((await ask(board, Uint8Array.of(0x63, 9, 0, 0, 0x80), 4)).readUInt32LE()).toBe(0x80000009);
    expect((await ask(board, Uint8Array.of(0x63, 1, 0, 0, 0), 4)).readUInt32LE()).toBe(0x80000009);
    const [early, late] = [await ask(board, "m", 8), await ask(board, "m", 8)].map((b) => b.readBigUInt64LE()) as [
      bigint,
      bigint,
    ];
    expect(late).toBeGreaterThanOrEqual(early);
    expect(early).toBeLessThan(60_000_000n);
    expect(await ask(board, "x", 32)).not.toEqual(await ask(board, "x", 32));
    board.close();
  });

  test("what the flash refuses is a negative status", async () => {
    const board = make();
    expect((await ask(board, "w1234567", 1)).readInt8()).toBe(0);
    expect((await ask(board, "w1234567", 1)).readInt8()).toBe(-1);
    board.close();
  });
});

describe("restarts", () => {
  test("reset, trap and power: the image starts anew on the same line", async () => {
    const board = make();
    const seen = boots(board);
    expect(`${await ask(board, "echo", 4)}`).toBe("echo");
    board.link.write("r");
    expect(`${await ask(board, "echo", 4)}`).toBe("echo");
    board.link.write("t");
    await new Promise((resolve) => board.once("boot", resolve));
    expect(`${await ask(board, "echo", 4)}`).toBe("echo");
    board.reboot();
    expect(`${await ask(board, "echo", 4)}`).toBe("echo");
    expect(seen).toEqual([
      ["reset", 5],
      ["trap", 5],
      ["power", 5],
    ]);
    board.close();
  });

  test("without power the line is silent, and nothing is kept", async () => {
    const board = make();
    await ask(board, "echo of a secret", 16);
    const memory = board.memory as Uint8Array;
    expect(Buffer.from(memory.buffer).includes("of a secret")).toBe(true);
    board.powerCut();
    expect(board.powered).toBe(false);
    expect(board.memory).toBeUndefined();
    expect(Buffer.from(memory.buffer).includes("of a secret")).toBe(false);
    await new Promise<void>((resolve) => board.link.write("echo", () => resolve()));
    board.reboot();
    expect(`${await ask(board, "e2", 2)}`).toBe("e2");
    board.close();
  });

  test("a cut within a flash operation takes the board down", async () => {
    const flash = new FaultFlash(GEOMETRY);
    const board = make(flash);
    flash.cut(0, "half");
    const off = new Promise<void>((resolve) => board.once("off", resolve));
    board.link.write("w1234567");
    await off;
    expect(board.powered).toBe(false);
    flash.restore();
    board.reboot();
    expect(`${await ask(board, "echo", 4)}`).toBe("echo");
    board.close();
  });

  test("an image that traps for ever is given up, with an error on the line", async () => {
    const board = createBoard({ image: await alwaysTraps(), flash: new MemoryFlash(GEOMETRY), keys: temporaryKeys() });
    const error = await new Promise<Error>((resolve) => board.link.once("error", resolve));
    expect((error as Error & { code: string }).code).toBe("KAN-BOARD-TRAP");
    board.close();
  });

  test("what is no image is refused", () => {
    const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    for (const bytes of [new Uint8Array(0), new Uint8Array(100), image.subarray(0, 200), empty])
      expect(() => createBoard({ image: bytes, flash: new MemoryFlash(GEOMETRY), keys: temporaryKeys() })).toThrow(
        "not an image",
      );
  });
});

async function alwaysTraps(): Promise<Uint8Array> {
  let made: Uint8Array | undefined;
  await asc.main(["fixture.ts", "--config", "none", "--runtime", "stub", "--outFile", "trap.wasm"], {
    readFile: (name: string) =>
      name === "fixture.ts"
        ? `export function start(a: u32, b: u32, c: u32): i32 { unreachable(); return 0; }
           export function receive_buffer(): usize { return 0; }
           export function receive(n: i32): void {}
           export function poll(): i32 { return 0; }`
        : null,
    writeFile: (name: string, data: Uint8Array | string) =>
      void (name.endsWith(".wasm") && (made = data as Uint8Array)),
  });
  return made as Uint8Array;
}

describe("the line", () => {
  test("100 KB there and back in writes of any size", async () => {
    const board = make();
    const sent: Buffer[] = [];
    const answer = read(board, 100_000);
    for (let at = 0, n = 1; at < 100_000; at += n, n = Math.min(100_000 - at, (n * 7) % 5001 || 1)) {
      const part = Buffer.alloc(n, at);
      // The image's verb is the first byte of each piece it gets, 4,096 at most.
      for (let i = 0; i < n; i += 4096) part[i] = 0x65;
      sent.push(part);
      await new Promise<void>((resolve) => board.link.write(part, () => resolve()));
    }
    expect((await answer).equals(Buffer.concat(sent))).toBe(true);
    board.close();
  });

  test("a host that does not read holds the board up, and loses nothing", async () => {
    const board = make();
    for (let i = 0; i < 5; i++) board.link.write("b");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(board.link.readableLength).toBeLessThan(200_000);
    expect((await read(board, 300_000)).length).toBe(300_000);
    board.close();
  });

  test("closing ends the line", async () => {
    const board = make();
    const closed = new Promise<void>((resolve) => board.link.once("close", resolve));
    board.close();
    await closed;
    expect(board.powered).toBe(false);
  });
});
