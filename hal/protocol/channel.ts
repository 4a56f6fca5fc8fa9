// Requests and responses over one byte stream. The line is in order and so is the module, hence a response that overtakes an older
// request's proves that one lost (its request or its response was damaged): it is asked again at once. Only when nothing follows a
// loss does a timer decide, from the measured round trip (RFC 6298).
import type { Duplex } from "node:stream";
import { SensorError } from "../errors.ts";
import { type Body, COMMAND, type CommandName, OPERATION, refusalName, SENSOR_GROUP } from "./messages.ts";
import { encodeMessage, MessageReader, type SmpMessage } from "./wire.ts";

export interface ChannelOptions {
  /** A request without any answer for so long has failed, milliseconds. */
  readonly answer_ms?: number;
}

/** What came of one try of a request: the answer, or undefined if it was lost on the way. */
export type Outcome = Body | undefined;

interface Pending {
  readonly sequence: number;
  readonly command: CommandName;
  readonly sentAt: number;
  readonly settle: (outcome: Outcome) => void;
  readonly fail: (error: unknown) => void;
}

const ANSWER_MS = 2000;
const RTO_FIRST_MS = 100;
const RTO_MIN_MS = 50;
const RTO_MAX_MS = 1000;
/** Waiting longer with each loss stops here, so that a bad line gets about ten tries before `answer_ms` is over. */
const BACKOFF_MS = 200;
const SEQUENCES = 256;

/** The driver's end of a line to a module. */
export class Channel {
  readonly #stream: Duplex;
  readonly #where: string;
  readonly #reader: MessageReader;
  readonly #answerMs: number;
  /** In the order they were sent, oldest first. */
  readonly #pending = new Map<number, Pending>();
  #sequence = 0;
  #timer: NodeJS.Timeout | undefined;
  #roundTrip = 0;
  #variation = 0;
  #timeout = RTO_FIRST_MS;
  #heardAt = 0;
  #broken: SensorError | undefined;
  #repeated = 0;

  /** @param where the line's name for messages, such as the port's path. */
  constructor(stream: Duplex, where: string, options: ChannelOptions = {}) {
    this.#stream = stream;
    this.#where = where;
    this.#answerMs = options.answer_ms ?? ANSWER_MS;
    this.#reader = new MessageReader((message) => this.#receive(message));
    stream.on("data", (bytes: Uint8Array) => {
      this.#reader.push(bytes);
      bytes.fill(0);
    });
    const gone = (cause?: Error | null) =>
      this.#break(new SensorError("KAN-SENSOR-UNPLUGGED", `the line to the sensor (${where}) broke`, { cause }));
    stream.on("error", gone);
    stream.on("end", gone);
    stream.on("close", gone);
  }

  /** The line's name for messages. */
  get where(): string {
    return this.#where;
  }

  /** What the line did to us so far. */
  get line(): { corrupt_messages: number; repeated_requests: number } {
    return { corrupt_messages: this.#reader.corrupt, repeated_requests: this.#repeated };
  }

  /** Asks until answered; raises NO-ANSWER after `answer_ms`, REFUSED when the module refuses, the signal's reason when aborted. */
  async request(command: CommandName, body: Body = {}, signal?: AbortSignal): Promise<Body> {
    const start = performance.now();
    for (;;) {
      const outcome = await this.exchange(command, body, signal);
      if (outcome !== undefined) return outcome;
      if (performance.now() - start >= this.#answerMs) throw this.silence(command);
    }
  }

  /** The error for a module that did not answer in time. */
  silence(command: CommandName): SensorError {
    const noise = this.#reader.corrupt > 0 ? ` (${this.#reader.corrupt} damaged messages so far)` : "";
    return new SensorError(
      "KAN-SENSOR-NO-ANSWER",
      `the sensor on ${this.#where} did not answer '${command}' within ${this.#answerMs} ms${noise}`,
    );
  }

  get answerMs(): number {
    return this.#answerMs;
  }

  /** Asks once. Resolves to undefined when the request or its answer was lost: then ask again, perhaps for less. */
  exchange(command: CommandName, body: Body, signal?: AbortSignal): Promise<Outcome> {
    if (this.#broken) return Promise.reject(this.#broken);
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise<Outcome>((resolve, reject) => {
      const sequence = this.#freeSequence();
      const abort = () => {
        this.#pending.delete(sequence);
        this.#arm();
        reject(signal?.reason);
      };
      const done = () => signal?.removeEventListener("abort", abort);
      this.#pending.set(sequence, {
        sequence,
        command,
        sentAt: performance.now(),
        settle: (outcome) => {
          done();
          if (outcome === undefined) this.#repeated++;
          resolve(outcome);
        },
        fail: (error) => {
          done();
          reject(error);
        },
      });
      signal?.addEventListener("abort", abort, { once: true });
      this.#stream.write(
        encodeMessage({
          operation: OPERATION[command],
          group: SENSOR_GROUP,
          sequence,
          command: COMMAND[command],
          body,
        }),
      );
      this.#arm();
    });
  }

