// Every format gives the same samples; every kind of bad file gives its own error, and the next good read works.
import { mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isReported } from "../errors.ts";
import { grey8 } from "./picture.ts";
import { decodePicture, readPicture } from "./read.ts";

const WIDTH = 21;
const HEIGHT = 17;
const grey = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => (i * 7) % 256);
const deep = Uint16Array.from({ length: WIDTH * HEIGHT }, (_, i) => (i * 1021) % 65536);
const raw = { raw: { width: WIDTH, height: HEIGHT, channels: 1 as const } };

/** A bitmap of `bits` per sample whose palette (below 24 bits) is `palette`; rows as in `rows`, top first. */
function bmp(bits: number, rows: Buffer[], height = HEIGHT, palette: number[] = []): Buffer {
  const stride = Math.ceil((WIDTH * bits) / 32) * 4;
  const header = Buffer.alloc(54 + palette.length * 4);
  header.write("BM");
  header.writeUInt32LE(header.length, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(WIDTH, 18);
  header.writeInt32LE(height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(bits, 28);
  header.writeUInt32LE(palette.length, 46);
  for (const [i, value] of palette.entries()) header.fill(value, 54 + i * 4, 57 + i * 4);
  const padded = rows.map((row) => Buffer.concat([row], stride));
  return Buffer.concat([header, ...(height > 0 ? padded.reverse() : padded)]);
}

/** An uncompressed little-endian TIFF of one strip, 16 bits a sample. */
function tiff16(samples: Uint16Array): Buffer {
  const tags: [number, number, number][] = [
    [256, 4, WIDTH],
    [257, 4, HEIGHT],
    [258, 3, 16],
    [259, 3, 1],
    [262, 3, 1],
    [273, 4, 8],
    [277, 3, 1],
    [278, 4, HEIGHT],
    [279, 4, samples.byteLength],
    [65000, 4, 1], // a camera's private tag
  ];
  const directory = Buffer.alloc(2 + tags.length * 12 + 4);
  directory.writeUInt16LE(tags.length, 0);
  for (const [i, [tag, type, value]] of tags.entries()) {
    directory.writeUInt16LE(tag, 2 + i * 12);
    directory.writeUInt16LE(type, 4 + i * 12);
    directory.writeUInt32LE(1, 6 + i * 12);
    directory.writeUInt32LE(value, 10 + i * 12);
  }
  const head = Buffer.from([0x49, 0x49, 42, 0, 0, 0, 0, 0]);
  head.writeUInt32LE(8 + samples.byteLength, 4);
  return Buffer.concat([head, Buffer.from(samples.buffer), directory]);
}

const rowsOf = (of: Uint8Array) =>
  Array.from({ length: HEIGHT }, (_, y) => Buffer.from(of.subarray(y * WIDTH, y * WIDTH + WIDTH)));
const bigEndian = (of: Uint16Array) => Buffer.from(new Uint16Array(of).buffer).swap16();
const header = (kind: string, white: number) =>
  Buffer.from(`${kind}\n# made by a test\n${WIDTH} ${HEIGHT}\n${white}\n`);
const text = (of: ArrayLike<number>) => Buffer.from(Array.from(of).join(" "));

describe("8-bit grey", async () => {
  const files: Record<string, Buffer> = {
    png: await sharp(grey, raw).toColourspace("b-w").png().toBuffer(),
    "png with alpha": await sharp(grey, raw).toColourspace("b-w").ensureAlpha(0.3).png().toBuffer(),
    "png as colour": await sharp(grey, raw).toColourspace("srgb").png().toBuffer(),
    tiff: await sharp(grey, raw).toColourspace("b-w").tiff({ compression: "lzw" }).toBuffer(),
    P5: Buffer.concat([header("P5", 255), grey]),
    P2: Buffer.concat([header("P2", 255), text(grey)]),
    P6: Buffer.concat([header("P6", 255), Buffer.from(Array.from(grey).flatMap((v) => [v, v, v]))]),
    P3: Buffer.concat([header("P3", 255), text(Array.from(grey).flatMap((v) => [v, v, v]))]),
    "bmp 8": bmp(
      8,
      rowsOf(grey),
      HEIGHT,
      Array.from({ length: 256 }, (_, i) => i),
    ),
    "bmp 8 top-down": bmp(
      8,
      rowsOf(grey),
      -HEIGHT,
      Array.from({ length: 256 }, (_, i) => i),
    ),
    "bmp 24": bmp(
      24,
      rowsOf(grey).map((row) => Buffer.from([...row].flatMap((v) => [v, v, v]))),
    ),
    "bmp 32": bmp(
      32,
      rowsOf(grey).map((row) => Buffer.from([...row].flatMap((v) => [v, v, v, 0]))),
    ),
  };
  test.each(Object.keys(files))("%s", async (name) => {
    const picture = await decodePicture(files[name]!, name);
    expect(picture).toMatchObject({ width: WIDTH, height: HEIGHT, bits: 8, white: 255 });
    expect([...picture.data]).toEqual([...grey]);
    expect(grey8(picture)).toBe(picture.data);
  });

  test("bmp of 1 and 4 bits", async () => {
    const bits = grey.map((v) => v & 1);
    const packed = rowsOf(bits).map((row) =>
      Buffer.from([0, 8, 16].map((o) => [...row.subarray(o, o + 8)].reduce((b, v, i) => b | (v << (7 - i)), 0))),
    );
    expect([...(await decodePicture(bmp(1, packed, HEIGHT, [9, 200]), "x")).data]).toEqual(
      [...bits].map((v) => (v ? 200 : 9)),
    );
    const nibbles = rowsOf(grey.map((v) => v & 15)).map((row) =>
      Buffer.from(Array.from({ length: 11 }, (_, i) => (row[i * 2]! << 4) | (row[i * 2 + 1] ?? 0))),
    );
    const palette = Array.from({ length: 16 }, (_, i) => i * 17);
    expect([...(await decodePicture(bmp(4, nibbles, HEIGHT, palette), "x")).data]).toEqual(
      [...grey].map((v) => (v & 15) * 17),
    );
  });

  test("JPEG: grey, and colour with an orientation that is not applied", async () => {
    const smooth = grey.map((_, i) => 60 + (i % WIDTH) * 4);
    const jpeg = await sharp(smooth, raw).toColourspace("b-w").jpeg({ quality: 100 }).toBuffer();
    const colour = await sharp(smooth, raw)
      .toColourspace("srgb")
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 100 })
      .toBuffer();
    for (const bytes of [jpeg, colour]) {
      const picture = await decodePicture(bytes, "x");
      expect(picture).toMatchObject({ width: WIDTH, height: HEIGHT, bits: 8 });
      expect(Math.max(...picture.data.map((v, i) => Math.abs(v - smooth[i]!)))).toBeLessThan(4);
    }
  });
});

