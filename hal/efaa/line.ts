// The host's end of the line to one module: a command goes out, its reply comes in, notes come in between. One command is outstanding at a
// time; what a module says of another command is not listened to.
import type { Duplex } from "node:stream";
import { encodeFrame, FrameDecoder } from "./codec.ts";
import type { Dialect, Timing } from "./dialects.ts";
import { ModuleError } from "./errors.ts";
import { COMMAND, type CommandName, KIND, NOTE, type Reply, readHint, readReply } from "./messages.ts";

/** A pause within a frame ends it (E: 100 ms; a byte takes 87 µs). */
const SILENCE_MS = 100;
/** How long a module that says it is ready may still answer what it was doing (E). */
const GRACE_MS = 500;
/** How often a command is asked that may be. */
const TRIES = 3;

export interface AskOptions {
  readonly data?: Uint8Array;
  /** The time-out handed to the module, added to the command's own. */
  readonly wait_ms?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onHint?: ((hint: string) => void) | undefined;
}

type Outcome = Reply | "lost" | "restarted";

interface Pending {
  readonly command: number;
  readonly onHint: ((hint: string) => void) | undefined;
  settle(outcome: Outcome): void;
  fail(error: unknown): void;
}

export class EfaaLine {
  /** Replies nobody waited for, and commands asked again. */
  readonly counts = { stray: 0, repeated: 0 };
  readonly where: string;
  readonly #stream: Duplex;
  readonly #dialect: Dialect;
  readonly #decoder: FrameDecoder;
  readonly #pace: number;
  #silence: NodeJS.Timeout | undefined;
  #heard = 0; // chunks
  #pending: Pending | undefined;
  #gone: ModuleError | undefined;

  /** @param where the line's name for messages. @param pace shortens all waiting, for tests; 1 is as documented. */
  constructor(stream: Duplex, where: string, dialect: Dialect, pace = 1) {
    this.#stream = stream;
    this.#dialect = dialect;
    this.#pace = pace;
    this.where = where;
    this.#decoder = new FrameDecoder(
      (kind, data) => this.#take(kind, data),
      (kind) => kind === KIND.reply || kind === KIND.note,
    );
    stream.on("data", this.#hear);
    stream.on("error", (cause: Error) => this.#lose(cause));
    for (const event of ["close", "end"]) stream.on(event, () => this.#lose());
  }

  get broken(): number {
    return this.#decoder.broken;
  }

  /**
   * Asks until answered, as often as the command may be asked. Raises NO-ANSWER, RESTARTED, UNPLUGGED, CLOSED; the signal's reason.
   * `repeated`: it was asked more than once, so it may have been done before.
   */
  async ask(name: CommandName, options: AskOptions = {}): Promise<Reply & { readonly repeated: boolean }> {
    const timing = this.#dialect.commands[name];
    if (!timing)
      throw new ModuleError("KAN-MODULE-INPUT", `modules of ${this.#dialect.vendor} have no command '${name}'`);
    let outcome: Outcome = "lost";
    for (let tries = 0; tries < (timing.repeat ? TRIES : 1); tries++) {
      if (tries > 0) this.counts.repeated++;
      outcome = await this.#exchange(COMMAND[name], timing, options);
      if (typeof outcome === "object") return { ...outcome, repeated: tries > 0 };
    }
    throw outcome === "restarted"
      ? new ModuleError("KAN-MODULE-RESTARTED", `the module on ${this.where} restarted during '${name}'`)
      : this.#silent(name, timing);
  }

  /** Why nothing can be asked any more, if so. */
  get gone(): ModuleError | undefined {
    return this.#gone;
  }

  /** Waits so long, as the line's pace has it. */
  rest(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms * this.#pace));
  }

  get graceMs(): number {
    return GRACE_MS;
  }

  /** Ends what is outstanding; the stream is the caller's to close. */
  close(): void {
    this.#end(new ModuleError("KAN-MODULE-CLOSED", `the module on ${this.where} was closed`));
    this.#stream.off("data", this.#hear);
  }

  #exchange(command: number, timing: Timing, options: AskOptions): Promise<Outcome> {
    const { data = new Uint8Array(0), wait_ms = 0, signal, onHint } = options;
    return new Promise((resolve, reject) => {
      if (this.#gone) return reject(this.#gone);
      if (signal?.aborted) return reject(signal.reason);
      const abort = (): void => this.#pending?.fail(signal?.reason);
      const lost = setTimeout(() => this.#pending?.settle("lost"), (wait_ms + timing.reply_ms) * this.#pace);
      const end = (): void => {
        clearTimeout(lost);
        signal?.removeEventListener("abort", abort);
        this.#pending = undefined;
      };
      this.#pending = {
        command,
        onHint,
        settle: (outcome) => {
          end();
          resolve(outcome);
        },
        fail: (error) => {
          end();
          reject(error);
        },
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#stream.write(encodeFrame(command, data));
    });
  }

  readonly #hear = (bytes: Buffer): void => {
    this.#decoder.push(bytes);
    bytes.fill(0);
    this.#heard++;
    this.#silence ??= setTimeout(() => this.#fallSilent(), SILENCE_MS).unref();
    this.#silence.refresh();
  };

  /** It may be this process that paused, and not the line: what has arrived meanwhile is read first. */
  #fallSilent(): void {
    const heard = this.#heard;
    setImmediate(() => this.#heard === heard && this.#decoder.flush());
  }

  #take(kind: number, data: Uint8Array): void {
    if (kind === KIND.note) return this.#note(data);
    const reply = readReply(data);
    if (reply && reply.command === this.#pending?.command) return this.#pending.settle(reply);
    reply?.body.fill(0);
    this.counts.stray++;
  }

  #note(data: Uint8Array): void {
    const pending = this.#pending;
    if (!pending) return;
    // What was asked before a restart is not answered after it, except for what was on its way.
    if (data[0] === NOTE.ready)
      setTimeout(() => this.#pending === pending && pending.settle("restarted"), GRACE_MS * this.#pace).unref();
    const hint = readHint(data);
    if (hint !== undefined) pending.onHint?.(hint);
  }

  #silent(name: CommandName, timing: Timing): ModuleError {
    const noise = this.broken > 0 ? ` (${this.broken} damaged frames so far)` : "";
    const help = timing.unconfirmed
      ? "No public source says that this family has the command; its modules may not know it (docs/efaa.md)."
      : name === "enroll"
        ? "Whoever was presented may be enrolled all the same: list before enrolling again."
        : undefined;
    return new ModuleError(
      "KAN-MODULE-NO-ANSWER",
      `the module on ${this.where} did not answer '${name}' in time${noise}`,
      help,
    );
  }

  #lose(cause?: Error): void {
    this.#end(
      new ModuleError("KAN-MODULE-UNPLUGGED", `the line to the module (${this.where}) broke`, undefined, { cause }),
    );
  }

  #end(error: ModuleError): void {
    this.#gone ??= error;
    clearTimeout(this.#silence);
    this.#decoder.reset();
    this.#pending?.fail(this.#gone);
  }
}
