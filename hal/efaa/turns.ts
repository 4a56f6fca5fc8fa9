// Commands in their right order on one module: nothing that changes or decides goes out before the module has said that it stands by. Its
// answers come in order, so whatever was still on the way from before has then passed: no late or doubled reply decides a new question.
import type { FlowOptions } from "../on-module.ts";
import { ModuleError } from "./errors.ts";
import type { EfaaLine } from "./line.ts";
import { type CommandName, type Reply, refusal, STATUS } from "./messages.ts";

/** A module that cannot be stopped ends a flow by its own time-out: 10 s unless told otherwise, then it says so. */
const SETTLE_MS = 12_000;
const LOOK_MS = 500;

export class EfaaTurns {
  readonly #line: EfaaLine;

  constructor(line: EfaaLine) {
    this.#line = line;
  }

  /** Waits until the module stands by; stops what it may be doing for a host that went away. */
  async standby(signal?: AbortSignal): Promise<void> {
    for (let waited = 0; ; waited += LOOK_MS) {
      const reply = await this.#line.ask("status", { signal });
      this.require("status", reply);
      const [status] = reply.body;
      if (status === undefined)
        throw new ModuleError("KAN-MODULE-ANSWER", `the module on ${this.#line.where} gave a status without a state`);
      if (status === STATUS.standby) return;
      if (status !== STATUS.busy)
        throw new ModuleError(
          "KAN-MODULE-STATE",
          `the module on ${this.#line.where} is in a state of error (${status})`,
        );
      if (waited >= SETTLE_MS) throw new ModuleError("KAN-MODULE-BUSY", `the module on ${this.#line.where} stays busy`);
      if (waited === 0) await this.#stop();
      await this.#line.rest(LOOK_MS);
    }
  }

  /** A command that waits for a person. However it ends without a reply, the module is told to stop. */
  async flow(
    name: CommandName,
    data: Uint8Array,
    wait_s: number,
    options: FlowOptions,
    no: readonly number[],
  ): Promise<Reply> {
    const { signal, onHint } = options;
    let reply: Reply;
    try {
      reply = await this.#line.ask(name, { data, wait_ms: wait_s * 1000, signal, onHint });
    } catch (error) {
      await this.#stop();
      // Some lines are found broken only when something is sent.
      throw error instanceof ModuleError ? (this.#line.gone ?? error) : error;
    } finally {
      data.fill(0);
    }
    if (!no.includes(reply.result)) this.require(name, reply);
    return reply;
  }

  /** Best effort: a module that cannot be stopped is waited for by the next `#standby`. */
  async #stop(): Promise<void> {
    await this.#line.ask("reset").then(
      () => this.#line.rest(this.#line.graceMs),
      () => undefined,
    );
  }

  async done(name: CommandName, data?: Uint8Array): Promise<Reply> {
    const reply = await this.#line.ask(name, data ? { data } : {});
    this.require(name, reply);
    return reply;
  }

  require(name: CommandName, reply: Reply): void {
    if (reply.result !== 0) throw refusal(name, reply.result, this.#line.where);
  }
}