describe("16-bit grey keeps its values", async () => {
  const files: Record<string, Buffer> = {
    png: await sharp(deep, raw).toColourspace("grey16").png().toBuffer(),
    tiff: tiff16(deep),
    P5: Buffer.concat([header("P5", 65535), bigEndian(deep)]),
    P2: Buffer.concat([header("P2", 65535), text(deep)]),
  };
  test.each(Object.keys(files))("%s", async (name) => {
    const picture = await decodePicture(files[name]!, name);
    expect(picture).toMatchObject({ width: WIDTH, height: HEIGHT, bits: 16, white: 65535 });
    expect([...picture.data]).toEqual([...deep]);
    expect([...grey8(picture)]).toEqual([...deep].map((v) => Math.round(v / 257)));
  });

  test("colour becomes luma, and a stated maximum is white", async () => {
    const red = await sharp({ create: { width: 16, height: 16, channels: 3, background: "#ff0000" } })
      .png()
      .toBuffer();
    expect((await decodePicture(red, "x")).data[0]).toBe(77);
    const twelve = Buffer.concat([header("P5", 4095), bigEndian(deep.map((v) => v & 4095))]);
    const picture = await decodePicture(twelve, "x");
    expect(picture).toMatchObject({ bits: 16, white: 4095 });
    expect([...grey8(picture)]).toEqual([...deep].map((v) => Math.floor(((v & 4095) * 255 + 2047) / 4095)));
  });
});

