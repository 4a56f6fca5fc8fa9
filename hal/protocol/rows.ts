// Coded rows: how a module sends pictures in fewer bytes without losing a bit, and how whoever needs the pixels gets them back. The format
// is docs/sensor-protocol.md's, "Coded rows"; the device decodes it with assembly/vision/rows.ts. Its noise is most of what a picture of
// fringes holds, so the predictors are those that add least to it: the median one of JPEG-LS, and the mean of the two pixels above,
// which upright fringes leave alike.
import { SensorError } from "../errors.ts";

/** Kinds of rows. */
const RAW = 0;
const MEDIAN = 1;
const ABOVE = 2;

const BLOCK = 32;
const PLAIN = 7;
const LIMIT = 16;
/** A row's count and kind. */
const HEAD = 3;

/** The most bytes of a coded picture: every row raw. */
export function codedBytesMost(width: number, height: number): number {
  return height * (HEAD + width);
}

/** A row's errors as numbers from 0: 0, -1, 1, -2, 2 … are 0, 1, 2, 3, 4 … */
function fold(error: number): number {
  const signed = (error << 24) >> 24;
  return signed < 0 ? -2 * signed - 1 : 2 * signed;
}

function unfold(value: number): number {
  return (value >>> 1) ^ -(value & 1);
}

/** The median predictor; `left` and `corner` of a row's first pixel are the one above it. */
function median(left: number, up: number, corner: number): number {
  return Math.max(Math.min(left, up), Math.min(Math.max(left, up), left + up - corner));
}

