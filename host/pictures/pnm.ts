// Netpbm grey and colour maps (P2, P3, P5, P6), after the netpbm project's pgm(5) and ppm(5): what many depth sensors and data sets write.
import { checkSize, greyOf, type Picture, pictureError } from "./picture.ts";

/** Decodes the first picture of the file; values above maxval and missing samples are errors. */
export function decodePnm(bytes: Buffer, name: string): Picture {
  const corrupt = (what: string) => pictureError("CORRUPT", name, what);
  const kind = bytes[1]! - 0x30;
  const channels = kind === 3 || kind === 6 ? 3 : 1;
  let at = 2;

  /** The next whole number, after white space and comments (`#` to the end of the line). */
  function number(what: string): number {
    for (;;) {
      if (isSpace(bytes[at])) at++;
      else if (bytes[at] === 0x23) while (at < bytes.length && bytes[at] !== 0x0a && bytes[at] !== 0x0d) at++;
      else break;
    }
    const start = at;
    let value = 0;
    for (; at < bytes.length && at - start < 10 && isDigit(bytes[at]); at++) value = value * 10 + bytes[at]! - 0x30;
    if (at === start) throw corrupt(at < bytes.length ? `the ${what} is not a number` : `ends before the ${what}`);
    return value;
  }

  const width = number("width");
  const height = number("height");
  const white = number("greatest value");
  if (white < 1 || white > 65535) throw corrupt(`the greatest value is ${white}, not 1 to 65535`);
  const wide = white > 255;
  checkSize(name, width, height, channels * (wide ? 2 : 1));
  const count = width * height * channels;
  const samples = wide ? new Uint16Array(count) : new Uint8Array(count);
  if (kind < 4) {
    for (let i = 0; i < count; i++) {
      const value = number("last sample");
      if (value > white) throw corrupt("a sample is above the greatest value");
      samples[i] = value;
    }
    return greyOf(samples, channels, width, height, white);
  }
  if (!isSpace(bytes[at])) throw corrupt("no space follows the greatest value");
  at++;
  const size = wide ? 2 : 1;
  if (bytes.length - at < count * size)
    throw corrupt(`ends after ${bytes.length - at} of ${count * size} bytes of samples`);
  for (let i = 0; i < count; i++, at += size) {
    const value = wide ? bytes.readUInt16BE(at) : bytes[at]!;
    if (value > white) throw corrupt("a sample is above the greatest value");
    samples[i] = value;
  }
  return greyOf(samples, channels, width, height, white);
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;
const isSpace = (byte: number | undefined): boolean =>
  byte === 0x20 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d);
