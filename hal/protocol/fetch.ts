// Brings one frame over: asks for chunks, several at a time so that the line never idles, and asks again for what is lost. On a noisy
// line long messages hardly ever survive, so the chunk shrinks by half with each loss and grows by an eighth with each success
// (the balance that TCP's congestion control strikes, here against bit errors).
import type { TransferLimits } from "./answers.ts";
import type { Asker } from "./asker.ts";
import { Fields } from "./fields.ts";
import type { Body } from "./messages.ts";

const MIN_CHUNK = 64;

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Fetches chunks of frames over one line; remembers between frames which chunk size the line bears. */
export class Fetcher {
  readonly #asker: Asker;
  readonly #limits: TransferLimits;
  #chunk: number;

  constructor(asker: Asker, limits: TransferLimits) {
    this.#asker = asker;
    this.#limits = limits;
    this.#chunk = limits.chunk;
  }

  /** Fills `into` with the frame's pixels. Raises NO-ANSWER when no chunk arrives for `answer_ms`. */
  async fetch(capture: number, frame: number, into: Uint8Array, signal?: AbortSignal): Promise<void> {
    const missing: Range[] = [{ from: 0, to: into.length }];
    const running = new Set<Promise<void>>();
    let heardAt = performance.now();
    let failure: { reason: unknown } | undefined;

    const bring = async (range: Range): Promise<void> => {
      const answer = await this.#asker.exchange(
        "chunk",
        { capture, frame, offset: range.from, length: range.to - range.from },
        signal,
      );
      const end = answer === undefined ? range.from : take(answer, capture, frame, range, into);
      if (end > range.from) heardAt = performance.now();
      this.#adapt(answer !== undefined);
      if (end < range.to) missing.unshift({ from: end, to: range.to });
    };

    while (!failure && (missing.length > 0 || running.size > 0)) {
      while (missing.length > 0 && running.size < this.#limits.window) {
        const task = bring(this.#next(missing)).catch((reason: unknown) => {
          failure ??= { reason };
        });
        running.add(task);
        void task.then(() => running.delete(task));
      }
      await Promise.race(running);
      if (performance.now() - heardAt >= this.#asker.answerMs) failure ??= { reason: this.#asker.silence("chunk") };
    }
    // Nobody may write into the buffer after we return: wait for the stragglers.
    await Promise.all(running);
    if (failure) throw failure.reason;
  }

  /** Takes the next range to ask for, at most one chunk long, off the list. */
  #next(missing: Range[]): Range {
    const first = missing.shift() as Range;
    const to = Math.min(first.to, first.from + Math.floor(this.#chunk));
    if (to < first.to) missing.unshift({ from: to, to: first.to });
    return { from: first.from, to };
  }

  #adapt(arrived: boolean): void {
    this.#chunk = arrived ? Math.min(this.#limits.chunk, this.#chunk * 1.125) : Math.max(MIN_CHUNK, this.#chunk / 2);
  }
}

/** Copies one answer's pixels to their place, wipes them from the answer, and returns where they end. */
function take(answer: Body, capture: number, frame: number, range: Range, into: Uint8Array): number {
  const f = new Fields(answer, "chunk");
  const data = f.bytes("data");
  try {
    f.integer("capture", capture, capture);
    f.integer("frame", frame, frame);
    f.integer("offset", range.from, range.from);
    const part = data.subarray(0, range.to - range.from);
    into.set(part, range.from);
    return range.from + part.length;
  } finally {
    data.fill(0);
  }
}