  /** Ends all requests; the stream is the caller's to close. */
  close(): void {
    this.#break(new SensorError("KAN-SENSOR-CLOSED", `the sensor on ${this.#where} was closed`));
  }

  #freeSequence(): number {
    if (this.#pending.size >= SEQUENCES) throw new RangeError("more than 256 requests at once");
    do this.#sequence = (this.#sequence + 1) % SEQUENCES;
    while (this.#pending.has(this.#sequence));
    return this.#sequence;
  }

  #receive(message: SmpMessage): void {
    const pending = this.#pending.get(message.sequence);
    // Answers to requests given up for lost arrive late, others are not ours: neither is wanted.
    if (!pending || !answers(message, pending.command)) return discard(message.body);
    this.#heardAt = performance.now();
    this.#measure(this.#heardAt - pending.sentAt);
    for (const older of [...this.#pending.values()]) {
      if (older === pending) break;
      this.#pending.delete(older.sequence);
      older.settle(undefined);
    }
    this.#pending.delete(pending.sequence);
    this.#arm();
    const refused = this.#refusal(pending.command, message.body);
    if (refused) pending.fail(refused);
    else pending.settle(message.body);
  }

  #refusal(command: CommandName, body: Body): SensorError | undefined {
    const { err, rc } = body as { err?: { group?: unknown; rc?: unknown }; rc?: unknown };
    const code = err?.group === SENSOR_GROUP ? err.rc : (err?.rc ?? rc);
    if (code === undefined || code === 0) return undefined;
    const reason =
      typeof code === "number" && err?.group === SENSOR_GROUP
        ? `${refusalName(code)} (${code})`
        : "an error outside its own group";
    return new RefusedError(
      `the sensor on ${this.#where} refused '${command}': ${reason}`,
      typeof code === "number" ? code : 0,
    );
  }

  #measure(sample: number): void {
    if (this.#roundTrip === 0) {
      this.#roundTrip = sample;
      this.#variation = sample / 2;
    } else {
      this.#variation += 0.25 * (Math.abs(this.#roundTrip - sample) - this.#variation);
      this.#roundTrip += 0.125 * (sample - this.#roundTrip);
    }
    this.#timeout = Math.min(RTO_MAX_MS, Math.max(RTO_MIN_MS, this.#roundTrip + 4 * this.#variation));
  }

  /** Sets the timer for the oldest request. */
  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const oldest = this.#pending.values().next().value;
    if (!oldest) return;
    const due = Math.max(oldest.sentAt, this.#heardAt) + this.#timeout - performance.now();
    // Node runs timers before it reads: after a busy stretch, look at what has arrived before giving anything up for lost.
    this.#timer = setTimeout(() => setImmediate(() => this.#expire(oldest)), Math.max(1, due));
  }

  #expire(oldest: Pending): void {
    if (this.#pending.get(oldest.sequence) !== oldest) return;
    if (performance.now() - Math.max(oldest.sentAt, this.#heardAt) < this.#timeout) return this.#arm();
    // Nothing heard for a whole time-out: all that is outstanding is lost. Wait longer next time.
    this.#timeout = Math.max(this.#timeout, Math.min(BACKOFF_MS, 2 * this.#timeout));
    const lost = [...this.#pending.values()];
    this.#pending.clear();
    for (const pending of lost) pending.settle(undefined);
    this.#arm();
  }

  #break(error: SensorError): void {
    this.#broken ??= error;
    clearTimeout(this.#timer);
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const p of pending) p.fail(this.#broken);
  }
}

function answers(message: SmpMessage, command: CommandName): boolean {
  const { group, command: id, operation } = message;
  return group === SENSOR_GROUP && id === COMMAND[command] && operation === OPERATION[command] + 1;
}

/** Zeroes the pixels of an answer that nobody waits for any more. */
function discard(body: Body): void {
  for (const value of Object.values(body)) if (value instanceof Uint8Array) value.fill(0);
}

/** A request the module understood and refused; `rc` as in docs/sensor-protocol.md. */
export class RefusedError extends SensorError {
  readonly rc: number;

  constructor(message: string, rc: number) {
    super("KAN-SENSOR-REFUSED", message);
    this.rc = rc;
  }
}
