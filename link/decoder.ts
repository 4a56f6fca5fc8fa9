// The way in: finds messages in a stream's bytes, whatever stands between them. One pass over chunks of any size, buffers made
// once, two framings on one line. It is the twin of the image's decoder (assembly/link/decoder.ts) and both are tested with the
// same streams. A COBS frame begins after a zero, and as an SMP header's flags are zero its first byte is 1 or 2; a console line
// begins with its mark. Once a COBS frame was good, marks count only after a delimiter: pixels that look like a console line, in
// a frame whose head was lost, are not taken for one. No byte of a message stays behind in the buffers: messages may hold pixels.
import { CobsDecoder } from "./cobs.ts";
import { ConsoleDecoder } from "./console.ts";
import { CRC32_BYTES, crc32 } from "./crc32.ts";
import { type Framing, MESSAGE_BYTES } from "./encoder.ts";
import { SMP_HEADER_BYTES, smpFits } from "./smp.ts";

/** Called with each good message; the bytes are valid only during the call. */
export type OnMessage = (message: Buffer, framing: Framing) => void;

type State = "idle" | "cobs" | "mark" | "line" | "noise";

const NEW_LINE = 0x0a;
const RETURN = 0x0d;
const FIRST = [0x06, 0x09] as const;
const FURTHER = [0x04, 0x14] as const;

/** Finds SMP messages in a stream. */
export class LinkDecoder {
  /** Frames and lines that were given up: cut, too long, or with a wrong CRC. */
  broken = 0;
  readonly #onMessage: OnMessage;
  readonly #cobs: CobsDecoder;
  readonly #console: ConsoleDecoder;
  #state: State = "idle";
  #mark = 0;
  #strict = false; // a COBS frame was good: marks count only after a delimiter

  /** @param maximum longest message in bytes; longer ones are dropped */
  constructor(onMessage: OnMessage, maximum = MESSAGE_BYTES) {
    this.#onMessage = onMessage;
    this.#cobs = new CobsDecoder(maximum + CRC32_BYTES);
    this.#console = new ConsoleDecoder(maximum);
  }

  /** Takes bytes from the line and calls onMessage for each message that they complete. */
  push(bytes: Uint8Array): void {
    const chunk = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    while (at < chunk.length) {
      if (this.#state === "cobs") at = this.#takeFrame(chunk, at);
      else if (this.#takeByte(chunk[at] as number)) at++;
    }
  }

  /** Forgets and zeroes what was begun: after a silence, or when the line was opened anew or is closed. */
  reset(): void {
    this.#drop("idle");
    this.#strict = false;
  }

  #drop(next: State): void {
    this.#cobs.start();
    this.#console.start();
    this.#state = next;
  }

  #deliver(message: Buffer, framing: Framing): void {
    if (framing === "cobs") this.#strict = true;
    try {
      this.#onMessage(message, framing);
    } finally {
      this.#drop("idle");
    }
  }

  #giveUp(next: State): void {
    this.broken++;
    this.#drop(next);
  }

  #takeFrame(chunk: Buffer, at: number): number {
    const cobs = this.#cobs;
    const next = cobs.take(chunk, at);
    if (cobs.ended === "more") return next;
    const message = cobs.ended === "frame" ? checked(cobs.buffer, cobs.length) : undefined;
    if (message) this.#deliver(message, "cobs");
    else this.#giveUp(cobs.ended === "long" ? "noise" : "idle");
    return next;
  }

  /** Takes one byte outside COBS frames; false leaves it to the state that it led to. */
  #takeByte(byte: number): boolean {
    const state = this.#state;
    if (byte === 0) {
      if (this.#console.begun) this.broken++;
      this.#drop("idle");
    } else if (state === "line") {
      if (byte === NEW_LINE) this.#takeLineEnd();
      else if (byte !== RETURN && !this.#console.take(byte)) {
        this.#giveUp("noise");
        return false; // may be a mark's first byte
      }
    } else if (state === "mark") {
      return this.#takeMark(byte);
    } else if ((byte === FIRST[0] || byte === FURTHER[0]) && (state === "idle" || !this.#strict)) {
      this.#mark = byte;
      this.#state = "mark";
    } else if (state === "idle" && byte <= 2) {
      this.#drop("cobs");
      return false;
    } else if (byte === NEW_LINE && !this.#strict) {
      this.#state = "idle";
    } else if (byte !== NEW_LINE && byte !== RETURN) {
      this.#state = "noise";
    }
    return true;
  }

  #takeMark(byte: number): boolean {
    if (this.#mark === FIRST[0] && byte === FIRST[1]) this.#drop("line");
    else if (this.#mark === FURTHER[0] && byte === FURTHER[1] && this.#console.begun) this.#state = "line";
    else {
      this.#state = "noise";
      return false;
    }
    return true;
  }

  #takeLineEnd(): void {
    this.#state = "idle";
    const made = this.#console.line();
    if (made === "more") return;
    if (made === "message" && smpFits(this.#console.message)) this.#deliver(this.#console.message, "console");
    else this.#giveUp("idle");
  }
}

/** The message in a frame of `length` bytes, if its CRC and its header fit. */
function checked(frame: Buffer, length: number): Buffer | undefined {
  const end = length - CRC32_BYTES;
  if (end < SMP_HEADER_BYTES) return undefined;
  const message = frame.subarray(0, end);
  return crc32(message) === frame.readUInt32LE(end) && smpFits(message) ? message : undefined;
}
