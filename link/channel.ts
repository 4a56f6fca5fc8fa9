// Requests and responses over one byte stream: sequence numbers, and the discovery of losses. The line keeps order and the peer
// answers in order, hence a response that overtakes an older request's proves that one lost, at once. Only when nothing follows a
// loss does a timer decide, from the measured round trip (RFC 6298), doubled while nothing is heard. What to do about a loss is the
// caller's: it knows whether to ask again, for less, or from where.
import type { Duplex } from "node:stream";
import { LinkDecoder } from "./decoder.ts";
import { type Framing, frameMessage, MESSAGE_BYTES } from "./encoder.ts";
import { type SmpHeader, smpBody, smpHeader, smpMessage } from "./smp.ts";

export type Body = Record<string, unknown>;

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
}

/** What the line did so far. */
export interface LineCounts {
  bytesOut: number;
  bytesIn: number;
  requests: number;
  /** Requests that were lost, or whose responses were. */
  lost: number;
  /** Frames that arrived damaged. */
  broken: number;
}

interface Pending {
  readonly request: Request;
  readonly sentAt: number;
  /** Sent before under the same number: its round trip says nothing (Karn's rule). */
  readonly again: boolean;
  readonly resolve: (outcome: Body | Loss) => void;
  readonly reject: (error: Error) => void;
}

const SMP_VERSION_2 = 1;
const SEQUENCES = 256;
const FIRST_MS = 500;
const LEAST_MS = 100;
const LONGEST_MS = 2000;

/** The asking end of a line. The stream stays the caller's to close. */
export class Channel {
  readonly #stream: Duplex;
  readonly #framing: Framing;
  readonly #decoder: LinkDecoder;
  /** By sequence number, in the order they were sent. */
  readonly #pending = new Map<number, Pending>();
  readonly #counts = { bytesOut: 0, bytesIn: 0, requests: 0, lost: 0 };
  // Where it starts is random, so that responses to a host that was here before are not taken for ours.
  #sequence = Math.floor(Math.random() * SEQUENCES);
  #timer: NodeJS.Timeout | undefined;
  #timeout = FIRST_MS;
  #silences = 0; // time-outs in a row
  #roundTrip = 0;
  #variation = 0;
  #heardAt = 0;
  #unfit = 0;
  #closed: Error | undefined;

  constructor(stream: Duplex, { framing = "cobs", maximum = MESSAGE_BYTES }: ChannelOptions = {}) {
    this.#stream = stream;
    this.#framing = framing;
    this.#decoder = new LinkDecoder((message) => this.#receive(message), maximum);
    stream.on("data", this.#onData);
    stream.on("error", this.#onGone);
    stream.on("end", this.#onGone);
    stream.on("close", this.#onGone);
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
   * Sends a request once. Resolves to the response's body, or says how it, or its response, was lost. Asked again under the same
   * number, a late response to the first try is taken too. Rejects when the stream has closed.
   */
  exchange(request: Request, sequence = this.nextSequence(), again = false): Promise<Body | Loss> {
    if (this.#closed) return Promise.reject(this.#closed);
    const { operation, group, id, body } = request;
    const message = smpMessage({ operation, version: SMP_VERSION_2, group, id, sequence }, body);
    const line = frameMessage(message, this.#framing);
    message.fill(0); // it may hold pixels
    this.#counts.requests++;
    this.#counts.bytesOut += line.length;
    return new Promise((resolve, reject) => {
      this.#pending.set(sequence, { request, sentAt: performance.now(), again, resolve, reject });
      this.#stream.write(line);
      this.#arm();
    });
  }

  /** Ends all requests with `error`. */
  close(error: Error): void {
    this.#stream.off("data", this.#onData);
    this.#fail(error);
  }

  readonly #onData = (bytes: Uint8Array): void => {
    this.#counts.bytesIn += bytes.length;
    this.#decoder.push(bytes);
  };

  readonly #onGone = (cause?: Error | null): void => {
    this.#fail(new Error("the line closed", cause ? { cause } : {}));
  };

  #fail(error: Error): void {
    this.#closed ??= error;
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
    this.#silences = 0;
    if (!pending.again) this.#measure(this.#heardAt - pending.sentAt);
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

  #measure(sample: number): void {
    if (this.#roundTrip === 0) {
      this.#roundTrip = sample;
      this.#variation = sample / 2;
    } else {
      this.#variation += 0.25 * (Math.abs(this.#roundTrip - sample) - this.#variation);
      this.#roundTrip += 0.125 * (sample - this.#roundTrip);
    }
    this.#timeout = Math.min(LONGEST_MS, Math.max(LEAST_MS, this.#roundTrip + 4 * this.#variation));
  }

  /** How long silence is borne: the time-out, doubled with each that went by unheard. */
  #patience(): number {
    return Math.min(LONGEST_MS, this.#timeout * 2 ** this.#silences);
  }

  /** Sets the timer for the oldest request. */
  #arm(): void {
    clearTimeout(this.#timer);
    const oldest = this.#pending.values().next().value;
    if (!oldest) return;
    const due = Math.max(oldest.sentAt, this.#heardAt) + this.#patience() - performance.now();
    // Node runs timers before it reads: after a busy stretch, what has arrived is looked at before anything is given up.
    this.#timer = setTimeout(() => setImmediate(() => this.#expire(oldest)), Math.max(1, due));
  }

  /** Nothing heard for a whole time-out: all that is outstanding is lost, and the next time-out is longer. */
  #expire(oldest: Pending): void {
    if (this.#pending.values().next().value !== oldest) return;
    if (performance.now() - Math.max(oldest.sentAt, this.#heardAt) < this.#patience()) return this.#arm();
    this.#silences++;
    for (const [sequence, pending] of [...this.#pending]) this.#lose(sequence, pending, "silence");
  }
}

function answers(header: SmpHeader, request: Request): boolean {
  return header.operation === request.operation + 1 && header.group === request.group && header.id === request.id;
}
