// Coded rows, there and back: what the host's coder makes of any picture, the host and the device's own code (compiled from
// assembly/vision/rows.ts as it stands) give back bit for bit; and no input, cut or spoilt, makes the device's code leave its buffers.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import asc from "assemblyscript/asc";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { codedBytesMost, decodeRows, encodeRows, splitRows } from "./rows.ts";

interface Device {
  memory: WebAssembly.Memory;
  rowsBytes(width: number): number;
  rowsBegin(state: number, width: number, height: number): void;
  rowsTake(state: number, data: number, length: number): number;
  rowsReady(state: number): number;
  rowsPicture(state: number): number;
  rowsRow(state: number): number;
}

/** Where the input lies; the state ends where memory ends, so that a step beyond it is a trap. */
const DATA = 0x10000;
const FENCE = 64;

let device: Device;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "kanmon-rows-"));
  const file = join(folder, "rows.wasm");
  const baseDir = join(import.meta.dirname, "../../assembly/vision");
  const options = ["--runtime", "stub", "-O3", "--disable", "simd,reference-types", "--initialMemory", "8"];
  const { error } = await asc.main(["rows.ts", "--baseDir", baseDir, "--outFile", file, ...options]);
  if (error) throw error;
  const { instance } = await WebAssembly.instantiate(await readFile(file), {});
  device = instance.exports as unknown as Device;
  await rm(folder, { recursive: true });
});

/** Feeds the device's decoder in parts of the sizes given, over and over; undefined: it refused. */
function onDevice(coded: Uint8Array, width: number, height: number, parts: readonly number[]): Uint8Array | undefined {
  const bytes = new Uint8Array(device.memory.buffer);
  const state = bytes.length - device.rowsBytes(width);
  bytes.fill(0xa5, state - FENCE);
  device.rowsBegin(state, width, height);
  const rows: Uint8Array[] = [];
  let refused = false;
  for (let at = 0, n = 0; at < coded.length && !refused; n++) {
    const part = coded.subarray(at, at + parts[n % parts.length]!);
    bytes.set(part, DATA);
    const taken = device.rowsTake(state, DATA, part.length);
    refused = taken < 0;
    if (refused) expect(device.rowsTake(state, DATA, part.length)).toBe(-1);
    else at += taken;
    const ready = device.rowsReady(state);
    expect(ready !== 0 && refused).toBe(false);
    if (ready !== 0) rows.push(bytes.slice(ready, ready + width));
  }
  expect(bytes.subarray(state - FENCE, state).every((v) => v === 0xa5)).toBe(true);
  if (refused) return undefined;
  expect(device.rowsPicture(state) * height + device.rowsRow(state)).toBe(rows.length);
  return Uint8Array.from(rows.flatMap((row) => [...row]));
}

const sizes = fc.record({ width: fc.integer({ min: 1, max: 90 }), height: fc.integer({ min: 1, max: 6 }) });
const parts = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 5 });
/** Pictures of all kinds: flat, fringes with noise, noise alone, steps. */
const pictures = sizes.chain(({ width, height }) =>
  fc
    .record({
      base: fc.integer({ min: 0, max: 255 }),
      swing: fc.integer({ min: 0, max: 200 }),
      period: fc.integer({ min: 2, max: 90 }),
      noise: fc.array(fc.integer({ min: 0, max: 255 }), { minLength: width * height, maxLength: width * height }),
      share: fc.constantFrom(0, 4, 16, 256),
    })
    .map(({ base, swing, period, noise, share }) => {
      const pixels = noise.map(
        (n, i) =>
          base + swing * Math.sin((2 * Math.PI * (i % width)) / period) + ((i % width < 32 ? share : 4) * n) / 256,
      );
      return { width, height, pixels: Uint8ClampedArray.from(pixels) };
    }),
);

describe("any picture", () => {
  test("comes back from the host's and from the device's decoder, in parts of any size", () => {
    fc.assert(
      fc.property(pictures, parts, ({ width, height, pixels }, cuts) => {
        const picture = Uint8Array.from(pixels);
        const coded = encodeRows(picture, width, height);
        expect(coded.length).toBeLessThanOrEqual(codedBytesMost(width, height));
        const twice = Uint8Array.from([...coded, ...coded]);
        const both = Uint8Array.from([...picture, ...picture]);
        expect(decodeRows(twice, width, height, 2)).toEqual(both);
        expect(onDevice(twice, width, height, cuts)).toEqual(both);
      }),
      { numRuns: 300 },
    );
  });

  test("of the widest rows and the wildest values", () => {
    const width = 4096;
    const pixels = Uint8Array.from({ length: 3 * width }, (_, i) => (i % 3 === 0 ? 255 : (i * 2654435761) >>> 24));
    const coded = encodeRows(pixels, width, 3);
    expect(decodeRows(coded, width, 3)).toEqual(pixels);
    expect(onDevice(coded, width, 3, [3968])).toEqual(pixels);
  });
});

describe("what is no coded picture", () => {
  const width = 40;
  const picture = Uint8Array.from({ length: 8 * width }, (_, i) => 100 + ((i * 7919) % 9) + 3 * (i % 11));
  const coded = encodeRows(picture, width, 8);

  test("is refused by both decoders alike, whatever bytes are spoilt, and nothing is written beyond the buffers", () => {
    const spoilt = fc.array(fc.tuple(fc.nat(coded.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    let refused = 0;
    fc.assert(
      fc.property(spoilt, parts, (changes, cuts) => {
        const bad = coded.slice();
        for (const [at, value] of changes) bad[at] = value;
        const pixels = onDevice(bad, width, 8, cuts);
        if (pixels?.length === picture.length) expect(decodeRows(bad, width, 8)).toEqual(pixels);
        else expect(() => decodeRows(bad, width, 8)).toThrow("coded frame is broken");
        if (!pixels) refused++;
      }),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(50);
  });

  test("is refused when it is noise", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 600 }), parts, (noise, cuts) => {
        onDevice(noise, width, 8, cuts);
        expect(() => decodeRows(noise, width, 8)).toThrow();
      }),
      { numRuns: 500 },
    );
  });

  test("is refused before the decoder has gone on for long in what is not there", () => {
    const zeros = Uint8Array.of(2, 0, 1, 0);
    expect(onDevice(zeros, 4096, 1, [4])).toBeUndefined();
    expect(() => decodeRows(zeros, 4096, 1)).toThrow("middle of a block");
  });

  test.each([
    ["cut off", coded.subarray(0, coded.length - 1), "row 7"],
    ["too long", Uint8Array.of(...coded, 0), "follow the last row"],
    ["of an unknown kind", Uint8Array.of(2, 0, 3, 0), "kind is 3"],
    ["of more bytes than pixels", Uint8Array.of(width + 2, 0, 0), "row 0"],
    ["of no bytes", Uint8Array.of(0, 0, 0), "row 0"],
    ["raw and short", Uint8Array.of(3, 0, 0, 1, 2), "raw pixels are missing"],
  ])("is named: %s", (_name, bytes, message) => {
    const rows = message.startsWith("raw") ? 1 : 8;
    expect(() => decodeRows(bytes, width, rows)).toThrow(message);
    if (rows === 8 && !message.startsWith("raw")) expect(() => splitRows(bytes, width, 8)).toThrow(message);
  });
});
