// Windows bitmaps (BITMAPCOREHEADER, BITMAPINFOHEADER and its V4/V5), uncompressed: palettes of 1, 4 and 8 bits, and 24 and 32 bits.
// What frame grabbers write, and several iris sets. Compressed ones are refused by name.
import { checkSize, greyOf, type Picture, pictureError } from "./picture.ts";

const COMPRESSIONS = ["none", "RLE8", "RLE4", "bit fields", "JPEG", "PNG"];

/** Decodes the bitmap, rows bottom-up or top-down as the file says. */
export function decodeBmp(bytes: Buffer, name: string): Picture {
  const corrupt = (what: string) => pictureError("CORRUPT", name, what);
  if (bytes.length < 26) throw corrupt("ends within its header");
  const headerBytes = bytes.readUInt32LE(14);
  const core = headerBytes === 12;
  if (!core && (headerBytes < 40 || headerBytes > 124)) {
    throw pictureError("FORMAT", name, `a bitmap header of ${headerBytes} bytes is not read`);
  }
  if (bytes.length < 14 + headerBytes) throw corrupt("ends within its header");
  const width = core ? bytes.readUInt16LE(18) : bytes.readInt32LE(18);
  const signedHeight = core ? bytes.readUInt16LE(20) : bytes.readInt32LE(22);
  const bits = bytes.readUInt16LE(core ? 24 : 28);
  const compression = core ? 0 : bytes.readUInt32LE(30);
  if (compression !== 0) {
    throw pictureError("FORMAT", name, `bitmap compression ${COMPRESSIONS[compression] ?? compression} is not read`);
  }
  if (![1, 4, 8, 24, 32].includes(bits)) throw pictureError("FORMAT", name, `bitmaps of ${bits} bits are not read`);
  const height = Math.abs(signedHeight);
  checkSize(name, width, height, Math.max(1, bits / 8));

  const pixels = bytes.readUInt32LE(10);
  const stride = Math.ceil((width * bits) / 32) * 4;
  if (pixels < 14 + headerBytes) throw corrupt("its samples would begin within its header");
  if (bytes.length < pixels + stride * height) {
    throw corrupt(`ends after ${Math.max(0, bytes.length - pixels)} of ${stride * height} bytes of samples`);
  }
  const rowStart = (y: number): number => pixels + (signedHeight < 0 ? y : height - 1 - y) * stride;
  const samples = new Uint8Array(width * height * 3);
  let to = 0;

  if (bits > 8) {
    const step = bits / 8;
    for (let y = 0; y < height; y++) {
      for (let x = 0, from = rowStart(y); x < width; x++, from += step, to += 3) {
        samples[to] = bytes[from + 2]!;
        samples[to + 1] = bytes[from + 1]!;
        samples[to + 2] = bytes[from]!;
      }
    }
    return greyOf(samples, 3, width, height, 255);
  }
  const entryBytes = core ? 3 : 4;
  const stated = core ? 0 : bytes.readUInt32LE(46);
  const colours = Math.min(stated || 1 << bits, 1 << bits, Math.floor((pixels - 14 - headerBytes) / entryBytes));
  const perByte = 8 / bits;
  for (let y = 0; y < height; y++) {
    const row = rowStart(y);
    for (let x = 0; x < width; x++, to += 3) {
      const byte = bytes[row + Math.floor(x / perByte)]!;
      const index = (byte >> (8 - bits * ((x % perByte) + 1))) & ((1 << bits) - 1);
      if (index >= colours) throw corrupt("a sample names a colour that the palette does not have");
      const entry = 14 + headerBytes + index * entryBytes;
      samples[to] = bytes[entry + 2]!;
      samples[to + 1] = bytes[entry + 1]!;
      samples[to + 2] = bytes[entry]!;
    }
  }
  return greyOf(samples, 3, width, height, 255);
}
