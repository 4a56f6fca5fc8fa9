// Consistent Overhead Byte Stuffing (Cheshire and Baker, IEEE/ACM Transactions on Networking 7(2), 1999): frames without a
// zero byte in them, so that a zero always means "a frame ends here". The decoder takes a stream in chunks of any size, copies
// whole runs into one buffer made beforehand, and looks at each byte once.

/** Runs shorter than this are copied in a loop, longer ones by the runtime: where the two cost the same. */
const SHORT_RUN = 48;

/** Bytes that `length` bytes take at most, encoded. */
export function cobsBound(length: number): number {
  return length + Math.floor(length / 254) + 1;
}

/** Encodes `length` bytes of `source` into `target` from `at` on, without delimiters. Returns where the encoding ends. */
export function cobsEncode(source: Buffer, length: number, target: Buffer, at: number): number {
  let from = 0;
  let to = at;
  for (;;) {
    const zero = source.indexOf(0, from);
    const end = zero < 0 || zero > length ? length : zero;
    while (end - from >= 254) {
      target[to] = 0xff;
      source.copy(target, to + 1, from, from + 254);
      to += 255;
      from += 254;
      if (from === length) return to;
    }
    const run = end - from;
    target[to++] = run + 1;
    if (run < SHORT_RUN) for (let i = from; i < end; i++) target[to++] = source[i] as number;
    else to += source.copy(target, to, from, end);
    if (end === length) return to;
    from = end + 1;
  }
}

/** What CobsDecoder.take ended with: the chunk's end, a frame's end, a delimiter inside a block, a frame longer than the buffer. */
export type CobsEnd = "more" | "frame" | "cut" | "long";

/** Decodes one frame after the other out of a stream. Bytes of the buffer beyond `length` are zero. */
export class CobsDecoder {
  /** The frame decoded so far: its first `length` bytes. */
  readonly buffer: Buffer;
  length = 0;
  /** How the last `take` ended. */
  ended: CobsEnd = "more";
  #left = 0; // bytes of the current block that are still to come
  #zero = false; // the block before ends with a zero, once another block follows

  /** @param maximum longest frame in bytes, decoded */
  constructor(maximum: number) {
    this.buffer = Buffer.alloc(maximum);
  }

  /** Zeroes what was decoded, and prepares for the first byte of a frame. */
  start(): void {
    if (this.length > 0) this.buffer.fill(0, 0, this.length);
    this.length = 0;
    this.#left = 0;
    this.#zero = false;
  }

  /** Decodes the bytes of `chunk` from `at` up to a delimiter or the chunk's end. Returns the first byte not taken; see `ended`. */
  take(chunk: Buffer, at: number): number {
    const { buffer } = this;
    const delimiter = chunk.indexOf(0, at);
    const end = delimiter < 0 ? chunk.length : delimiter;
    let from = at;
    let to = this.length;
    let left = this.#left;
    let zero = this.#zero;
    this.ended = delimiter < 0 ? "more" : "frame";
    while (from < end) {
      if (left === 0) {
        const code = chunk[from++] as number;
        if (zero) {
          if (to === buffer.length) return this.#tooLong(from, to);
          buffer[to++] = 0;
        }
        left = code - 1;
        zero = code !== 0xff;
      } else {
        const run = Math.min(left, end - from);
        if (run > buffer.length - to) return this.#tooLong(from, to);
        if (run < SHORT_RUN) for (let i = 0; i < run; i++) buffer[to + i] = chunk[from + i] as number;
        else chunk.copy(buffer, to, from, from + run);
        to += run;
        from += run;
        left -= run;
      }
    }
    this.length = to;
    this.#left = left;
    this.#zero = zero;
    if (delimiter < 0) return from;
    if (left > 0) this.ended = "cut";
    return delimiter + 1;
  }

  #tooLong(from: number, length: number): number {
    this.length = length;
    this.ended = "long";
    return from;
  }
}
