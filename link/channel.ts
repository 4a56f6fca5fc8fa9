// Requests and responses over one byte stream: sequence numbers, and the discovery of losses. The line keeps order and the peer
// answers in order, hence a response that overtakes an older request's proves that one lost, at once. Only when nothing follows a
// loss does a timer decide (patience.ts). Both askers stand on it: the device client and the sensor driver.
import type { Duplex } from "node:stream";
import { LinkDecoder } from "./decoder.ts";
import { type Framing, frameMessage, MESSAGE_BYTES } from "./encoder.ts";
import { Patience, type PatienceBounds } from "./patience.ts";
import { type SmpHeader, smpBody, smpHeader, smpMessage } from "./smp.ts";

/** A CBOR map, decoded. */
export type Body = Readonly<Record<string, unknown>>;

/** A request, but for its sequence number. */
export interface Request {
  /** OP.read or OP.write. */
  readonly operation: number;
  readonly group: number;
  readonly id: number;
  readonly body: Body;
}

/** How a request or its response was lost: a later one was answered, or nothing was heard for a whole time-out. */
export type Loss = "overtaken" | "silence";

export interface ChannelOptions {
  readonly framing?: Framing;
  /** Longest message that is taken, bytes. */
  readonly maximum?: number;
  readonly patience?: PatienceBounds;
  /** Zero the stream's chunks once they were read. Only for a stream whose chunks nobody else holds: most pass on what was written. */
  readonly wipeChunks?: boolean;
  /** Makes the error that requests fail with once the stream has ended, of what the stream said about it. */
  readonly gone?: (cause: unknown) => Error;
}

/** How one try of a request goes. */
export interface Try {
  /** Its number; the next free one if left out. */
  readonly sequence?: number;
  /** Sent before under the same number. */
  readonly again?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** What the line did so far. */
export interface LineCounts {
  bytesOut: number;
  bytesIn: number;
  requests: number;
  /** Requests that were lost, or whose responses were. */
  lost: number;
  /** Requests that were sent again under the same number. */
  repeated: number;
  /** Frames that arrived damaged. */
  broken: number;
}

interface Pending {
  readonly request: Request;
  readonly sentAt: number;
  readonly again: boolean;
  readonly resolve: (outcome: Body | Loss) => void;
  readonly reject: (error: unknown) => void;
}

const SMP_VERSION_2 = 1;
const SEQUENCES = 256;
/** A line that was still for so long has ended whatever was begun on it, as on the device's side. */
const STILL_MS = 1000;

/** The asking end of a line. The stream stays the caller's to close. */
export class Channel {
  readonly #stream: Duplex;
  readonly #framing: Framing;
  readonly #decoder: LinkDecoder;
  readonly #patience: Patience;
  readonly #gone: (cause: unknown) => Error;
  readonly #wipeChunks: boolean;
  /** By sequence number, in the order they were sent. */
  readonly #pending = new Map<number, Pending>();
  readonly #counts = { bytesOut: 0, bytesIn: 0, requests: 0, lost: 0, repeated: 0 };
  // Where it starts is random, so that responses to a host that was here before are not taken for ours.
  #sequence = Math.floor(Math.random() * SEQUENCES);
  #timer: NodeJS.Timeout | undefined;
  #heardAt = 0;
  #byteAt = 0;
  #unfit = 0;
  #closed: Error | undefined;

