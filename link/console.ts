// The SMP console framing (Zephyr, "SMP over console"): a message travels as text lines, so that it can share a shell's
// terminal. Body: length (2 bytes, big-endian, of message and CRC), message, CRC-16/XMODEM; base64 of the body, cut into
// lines of at most 127 bytes: 0x06 0x09 begins the first, 0x04 0x14 each further one, 0x0A ends them.

/** Body bytes in a line: 2 + 124 + 1 = 127 bytes with mark, base64 and line end. */
const LINE_BYTES = 93;
const LENGTH_BYTES = 2;
const CRC_BYTES = 2;

const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, index) => {
  let value = index << 8;
  for (let bit = 0; bit < 8; bit++) value = (value << 1) ^ (value & 0x8000 ? 0x1021 : 0);
  return value & 0xffff;
});

/** Values of base64's characters (RFC 4648 section 4), 255 for all others. */
const SEXTETS = new Uint8Array(256).fill(255);
for (const [value, character] of [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"].entries()) {
  SEXTETS[character.charCodeAt(0)] = value;
}
const PADDING = 0x3d;

/** CRC-16/XMODEM (polynomial 0x1021, initially 0) of `bytes`. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ (CRC_TABLE[(crc >>> 8) ^ byte] as number);
  return crc;
}

/** The message as lines. */
export function consoleLines(message: Uint8Array): Buffer {
  const body = Buffer.alloc(LENGTH_BYTES + message.length + CRC_BYTES);
  body.writeUInt16BE(message.length + CRC_BYTES);
  body.set(message, LENGTH_BYTES);
  body.writeUInt16BE(crc16(message), LENGTH_BYTES + message.length);
  const lines: string[] = [];
  for (let at = 0; at < body.length; at += LINE_BYTES) {
    lines.push(
      at === 0 ? "\x06\x09" : "\x04\x14",
      body.toString("base64", at, Math.min(at + LINE_BYTES, body.length)),
      "\n",
    );
  }
  return Buffer.from(lines.join(""), "latin1");
}

/** What a line's end made of a message: more lines to come, a whole message with a good CRC, or none. */
export type ConsoleEnd = "more" | "message" | "bad";

/** Joins the lines of one message; the caller finds marks and line ends. */
export class ConsoleDecoder {
  readonly #body: Buffer;
  readonly #maximum: number;
  #filled = 0;
  #bits = 0; // sextets that do not make up a byte yet
  #sextets = 0;

  /** @param maximum longest message in bytes */
  constructor(maximum: number) {
    this.#maximum = maximum;
    this.#body = Buffer.alloc(LENGTH_BYTES + maximum + CRC_BYTES);
  }

  /** Whether a message has begun, so that a further line may continue it. */
  get begun(): boolean {
    return this.#filled > 0;
  }

  /** The message, once `line` returned "message"; valid until the next `start`. */
  get message(): Buffer {
    return this.#body.subarray(LENGTH_BYTES, this.#filled - CRC_BYTES);
  }

  /** Zeroes what was decoded, and prepares for the first line of a message. */
  start(): void {
    if (this.#filled > 0) this.#body.fill(0, 0, this.#filled);
    this.#filled = 0;
    this.#bits = 0;
    this.#sextets = 0;
  }

  /** Adds one character of a line. Returns false if it is none: not base64, beyond the message's end, or the message is too long. */
  take(character: number): boolean {
    if (character === PADDING) {
      this.#bits = this.#sextets = 0;
      return true;
    }
    const value = SEXTETS[character] as number;
    const announced = this.#announced;
    if (value > 63 || this.#filled === LENGTH_BYTES + announced) return false;
    this.#bits = ((this.#bits << 6) | value) & 0xffffff;
    this.#sextets = (this.#sextets + 1) & 3;
    if (this.#sextets === 1) return true;
    this.#body[this.#filled++] = this.#bits >>> (this.#sextets === 0 ? 0 : 8 - 2 * this.#sextets);
    return (
      this.#filled !== LENGTH_BYTES || (this.#announced >= CRC_BYTES && this.#announced <= this.#maximum + CRC_BYTES)
    );
  }

  /**
   * Tells what a line's end made of the message. Only here is it taken for whole: lines of two messages that were run together
   * hardly ever end where the length says, and CRC-16 alone lets one in 65,536 pass.
   */
  line(): ConsoleEnd {
    if (this.#filled < LENGTH_BYTES || this.#filled < LENGTH_BYTES + this.#announced) return "more";
    return crc16(this.message) === this.#body.readUInt16BE(this.#announced) ? "message" : "bad";
  }

  /** Bytes of message and CRC that the length announces; not a number that can be reached while it is unknown. */
  get #announced(): number {
    return this.#filled < LENGTH_BYTES ? Number.NaN : this.#body.readUInt16BE();
  }
}
