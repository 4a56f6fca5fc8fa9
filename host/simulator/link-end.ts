// The host's end of the simulated line: a Duplex, with the board behind it. Nothing is lost and nothing is reordered; each
// side is held up while the other does not take its bytes, as with hardware flow control.
import { Duplex } from "node:stream";

/** Bytes that wait for a host that does not read, before the board is held up. */
const READ_AHEAD = 65_536;

export class LinkEnd extends Duplex {
  readonly #wake: () => void;
  #chunk: Uint8Array = new Uint8Array(0);
  #taken: (() => void) | undefined;
  #open = true;

  /** @param wake called when there is something for the board to do: bytes came, or there is room again. */
  constructor(wake: () => void) {
    super({ readableHighWaterMark: READ_AHEAD, allowHalfOpen: false });
    this.#wake = wake;
  }

  /** Whether the host takes bytes at present. */
  get open(): boolean {
    return this.#open && !this.destroyed;
  }

  /** Whether the host has sent what the board has not taken. */
  get waiting(): boolean {
    return this.#chunk.length > 0;
  }

  /** Board to host. Returns whether it was taken. */
  deliver(bytes: Uint8Array): boolean {
    if (!this.open) return false;
    this.#open = this.push(bytes);
    return true;
  }

  /** Host to board: the next bytes, at most `length`. */
  receive(length: number): Uint8Array {
    const part = this.#chunk.subarray(0, length);
    this.#chunk = this.#chunk.subarray(length);
    if (this.#chunk.length === 0) {
      const taken = this.#taken;
      this.#taken = undefined;
      // After the caller is done, so that a writer that answers at once does not re-enter the image.
      if (taken) queueMicrotask(taken);
    }
    return part;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (chunk.length === 0) return done();
    this.#chunk = chunk;
    this.#taken = done;
    this.#wake();
  }

  override _read(): void {
    if (this.#open) return;
    this.#open = true;
    this.#wake();
  }

  override _final(done: () => void): void {
    this.push(null);
    done();
  }
}
