// Brings one frame to the device: chunks by offset, several on the way so that the line never idles, back to where the device says
// it is after a loss (go-back-N: the device takes them in order only). On a noisy line long messages hardly ever survive, so the
// chunk is halved at each loss and grows by an eighth with each success; the window opens by one with each answer.
import { OP, smpMessage } from "../../link/link.ts";
import { Taken } from "./answers.ts";
import type { Asker } from "./asker.ts";
import { answerError, GROUP_KANMON } from "./errors.ts";

const FRAME = 3;
const LEAST_BYTES = 64;

export interface FrameOptions {
  /** Told after each answer how many bytes the device has, of how many. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** Bytes of pixels that fit a message of `messageBytes`. */
export function chunkBytes(messageBytes: number): number {
  const largest = { session: 0xffffffff, frame: 0xff, offset: 0xffffff, data: new Uint8Array(0) };
  const header = { operation: OP.write, version: 1, group: GROUP_KANMON, id: FRAME, sequence: 0 };
  return messageBytes - smpMessage(header, largest).length - 2;
}

/** Remembers between frames which chunk and window the line bears. */
export class FrameSender {
  readonly #asker: Asker;
  readonly #most: number;
  #chunk: number;
  #window = 1;

  /** @param messageBytes the longest message that the device takes */
  constructor(asker: Asker, messageBytes: number) {
    this.#asker = asker;
    this.#most = chunkBytes(messageBytes);
    this.#chunk = this.#most;
  }

  /** Sends `pixels` as frame `frame` of the session. Resolves to the reason the device gives for it, "none" if it is usable. */
  send(session: number, frame: number, pixels: Uint8Array, options: FrameOptions = {}): Promise<string> {
    return this.#asker.alone(() => this.#send(session, frame, pixels, options));
  }

  async #send(
    session: number,
    frame: number,
    pixels: Uint8Array,
    { onProgress, signal }: FrameOptions,
  ): Promise<string> {
    const running = new Set<Promise<void>>();
    let acknowledged = 0;
    let next = 0;
    let round = 0; // raised at each going back: what was sent before says nothing about losses any more
    let heardAt = performance.now();
    let reason: string | undefined;
    let failure: { error: unknown } | undefined;

    const back = (): void => {
      round++;
      next = acknowledged;
      this.#chunk = Math.max(LEAST_BYTES, this.#chunk >> 1);
      this.#asker.countRepeat();
    };
    const bring = async (from: number, to: number): Promise<void> => {
      const sentIn = round;
      const body = { session, frame, offset: from, data: pixels.subarray(from, to) };
      const answer = await this.#asker.once(
        "frame",
        { operation: OP.write, group: GROUP_KANMON, id: FRAME, body },
        Taken,
      );
      if (reason !== undefined) return;
      if (typeof answer === "string") {
        // What was overtaken is judged by the answer that overtook it.
        if (answer === "overtaken" || sentIn !== round) return;
        if (performance.now() - heardAt > this.#asker.answerMs) throw this.#asker.silence("frame");
        this.#window = Math.max(1, this.#window >> 1);
        return back();
      }
      heardAt = performance.now();
      const whole = answer.frame > frame;
      const position = whole ? pixels.length : answer.offset;
      acknowledged = Math.max(acknowledged, position);
      onProgress?.(acknowledged, pixels.length);
      if (whole) reason = answer.reason ?? "none";
      else if (position < to && sentIn === round) return back();
      this.#chunk = Math.min(this.#most, this.#chunk + (this.#chunk >> 3));
      this.#window = Math.min(this.#asker.window, this.#window + 1);
    };

    while (reason === undefined) {
      signal?.throwIfAborted();
      next = Math.max(next, acknowledged);
      while (next < pixels.length && running.size < this.#window) {
        const from = next;
        next = Math.min(pixels.length, from + this.#chunk);
        const task = bring(from, next).catch((error: unknown) => {
          failure ??= { error };
        });
        running.add(task);
        void task.then(() => running.delete(task));
      }
      if (running.size === 0)
        throw answerError(this.#asker.where, "frame", "it has all pixels and still waits for more");
      await Promise.race(running);
      if (failure) throw failure.error;
    }
    return reason;
  }
}