  constructor(stream: Duplex, options: ChannelOptions = {}) {
    const { framing = "cobs", maximum = MESSAGE_BYTES, patience, wipeChunks = false, gone = lineClosed } = options;
    this.#stream = stream;
    this.#framing = framing;
    this.#patience = new Patience(patience);
    this.#gone = gone;
    this.#wipeChunks = wipeChunks;
    this.#decoder = new LinkDecoder((message) => this.#receive(message), maximum);
    stream.on("data", this.#onData);
    for (const event of ENDS) stream.on(event, this.#onGone);
    if (stream.destroyed) this.#onGone();
  }

  get counts(): LineCounts {
    return { ...this.#counts, broken: this.#decoder.broken + this.#unfit };
  }

  /** A sequence number that no outstanding request has; each is used again only after all others. */
  nextSequence(): number {
    if (this.#pending.size >= SEQUENCES) throw new RangeError("256 requests are outstanding already");
    do this.#sequence = (this.#sequence + 1) % SEQUENCES;
    while (this.#pending.has(this.#sequence));
    return this.#sequence;
  }

  /**
   * Asks until answered, always under one sequence number, so that a late response to an early try counts too. Resolves to undefined
   * when `ms` have passed without; rejects as `exchange` does.
   */
  async ask(request: Request, ms: number, signal?: AbortSignal): Promise<Body | undefined> {
    const sequence = this.nextSequence();
    const began = performance.now();
    for (let again = false; performance.now() - began < ms; again = true) {
      const outcome = await this.exchange(request, { sequence, again, signal });
      if (typeof outcome === "object") return outcome;
    }
    return undefined;
  }

  /**
   * Sends a request once. Resolves to the response's body, or says how it, or its response, was lost: the caller knows whether to ask
   * again, for less, or from where. Rejects with the signal's reason when aborted, and when the stream has closed.
   */
  exchange(
    request: Request,
    { sequence = this.nextSequence(), again = false, signal }: Try = {},
  ): Promise<Body | Loss> {
    if (this.#closed) return Promise.reject(this.#closed);
    if (signal?.aborted) return Promise.reject(signal.reason);
    const { operation, group, id, body } = request;
    const message = smpMessage({ operation, version: SMP_VERSION_2, group, id, sequence }, body);
    const line = frameMessage(message, this.#framing);
    message.fill(0); // it may hold pixels
    this.#counts.requests++;
    this.#counts.bytesOut += line.length;
    if (again) this.#counts.repeated++;
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#pending.delete(sequence);
        this.#arm();
        reject(signal?.reason);
      };
      const end =
        <T>(settle: (value: T) => void) =>
        (value: T) => {
          signal?.removeEventListener("abort", abort);
          settle(value);
        };
      const sentAt = performance.now();
      this.#pending.set(sequence, { request, sentAt, again, resolve: end(resolve), reject: end(reject) });
      signal?.addEventListener("abort", abort, { once: true });
      this.#stream.write(line);
      this.#arm();
    });
  }

  /** Ends all requests with `error`, and lets go of the stream. */
  close(error: Error): void {
    this.#stream.off("data", this.#onData);
    for (const event of ENDS) this.#stream.off(event, this.#onGone);
    this.#fail(error);
  }

  readonly #onData = (bytes: Uint8Array): void => {
    this.#counts.bytesIn += bytes.length;
    this.#byteAt = performance.now();
    this.#decoder.push(bytes);
    if (this.#wipeChunks) bytes.fill(0);
  };

  readonly #onGone = (cause?: unknown): void => this.#fail(this.#gone(cause));

  #fail(error: Error): void {
    this.#closed ??= error;
    this.#decoder.reset();
    clearTimeout(this.#timer);
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(this.#closed);
  }

  #receive(message: Buffer): void {
    const header = smpHeader(message);
    const pending = this.#pending.get(header.sequence);
    // Responses to requests given up for lost arrive late, others are not ours: neither is wanted.
    if (!pending || !answers(header, pending.request)) return;
    let body: Body;
    try {
      body = smpBody(message);
    } catch {
      this.#unfit++;
      return;
    }
    this.#heardAt = performance.now();
    this.#patience.heard(pending.again ? undefined : this.#heardAt - pending.sentAt);
    for (const [sequence, older] of this.#pending) {
      if (older === pending) break;
      this.#lose(sequence, older, "overtaken");
    }
    this.#pending.delete(header.sequence);
    this.#arm();
    pending.resolve(body);
  }

  #lose(sequence: number, pending: Pending, how: Loss): void {
    this.#pending.delete(sequence);
    this.#counts.lost++;
    pending.resolve(how);
  }

  /** Sets the timer for the oldest request. */
  #arm(): void {
    clearTimeout(this.#timer);
    const oldest = this.#pending.values().next().value;
    if (!oldest) return;
    const due = Math.max(oldest.sentAt, this.#heardAt) + this.#patience.ms - performance.now();
    // Node runs timers before it reads: after a busy stretch, what has arrived is looked at before anything is given up.
    this.#timer = setTimeout(() => setImmediate(() => this.#expire(oldest)), Math.max(1, due));
  }

  /** Nothing heard for a whole time-out: all that is outstanding is lost, and the next time-out is longer. */
  #expire(oldest: Pending): void {
    if (this.#pending.values().next().value !== oldest) return;
    const now = performance.now();
    if (now - Math.max(oldest.sentAt, this.#heardAt) < this.#patience.ms) return this.#arm();
    if (now - this.#byteAt > STILL_MS) this.#decoder.reset(); // the rest of a cut frame will not come
    this.#patience.unheard();
    for (const [sequence, pending] of [...this.#pending]) this.#lose(sequence, pending, "silence");
  }
}

/** What a stream says when it is of no more use. */
const ENDS = ["error", "end", "close"] as const;

function lineClosed(cause: unknown): Error {
  return new Error("the line closed", cause instanceof Error ? { cause } : {});
}

function answers(header: SmpHeader, request: Request): boolean {
  return header.operation === request.operation + 1 && header.group === request.group && header.id === request.id;
}
