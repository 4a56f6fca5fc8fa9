// Asks one sensor module over the link's channel: the protocol's commands by name, the module's refusals as errors.
import type { Duplex } from "node:stream";
import { Channel, type ChannelOptions, type Request } from "../../link/channel.ts";
import type { PatienceBounds } from "../../link/patience.ts";
import { SensorError } from "../errors.ts";
import { type Body, COMMAND, type CommandName, OPERATION, refusalName, SENSOR_GROUP } from "./messages.ts";

export interface AskerOptions extends Pick<ChannelOptions, "wipeChunks"> {
  /** A request without any answer for so long has failed, milliseconds. */
  readonly answer_ms?: number;
}

const ANSWER_MS = 2000;

/** A module answers within 100 ms. Doubling stops early, so that a bad line gets about ten tries before `answer_ms` is over. */
const PATIENCE: PatienceBounds = { first: 100, least: 50, most: 1000, doubled: 200 };

/** The driver's end of a line to a module. */
export class Asker {
  /** The line's name for messages. */
  readonly where: string;
  readonly answerMs: number;
  readonly #channel: Channel;

  /** @param where the line's name for messages, such as the port's path. */
  constructor(stream: Duplex, where: string, { answer_ms = ANSWER_MS, wipeChunks = false }: AskerOptions = {}) {
    this.where = where;
    this.answerMs = answer_ms;
    this.#channel = new Channel(stream, {
      patience: PATIENCE,
      wipeChunks,
      gone: (cause) => new SensorError("KAN-SENSOR-UNPLUGGED", `the line to the sensor (${where}) broke`, { cause }),
    });
  }

  /** What the line did to us so far. */
  get line(): { corrupt_messages: number; repeated_requests: number } {
    const { broken, lost } = this.#channel.counts;
    return { corrupt_messages: broken, repeated_requests: lost };
  }

  /** Asks until answered; raises NO-ANSWER after `answer_ms`, REFUSED when the module refuses, the signal's reason when aborted. */
  async request(command: CommandName, body: Body = {}, signal?: AbortSignal): Promise<Body> {
    const answer = await this.#channel.ask(request(command, body), this.answerMs, signal);
    if (answer === undefined) throw this.silence(command);
    return this.#granted(command, answer);
  }

  /** Asks once. Resolves to undefined when the request or its answer was lost: then ask again, perhaps for less. */
  async exchange(command: CommandName, body: Body, signal?: AbortSignal): Promise<Body | undefined> {
    const outcome = await this.#channel.exchange(request(command, body), { signal });
    return typeof outcome === "object" ? this.#granted(command, outcome) : undefined;
  }

  /** The error for a module that did not answer in time. */
  silence(command: CommandName): SensorError {
    const { corrupt_messages: corrupt } = this.line;
    const noise = corrupt > 0 ? ` (${corrupt} damaged messages so far)` : "";
    return new SensorError(
      "KAN-SENSOR-NO-ANSWER",
      `the sensor on ${this.where} did not answer '${command}' within ${this.answerMs} ms${noise}`,
    );
  }

  /** Ends all requests; the stream is the caller's to close. */
  close(): void {
    this.#channel.close(new SensorError("KAN-SENSOR-CLOSED", `the sensor on ${this.where} was closed`));
  }

  /** The answer, unless it is a refusal. */
  #granted(command: CommandName, body: Body): Body {
    const { err, rc } = body as { err?: { group?: unknown; rc?: unknown }; rc?: unknown };
    const code = err?.rc ?? rc;
    if (code === undefined || code === 0) return body;
    const reason =
      typeof code === "number" && err?.group === SENSOR_GROUP
        ? `${refusalName(code)} (${code})`
        : "an error outside its own group";
    throw new RefusedError(
      `the sensor on ${this.where} refused '${command}': ${reason}`,
      typeof code === "number" ? code : 0,
    );
  }
}

/** A request the module understood and refused; `rc` as in docs/sensor-protocol.md. */
export class RefusedError extends SensorError {
  readonly rc: number;

  constructor(message: string, rc: number) {
    super("KAN-SENSOR-REFUSED", message);
    this.rc = rc;
  }
}

function request(command: CommandName, body: Body): Request {
  return { operation: OPERATION[command], group: SENSOR_GROUP, id: COMMAND[command], body };
}