describe("bad files", () => {
  let folder = "";
  const at = (name: string) => join(folder, name);
  const code = (promise: Promise<unknown>) =>
    promise.then(
      () => "read",
      (error) => (isReported(error) ? error.code : String(error)),
    );
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "kanmon-pictures-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("what is no picture file", async () => {
    await mkdir(at("folder.png"));
    await writeFile(at("empty.png"), "");
    await writeFile(at("text.png"), "path,subject\n");
    await writeFile(at("picture.svg"), "<svg xmlns='http://www.w3.org/2000/svg' width='99' height='99'/>");
    await writeFile(at("huge.png"), "");
    await truncate(at("huge.png"), 257 * 2 ** 20);
    expect(await code(readPicture(at("none.png")))).toBe("KAN-PICTURE-MISSING");
    expect(await code(readPicture(at("text.png/none.png")))).toBe("KAN-PICTURE-MISSING");
    expect(await code(readPicture(at("folder.png")))).toBe("KAN-PICTURE-FILE");
    expect(await code(readPicture("/dev/null"))).toBe("KAN-PICTURE-FILE");
    expect(await code(readPicture(at("empty.png")))).toBe("KAN-PICTURE-EMPTY");
    expect(await code(readPicture(at("text.png")))).toBe("KAN-PICTURE-FORMAT");
    expect(await code(readPicture(at("picture.svg")))).toBe("KAN-PICTURE-FORMAT");
    expect(await code(readPicture(at("huge.png")))).toBe("KAN-PICTURE-SIZE");
    await writeFile(at("good.png"), await sharp(grey, raw).png().toBuffer());
    expect(await code(readPicture(at("good.png")))).toBe("read");
  });

  test("one pixel, and ten thousand by ten thousand, refused from the header alone", async () => {
    const dot = { create: { width: 1, height: 1, channels: 3 as const, background: "#888" } };
    expect(await code(decodePicture(await sharp(dot).png().toBuffer(), "x"))).toBe("KAN-PICTURE-SIZE");
    const wall = { create: { width: 10000, height: 10000, channels: 3 as const, background: "#888" } };
    expect(await code(decodePicture(await sharp(wall).png().toBuffer(), "x"))).toBe("KAN-PICTURE-SIZE");
    expect(await code(decodePicture(Buffer.from("P5 10000 10000 255\n"), "x"))).toBe("KAN-PICTURE-SIZE");
    expect(await code(decodePicture(Buffer.from("P5 9999999999 9999999999 255\n"), "x"))).toBe("KAN-PICTURE-SIZE");
    const big = bmp(8, []);
    big.writeInt32LE(100000, 18);
    big.writeInt32LE(-(2 ** 31), 22);
    expect(await code(decodePicture(big, "x"))).toBe("KAN-PICTURE-SIZE");
  });

  test("cut short anywhere, each format is an error", async () => {
    const noise = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => (i * 7919 * (i + 3)) >>> 3);
    const files = [
      await sharp(noise, raw).png().toBuffer(),
      await sharp(noise, raw).jpeg().toBuffer(),
      tiff16(deep),
      bmp(
        8,
        rowsOf(noise),
        HEIGHT,
        Array.from({ length: 256 }, (_, i) => i),
      ),
      Buffer.concat([header("P5", 255), noise]),
      Buffer.concat([header("P2", 65535), text(deep), Buffer.from("\n")]),
    ];
    for (const file of files) {
      for (const share of [0.05, 0.3, 0.6, 0.9]) {
        const cut = file.subarray(0, Math.floor(file.length * share));
        expect(await code(decodePicture(cut, "x"))).toMatch(/^KAN-PICTURE-(CORRUPT|FORMAT)$/);
      }
    }
  });

  test("damaged at random: decoded or a typed error, never anything else, and no samples in the message", async () => {
    const files = [
      await sharp(grey, raw).png().toBuffer(),
      await sharp(grey, raw).jpeg().toBuffer(),
      tiff16(deep),
      bmp(
        8,
        rowsOf(grey),
        HEIGHT,
        Array.from({ length: 256 }, (_, i) => i),
      ),
      Buffer.concat([header("P5", 255), grey]),
      Buffer.concat([header("P3", 255), text(Array.from(grey).flatMap((v) => [v, v, v]))]),
    ];
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), damage, async (file, changes) => {
        const bytes = Buffer.from(file);
        for (const [position, value] of changes) bytes[position % bytes.length] = value;
        expect(await code(decodePicture(bytes, "x"))).toMatch(/^read$|^KAN-PICTURE-/);
      }),
      { numRuns: 400 },
    );
  });

  test("compressed or unknown bitmaps and maximum values out of range", async () => {
    const rle = bmp(8, rowsOf(grey));
    rle.writeUInt32LE(1, 30);
    await expect(decodePicture(rle, "eye.bmp")).rejects.toMatchObject({
      code: "KAN-PICTURE-FORMAT",
      message: "eye.bmp: bitmap compression RLE8 is not read",
    });
    expect(await code(decodePicture(bmp(8, rowsOf(grey), HEIGHT, [0, 1, 2]), "x"))).toBe("KAN-PICTURE-CORRUPT");
    expect(await code(decodePicture(Buffer.concat([header("P5", 70000), grey]), "x"))).toBe("KAN-PICTURE-CORRUPT");
    expect(await code(decodePicture(Buffer.concat([header("P5", 100), grey]), "x"))).toBe("KAN-PICTURE-CORRUPT");
  });
});
