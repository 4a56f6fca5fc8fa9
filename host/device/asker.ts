// Asks one device: many reads at once, up to the window, writes one at a time with nothing else on the way, so that a write whose
// answer was lost can be asked again and the device knows it for the same.
import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import type { z } from "zod";
import {
  type Body,
  Channel,
  type ChannelOptions,
  type LineCounts,
  type Loss,
  type Request,
} from "../../link/channel.ts";
import { OP } from "../../link/link.ts";
import { Echo } from "./answers.ts";
import { answerError, closedError, type DeviceError, refusal, silentError } from "./errors.ts";
import { Turns } from "./turns.ts";

export interface AskerOptions extends Omit<ChannelOptions, "gone"> {
  /** The line's name in messages, such as the port's path. */
  readonly where?: string;
  /** Without any answer for so long, repeated requests included, the device counts as silent. Milliseconds. */
  readonly answer_ms?: number;
}

/** An image that works on a frame in an interpreter says nothing for seconds. */
const ANSWER_MS = 30_000;

export class Asker {
  readonly where: string;
  readonly answerMs: number;
  readonly #channel: Channel;
  readonly #turns = new Turns(1);
  #repeated = 0;

  constructor(stream: Duplex, { where = "the link", answer_ms = ANSWER_MS, ...options }: AskerOptions = {}) {
    this.where = where;
    this.answerMs = answer_ms;
    this.#channel = new Channel(stream, { ...options, gone: (cause) => closedError(where, cause) });
  }

  get counts(): LineCounts {
    const { counts } = this.#channel;
    return { ...counts, repeated: counts.repeated + this.#repeated };
  }

  /** Requests that may be on the way at once. */
  get window(): number {
    return this.#turns.count;
  }
  set window(count: number) {
    this.#turns.count = count;
  }

  /** Finds the device within `ms`: an echo that nobody else can have asked for, so that what was left on the line is answered before it. */
  async greet(ms = this.answerMs): Promise<void> {
    const word = randomBytes(8).toString("hex");
    const { r } = await this.ask("echo", { operation: OP.write, group: 0, id: 0, body: { d: word } }, Echo, ms);
    if (r !== word) throw answerError(this.where, "echo", "it is not what was sent");
  }

  /** Asks until answered, under one sequence number. Throws DeviceError. */
  ask<T extends object>(what: string, request: Request, schema: z.ZodType<T>, ms = this.answerMs): Promise<T> {
    return this.#turns.take(request.operation !== OP.read, async () => {
      const body = await this.#channel.ask(request, ms);
      if (!body) throw silentError(this.where, what, ms);
      return this.#check(what, body, schema);
    });
  }

  /** Gives `task` the line for itself; it asks with `once`. */
  alone<T>(task: () => Promise<T>): Promise<T> {
    return this.#turns.take(true, task);
  }

  /** Asks once, within `alone`. Resolves to how it was lost, if it or its answer was. */
  async once<T extends object>(what: string, request: Request, schema: z.ZodType<T>): Promise<T | Loss> {
    const outcome = await this.#channel.exchange(request);
    return typeof outcome === "object" ? this.#check(what, outcome, schema) : outcome;
  }

  /** Counts what `once` sends for the second time. */
  countRepeat(): void {
    this.#repeated++;
  }

  /** The error for a device that did not answer in time. */
  silence(what: string): DeviceError {
    return silentError(this.where, what, this.answerMs);
  }

  close(): void {
    this.#channel.close(closedError(this.where, undefined));
  }

  /** The answer's fields. Throws what the device refused with, or KAN-LINK-ANSWER. */
  #check<T extends object>(what: string, body: Body, schema: z.ZodType<T>): T {
    const refused = refusal(what, body);
    if (refused) throw refused;
    const checked = schema.safeParse(body);
    if (checked.success) return checked.data;
    const [issue] = checked.error.issues;
    throw answerError(this.where, what, `${issue?.path.join(".") || "the map"}: ${issue?.code ?? "not as expected"}`);
  }
}
