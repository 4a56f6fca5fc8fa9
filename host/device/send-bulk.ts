// Brings many bytes to the device, which takes them in order only: chunks by offset, several on the way so that the line never idles, back
// to where the device says it is after a loss (go-back-N). On a noisy line long messages hardly ever survive, so the chunk is halved at
// each loss and grows by an eighth with each success; the window opens by one with each answer. Frames and images both travel so.
import type { z } from "zod";
import type { Request } from "../../link/channel.ts";
import type { Asker } from "./asker.ts";
import { answerError } from "./errors.ts";

const LEAST_BYTES = 64;
/** Goings back in a row, each answered and none of use, after which the device does not mean it. */
const STUCK = 100;

/** Bytes to bring, and how they are asked for. */
export interface Bulk<T extends object> {
  /** What it is, in messages. */
  readonly what: string;
  readonly data: Uint8Array;
  /** Bytes that fit one message from this offset on. */
  room(from: number): number;
  request(from: number, to: number): Request;
  readonly schema: z.ZodType<T>;
  /** The offset wanted next, as the answer says. */
  position(answer: T): number;
  /** Whether the answer says that all is there. */
  whole(answer: T): boolean;
}

export interface BulkOptions {
  /** Told after each answer how many bytes the device has, of how many. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Remembers between transfers which chunk and window the line bears. */
export class BulkSender {
  readonly #asker: Asker;
  readonly #most: number;
  #chunk: number;
  #window = 1;

  /** @param most the longest chunk that fits a message, bytes */
  constructor(asker: Asker, most: number) {
    this.#asker = asker;
    this.#most = most;
    this.#chunk = most;
  }

  /** Sends all. Resolves to the answer that said that all is there. Throws DeviceError. */
  send<T extends object>(bulk: Bulk<T>, options: BulkOptions = {}): Promise<T> {
    return this.#asker.alone(() => this.#send(bulk, options));
  }

  async #send<T extends object>(bulk: Bulk<T>, { onProgress, signal }: BulkOptions): Promise<T> {
    const { what, data, schema } = bulk;
    const running = new Set<Promise<void>>();
    let acknowledged = 0;
    let next = 0;
    let round = 0; // raised at each going back: what was sent before says nothing about losses any more
    let stuck = 0;
    let heardAt = performance.now();
    let last: T | undefined;
    let failure: { error: unknown } | undefined;

    const back = (): void => {
      round++;
      next = acknowledged;
      this.#chunk = Math.max(LEAST_BYTES, this.#chunk >> 1);
      this.#asker.countRepeat();
    };
    const bring = async (from: number, to: number): Promise<void> => {
      const sentIn = round;
      const answer = await this.#asker.once(what, bulk.request(from, to), schema);
      if (last !== undefined) return;
      if (typeof answer === "string") {
        // What was overtaken is judged by the answer that overtook it.
        if (answer === "overtaken" || sentIn !== round) return;
        if (performance.now() - heardAt > this.#asker.answerMs) throw this.#asker.silence(what);
        this.#window = Math.max(1, this.#window >> 1);
        return back();
      }
      heardAt = performance.now();
      const position = bulk.position(answer);
      // Answers come in order, so one that says less is of a device that restarted and lost what it had.
      stuck = position > acknowledged ? 0 : stuck + 1;
      if (stuck > STUCK || position > data.length) throw answerError(this.#asker.where, what, "it does not get on");
      acknowledged = position;
      onProgress?.(acknowledged, data.length);
      if (bulk.whole(answer)) last = answer;
      else if (position < to && sentIn === round) return back();
      this.#chunk = Math.min(this.#most, this.#chunk + (this.#chunk >> 3));
      this.#window = Math.min(this.#asker.window, this.#window + 1);
    };

    while (last === undefined) {
      signal?.throwIfAborted();
      next = Math.max(next, acknowledged);
      while (next < data.length && running.size < this.#window) {
        const from = next;
        next = Math.min(data.length, from + this.#chunk, from + bulk.room(from));
        const task = bring(from, next).catch((error: unknown) => {
          failure ??= { error };
        });
        running.add(task);
        void task.then(() => running.delete(task));
      }
      if (running.size === 0) throw answerError(this.#asker.where, what, "it has all bytes and still waits for more");
      await Promise.race(running);
      if (failure) throw failure.error;
    }
    return last;
  }
}
