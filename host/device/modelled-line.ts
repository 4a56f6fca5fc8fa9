// A UART as time goes on it: a Duplex in front of another that lets bytes through at a baud rate, 10 bits each (8N1), in both directions
// at once. It counts what passed, and how long the sender left the line idle.
import { Duplex } from "node:stream";

/** How often bytes whose time has come are handed over, as a driver does. */
const TICK_MS = 1;

export class ModelledLine extends Duplex {
  readonly #out: Lane;
  readonly #in: Lane;

  constructor(inner: Duplex, baud: number) {
    super({ allowHalfOpen: false });
    this.#out = new Lane(baud, (bytes) => inner.write(bytes));
    this.#in = new Lane(baud, (bytes) => this.push(bytes));
    inner.on("data", (chunk: Buffer) => this.#in.put(chunk));
    inner.on("close", () => this.destroy());
  }

  /** Bytes from the host, and to it. */
  get bytes(): { out: number; in: number } {
    return { out: this.#out.bytes, in: this.#in.bytes };
  }

  /** Milliseconds from the first byte out to the end of the last, and how many of them the line stood still. */
  get sending(): { ms: number; idle_ms: number } {
    return this.#out.busy;
  }

  /** Counts anew. */
  restart(): void {
    this.#out.restart();
    this.#in.restart();
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#out.put(Buffer.from(chunk));
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#out.stop();
    this.#in.stop();
    done(error);
  }
}

/** One direction. */
class Lane {
  bytes = 0;
  readonly #byteMs: number;
  readonly #deliver: (bytes: Buffer) => void;
  readonly #queue: { rest: Buffer; begins: number }[] = [];
  #freeAt = 0;
  #began: number | undefined;
  #idle = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(baud: number, deliver: (bytes: Buffer) => void) {
    this.#byteMs = 10_000 / baud;
    this.#deliver = deliver;
  }

  get busy(): { ms: number; idle_ms: number } {
    return { ms: this.#began === undefined ? 0 : this.#freeAt - this.#began, idle_ms: this.#idle };
  }

  restart(): void {
    this.bytes = this.#idle = 0;
    this.#began = undefined;
  }

  put(bytes: Buffer): void {
    const now = performance.now();
    const begins = Math.max(now, this.#freeAt);
    if (this.#began === undefined) this.#began = begins;
    else this.#idle += begins - this.#freeAt;
    this.#freeAt = begins + bytes.length * this.#byteMs;
    this.bytes += bytes.length;
    this.#queue.push({ rest: bytes, begins });
    this.#timer ??= setInterval(() => this.#pass(), TICK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Hands over what has passed by now. */
  #pass(): void {
    const now = performance.now();
    for (let first = this.#queue[0]; first; first = this.#queue[0]) {
      const passed = Math.min(first.rest.length, Math.floor((now - first.begins) / this.#byteMs));
      if (passed <= 0) return;
      this.#deliver(first.rest.subarray(0, passed));
      if (passed < first.rest.length) {
        first.rest = first.rest.subarray(passed);
        first.begins += passed * this.#byteMs;
        return;
      }
      this.#queue.shift();
    }
    this.stop();
  }
}