/** Writes bits, the first into a byte's lowest. */
class BitWriter {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, from: number) {
    this.#bytes = bytes;
    this.#at = 8 * from;
  }

  put(value: number, bits: number): void {
    for (let left = bits, v = value; left > 0; ) {
      const free = 8 - (this.#at & 7);
      const part = Math.min(free, left);
      const byte = this.#at >> 3;
      this.#bytes[byte] = (this.#bytes[byte] ?? 0) | ((v & ((1 << part) - 1)) << (this.#at & 7));
      this.#at += part;
      left -= part;
      v >>>= part;
    }
  }

  /** Bytes written or begun, from the start of the buffer. */
  get end(): number {
    return (this.#at + 7) >> 3;
  }
}

/** Bits of a value in the code of parameter k. */
function codeBits(value: number, k: number): number {
  const quotient = value >> k;
  return quotient < LIMIT ? quotient + 1 + k : LIMIT + 8;
}

/** The parameter that makes a block shortest, or nearly so, and its bits: what fits the mean, one less or one more. */
function bestParameter(values: Uint8Array, from: number, to: number): readonly [k: number, bits: number] {
  let sum = 0;
  for (let i = from; i < to; i++) sum += values[i]!;
  const fitting = Math.max(0, 31 - Math.clz32(sum / (to - from)));
  let best: [number, number] = [PLAIN, 8 * (to - from)];
  for (let k = Math.max(0, fitting - 1); k <= Math.min(PLAIN - 1, fitting + 1); k++) {
    let bits = 0;
    for (let i = from; i < to; i++) bits += codeBits(values[i]!, k);
    if (bits < best[1]) best = [k, bits];
  }
  return best;
}

/** Bytes of a row's coded errors. */
function rowBytes(values: Uint8Array): number {
  let bits = 0;
  for (let from = 0; from < values.length; from += BLOCK)
    bits += 3 + bestParameter(values, from, Math.min(values.length, from + BLOCK))[1];
  return (bits + 7) >> 3;
}

function putErrors(out: BitWriter, values: Uint8Array): void {
  for (let from = 0; from < values.length; from += BLOCK) {
    const to = Math.min(values.length, from + BLOCK);
    const [k] = bestParameter(values, from, to);
    out.put(k, 3);
    for (let i = from; i < to; i++) {
      const value = values[i]!;
      const quotient = value >> k;
      if (k === PLAIN) out.put(value, 8);
      else if (quotient < LIMIT) {
        out.put(1 << quotient, quotient + 1);
        out.put(value & ((1 << k) - 1), k);
      } else out.put(value << LIMIT, LIMIT + 8);
    }
  }
}

/** Codes one 8-bit picture, row-major; each row by the kind that makes it shortest. Pixels are not changed. */
export function encodeRows(pixels: Uint8Array, width: number, height: number): Uint8Array {
  const out = new Uint8Array(codedBytesMost(width, height));
  const errors = [new Uint8Array(width), new Uint8Array(width)] as const;
  const none = new Uint8Array(width);
  let at = 0;
  for (let y = 0; y < height; y++) {
    const row = pixels.subarray(y * width, (y + 1) * width);
    const above = y > 0 ? pixels.subarray((y - 1) * width, y * width) : none;
    const second = y > 1 ? pixels.subarray((y - 2) * width, (y - 1) * width) : none;
    for (let x = 0; x < width; x++) {
      const up = above[x]!;
      const left = x > 0 ? row[x - 1]! : up;
      const corner = x > 0 ? above[x - 1]! : up;
      errors[0][x] = fold(row[x]! - median(left, up, corner));
      errors[1][x] = fold(row[x]! - ((up + second[x]! + 1) >> 1));
    }
    const sizes = errors.map(rowBytes) as [number, number];
    const kind = Math.min(...sizes) >= width ? RAW : sizes[1] <= sizes[0] ? ABOVE : MEDIAN;
    const bytes = 1 + (kind === RAW ? width : sizes[kind - 1]!);
    out[at] = bytes & 255;
    out[at + 1] = bytes >> 8;
    out[at + 2] = kind;
    if (kind === RAW) out.set(row, at + HEAD);
    else putErrors(new BitWriter(out, at + HEAD), errors[(kind - 1) as 0 | 1]);
    at += 2 + bytes;
  }
  for (const e of errors) e.fill(0);
  const coded = out.slice(0, at);
  out.fill(0);
  return coded;
}

function refuse(row: number, what: string): never {
  throw new SensorError("KAN-SENSOR-FRAME", `row ${row} of a coded frame is broken: ${what}`);
}

/**
 * Where each row's kind and payload lie in coded rows of pictures that follow each other. Raises KAN-SENSOR-FRAME unless there are
 * exactly `rows`; the payloads are not looked into.
 */
export function splitRows(coded: Uint8Array, width: number, rows: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (let row = 0; row < rows; row++) {
    const bytes = (coded[at] ?? 0) | ((coded[at + 1] ?? 0) << 8);
    const end = at + 2 + bytes;
    if (bytes < 2 || bytes > width + 1 || end > coded.length) refuse(row, `${bytes} bytes are announced`);
    if (coded[at + 2]! > ABOVE) refuse(row, `its kind is ${coded[at + 2]}`);
    parts.push(coded.subarray(at + 2, end));
    at = end;
  }
  if (at < coded.length) refuse(rows, `${coded.length - at} bytes follow the last row`);
  return parts;
}

/** Decodes `pictures` pictures of width x height, one after the other. Raises KAN-SENSOR-FRAME for what is no coded picture. */
export function decodeRows(coded: Uint8Array, width: number, height: number, pictures = 1): Uint8Array {
  const pixels = new Uint8Array(width * height * pictures);
  const none = new Uint8Array(width);
  for (const [n, part] of splitRows(coded, width, height * pictures).entries()) {
    const y = n % height;
    const at = n * width;
    const row = pixels.subarray(at, at + width);
    const above = y > 0 ? pixels.subarray(at - width, at) : none;
    const second = y > 1 ? pixels.subarray(at - 2 * width, at - width) : none;
    if (part[0] === RAW) {
      if (part.length !== width + 1) refuse(n, "raw pixels are missing");
      row.set(part.subarray(1));
      continue;
    }
    getErrors(part.subarray(1), row, n);
    for (let x = 0; x < width; x++) {
      const up = above[x]!;
      const left = x > 0 ? row[x - 1]! : up;
      const corner = x > 0 ? above[x - 1]! : up;
      row[x]! += part[0] === MEDIAN ? median(left, up, corner) : (up + second[x]! + 1) >> 1;
    }
  }
  return pixels;
}

/** Reads a row's errors, modulo 256. */
function getErrors(coded: Uint8Array, into: Uint8Array, row: number): void {
  let at = 0;
  const take = (bits: number): number => {
    let value = 0;
    for (let i = 0; i < bits; i++, at++) value |= (((coded[at >> 3] ?? 0) >> (at & 7)) & 1) << i;
    return value;
  };
  for (let from = 0; from < into.length; from += BLOCK) {
    const k = take(3);
    for (let x = from; x < Math.min(into.length, from + BLOCK); x++) {
      let quotient = 0;
      while (k < PLAIN && quotient < LIMIT && take(1) === 0) quotient++;
      into[x] = unfold((k === PLAIN || quotient === LIMIT ? take(8) : (quotient << k) | take(k)) & 255);
    }
    if (at > 8 * coded.length) refuse(row, "it ends in the middle of a block");
  }
  if ((at + 7) >> 3 !== coded.length) refuse(row, "it is longer than its pixels");
}
