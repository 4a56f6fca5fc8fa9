// Frames of the EF AA serial protocol (docs/efaa.md): EF AA | id | length, big-endian | data | XOR of id to data. Their check is eight bits of
// parity and their mark may stand in data, so a candidate that proves no frame is given up by one byte only: whatever frame it hid is still
// found. XORs of all prefixes are kept, so that each byte is looked at once however many candidates there are.

const MARK = [0xef, 0xaa] as const;
const HEADER_BYTES = 5;
/** Bytes of a frame that are not data. */
export const FRAME_OVERHEAD = HEADER_BYTES + 1;
/** Most data in a frame: a list of 500 ids takes 1,004. Announcing more is no frame (the protocol's limit is 65,535, for pictures). */
export const DATA_LIMIT = 1024;

/** A frame as it goes on the line. `id`: a command's, or the kind of what a module sends, 0 to 255. */
export function encodeFrame(id: number, data: Uint8Array): Uint8Array {
  if (data.length > DATA_LIMIT) throw new RangeError(`${data.length} bytes of data; a frame takes ${DATA_LIMIT}`);
  const frame = new Uint8Array(data.length + FRAME_OVERHEAD);
  frame.set([...MARK, id, data.length >> 8, data.length & 0xff]);
  frame.set(data, HEADER_BYTES);
  let parity = 0;
  for (let i = MARK.length; i < frame.length - 1; i++) parity ^= frame[i] as number;
  frame[frame.length - 1] = parity;
  return frame;
}

/** Finds frames in what arrives, however it is cut. */
export class FrameDecoder {
  /** Candidates that proved no frame: damaged, or the mark in something else. */
  broken = 0;
  readonly #onFrame: (id: number, data: Uint8Array) => void;
  readonly #known: (id: number) => boolean;
  readonly #buffer = new Uint8Array(2 * (DATA_LIMIT + FRAME_OVERHEAD));
  /** At i: the XOR of all bytes before i, up to a constant. */
  readonly #xor = new Uint8Array(this.#buffer.length + 1);
  #start = 0;
  #end = 0;

  /** @param onFrame gets each frame's id and its data, which is zeroed when it returns. @param known which ids the other side may send. */
  constructor(onFrame: (id: number, data: Uint8Array) => void, known: (id: number) => boolean) {
    this.#onFrame = onFrame;
    this.#known = known;
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#end === this.#buffer.length) this.#compact();
      const taken = Math.min(bytes.length - at, this.#buffer.length - this.#end);
      for (let i = 0; i < taken; i++) {
        const byte = bytes[at++] as number;
        this.#xor[this.#end + 1] = (this.#xor[this.#end] as number) ^ byte;
        this.#buffer[this.#end++] = byte;
      }
      this.#search();
    }
  }

  /** The line fell silent: what is unfinished stays so, and frames behind its beginning are delivered. Nothing is left afterwards. */
  flush(): void {
    this.#search();
    while (this.#start < this.#end) {
      this.#giveUp();
      this.#search();
    }
  }

  /** Forgets and zeroes what was begun. */
  reset(): void {
    this.#buffer.fill(0, 0, this.#end);
    this.#xor.fill(0, 0, this.#end + 1);
    this.#start = this.#end = 0;
  }

  /** Delivers whole frames and moves on, until bytes are missing. */
  #search(): void {
    while (this.#start < this.#end) {
      const total = this.#candidate();
      if (total === 0) this.#start++;
      else if (this.#start + total > this.#end) break;
      else if (this.#fits(total)) this.#deliver(total);
      else this.#giveUp();
    }
    if (this.#start === this.#end) this.reset();
  }

  /** Bytes that the frame at `#start` would have, as far as can be seen; 0: there is none. */
  #candidate(): number {
    const [b, s, have] = [this.#buffer, this.#start, this.#end - this.#start];
    if (b[s] !== MARK[0] || (have > 1 && b[s + 1] !== MARK[1])) return 0;
    if (have > 2 && !this.#known(b[s + 2] as number)) return 0;
    if (have < HEADER_BYTES) return HEADER_BYTES;
    const length = ((b[s + 3] as number) << 8) | (b[s + 4] as number);
    return length > DATA_LIMIT ? 0 : length + FRAME_OVERHEAD;
  }

  #fits(total: number): boolean {
    const last = this.#start + total - 1;
    return ((this.#xor[last] as number) ^ (this.#xor[this.#start + MARK.length] as number)) === this.#buffer[last];
  }

  #deliver(total: number): void {
    const from = this.#start;
    this.#start += total;
    const data = this.#buffer.subarray(from + HEADER_BYTES, this.#start - 1);
    try {
      this.#onFrame(this.#buffer[from + 2] as number, data);
    } finally {
      // Names and ids are personal data.
      this.#buffer.fill(0, from, this.#start);
      this.#xor.fill(0, from, this.#start);
    }
  }

  #giveUp(): void {
    this.broken++;
    this.#start++;
  }

  #compact(): void {
    this.#buffer.copyWithin(0, this.#start, this.#end);
    this.#xor.copyWithin(0, this.#start, this.#end + 1);
    this.#end -= this.#start;
    this.#start = 0;
    this.#buffer.fill(0, this.#end);
    this.#xor.fill(0, this.#end + 1);
  }
}
