// Streams made to confuse a decoder, from a seed: good frames of both framings among frames that were cut, glued and flipped,
// noise, shell text and frames that are too long. Of each stream it is known which messages must arrive and which may.
import { consoleLines } from "../../link/console.ts";
import { type Framing, frameMessage, MESSAGE_BYTES } from "../../link/link.ts";

/** mulberry32 (Tommy Ettinger): small, fast, and the same everywhere. */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  /** 0 <= value < bound, an integer. */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * bound);
  }
  chance(one: number): boolean {
    return this.below(one) === 0;
  }
}

export interface Stream {
  readonly bytes: Buffer;
  /** Messages whose frames are whole, in their order: each must arrive. */
  readonly whole: string[];
  /** All messages that were framed, damaged or not: nothing else may arrive. */
  readonly sent: Set<string>;
  /** Frames of each framing, whole or damaged. */
  readonly frames: Record<Framing, number>;
}

const POOL_BYTES = 1 << 20;
const FLIP_ODDS = 10_000; // one bit in so many
const TEXT = [
  "\r\n",
  "uart:~$ ",
  "*** Booting ***\r\n",
  "[00:00:01.000] <inf> main: ready\n",
  "\n",
  "\x06",
  "\x04\x14",
  "\x06\x09",
];

/** Makes streams, each from the seed and its number. */
export class StreamMaker {
  readonly #random: Random;
  readonly #pool = Buffer.alloc(POOL_BYTES);
  #count = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
    for (let i = 0; i < POOL_BYTES; i += 4) this.#pool.writeUInt32LE(this.#random.below(2 ** 32), i);
  }

  /** A stream of about `frames` frames that ends with a whole one of each framing. */
  make(frames: number): Stream {
    const stream: Stream = { bytes: Buffer.alloc(0), whole: [], sent: new Set(), frames: { cobs: 0, console: 0 } };
    // The first frame is whole, so that both decoders know the line's framing before the first decoy.
    const parts: Buffer[] = [this.#whole(stream, "cobs")];
    while (stream.frames.cobs + stream.frames.console < frames - 2) parts.push(this.#piece(stream));
    parts.push(this.#whole(stream, "console"), this.#whole(stream, "cobs"));
    return { ...stream, bytes: Buffer.concat(parts) };
  }

  #piece(stream: Stream): Buffer {
    const random = this.#random;
    const framing: Framing = random.below(3) === 0 ? "console" : "cobs";
    switch (random.below(12)) {
      case 0:
        return this.#cut(this.#damaged(stream, framing));
      case 1:
        // Glued: the end of one frame, with its delimiter, is lost together with the beginning of the next.
        return Buffer.concat([this.#head(this.#damaged(stream, framing)), this.#tail(this.#damaged(stream, framing))]);
      case 2:
        return this.#flip(this.#damaged(stream, framing), FLIP_ODDS);
      case 3:
        return this.#flip(this.#damaged(stream, framing), 300);
      case 4:
        return this.#noise(1 + random.below(300));
      case 5:
        return Buffer.from(TEXT[random.below(TEXT.length)] as string, "latin1");
      case 6:
        return random.chance(40) ? this.#tooLong(framing) : this.#whole(stream, framing);
      case 7:
        return this.#decoy(stream);
      default:
        return this.#whole(stream, framing);
    }
  }

  /** SMP messages of many lengths, random, full of zeros, or without any; each is different. */
  #message(framing: Framing, most = MESSAGE_BYTES - 8): Buffer {
    const random = this.#random;
    const longest = random.chance(30) ? most : framing === "console" ? 300 : 600;
    const length = 6 + random.below(longest - 5);
    const message = Buffer.alloc(8 + length);
    message.set(this.#noise(length), 8);
    const sparse = random.below(4);
    if (sparse === 0) for (let i = 8; i < message.length; i++) if (random.chance(2)) message[i] = 0;
    if (sparse === 1) for (let i = 8; i < message.length; i++) message[i] = (message[i] as number) | 1;
    message[0] = 8 + random.below(4);
    message.writeUInt16BE(length, 2);
    message.writeUInt16BE(random.chance(3) ? 64 : random.below(3), 4);
    message[6] = random.below(256);
    message.writeUIntBE(this.#count++, 8, 6);
    return message;
  }

  #whole(stream: Stream, framing: Framing): Buffer {
    const message = this.#message(framing);
    stream.frames[framing]++;
    stream.sent.add(message.toString("latin1"));
    stream.whole.push(message.toString("latin1"));
    return frameMessage(message, framing);
  }

  #damaged(stream: Stream, framing: Framing): Buffer {
    const message = this.#message(framing);
    stream.frames[framing]++;
    stream.sent.add(message.toString("latin1"));
    return frameMessage(message, framing);
  }

  /** A COBS frame, whole or without its head, that holds a console line which was never sent. */
  #decoy(stream: Stream): Buffer {
    const inner = Buffer.concat([Buffer.from("\n"), consoleLines(this.#message("console", 300))]);
    const message = Buffer.concat([this.#message("cobs").subarray(0, 14), this.#noise(20), inner, this.#noise(30)]);
    message.writeUInt16BE(message.length - 8, 2);
    stream.frames.cobs++;
    stream.sent.add(message.toString("latin1"));
    const frame = frameMessage(message);
    if (this.#random.chance(2)) return frame.subarray(1 + this.#random.below(12));
    stream.whole.push(message.toString("latin1"));
    return frame;
  }

  #tooLong(framing: Framing): Buffer {
    const message = Buffer.concat([Buffer.from("0a00ffff00000000", "hex"), this.#noise(MESSAGE_BYTES)]);
    return frameMessage(message.subarray(0, MESSAGE_BYTES + 1 + this.#random.below(7)), framing);
  }

  #noise(length: number): Buffer {
    const at = this.#random.below(POOL_BYTES - length);
    return this.#pool.subarray(at, at + length);
  }

  #cut(frame: Buffer): Buffer {
    const way = this.#random.below(3);
    if (way === 0) return this.#head(frame);
    return way === 1 ? this.#tail(frame) : Buffer.concat([this.#head(frame), this.#tail(frame)]);
  }

  #head(frame: Buffer): Buffer {
    return frame.subarray(0, this.#random.below(frame.length));
  }

  #tail(frame: Buffer): Buffer {
    return frame.subarray(this.#random.below(frame.length));
  }

  #flip(frame: Buffer, odds: number): Buffer {
    const flipped = Buffer.from(frame);
    // The gaps between flipped bits are geometric, so that only flipped bits cost time.
    const next = () => Math.floor(Math.log(1 - this.#random.below(2 ** 32) / 2 ** 32) / Math.log(1 - 1 / odds));
    for (let bit = next(); bit < flipped.length * 8; bit += 1 + next())
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
    return flipped;
  }
}
