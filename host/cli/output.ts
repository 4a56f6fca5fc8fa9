// What a verb prints: one answer on stdout (text, or one JSON document with --json); progress, notes and errors on stderr.
import { MultiBar, SingleBar } from "cli-progress";
import { EXIT, type Exit, isReported } from "../errors.ts";

/** A progress bar on a terminal, and nothing elsewhere. */
export interface Progress {
  update(done: number, note?: string): void;
  stop(): void;
}

/** Several progress bars, one below the other. */
export interface Bars {
  add(title: string, total: number): Pick<Progress, "update">;
  stop(): void;
}

/** Where verbs report. */
export interface Output {
  /** True with `--json`. */
  json: boolean;
  /** The verb's answer: `value` as JSON with --json, else `text`. `exit` is EXIT.no where the answer is no. */
  answer(value: unknown, text: string, exit?: Exit): void;
  /** One of many answers, as they come: a line of JSON with --json, else `text`. */
  event(value: unknown, text: string): void;
  /** A line for people about what is going on (stderr). */
  note(text: string): void;
  /** Shows progress of `total` steps of what `title` names. */
  progress(title: string, total: number): Progress;
  /** Shows the progress of several at once. */
  bars(): Bars;
  /** Reports an error, with --json as one line, and sets the exit code. */
  fail(error: unknown): void;
}

/** Standard streams as an Output. */
export function createOutput(stdout = process.stdout, stderr = process.stderr): Output {
  // A reader of our output that has seen enough (`| head`) is no error.
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
  return {
    json: false,
    answer(value, text, exit = EXIT.done) {
      stdout.write(this.json ? `${JSON.stringify(value, null, 2)}\n` : `${text}\n`);
      process.exitCode = exit;
    },
    event(value, text) {
      stdout.write(`${this.json ? JSON.stringify(value) : text}\n`);
    },
    note(text) {
      stderr.write(`${text}\n`);
    },
    progress(title, total) {
      if (!stderr.isTTY) return { update() {}, stop() {} };
      const bar = new SingleBar({
        stream: stderr,
        format: `${title} {bar} {percentage}% {value}/{total} {eta_formatted} {note}`,
        barCompleteChar: "█",
        barIncompleteChar: "░",
        hideCursor: true,
        clearOnComplete: true,
      });
      bar.start(total, 0, { note: "" });
      return { update: (done, note = "") => bar.update(done, { note }), stop: () => bar.stop() };
    },
    bars() {
      if (!stderr.isTTY) return { add: () => ({ update() {} }), stop() {} };
      const bars = new MultiBar({
        stream: stderr,
        format: "{title} {bar} {percentage}% {value}/{total} {note}",
        barCompleteChar: "█",
        barIncompleteChar: "░",
        hideCursor: true,
        clearOnComplete: false,
      });
      return {
        add(title, total) {
          const bar = bars.create(total, 0, { title, note: "" });
          return { update: (done, note = "") => bar.update(done, { note }) };
        },
        stop: () => bars.stop(),
      };
    },
    fail(error) {
      if (isReported(error)) {
        const { code, message, help, exit } = error;
        if (this.json) stdout.write(`${JSON.stringify({ error: { code, message, help } })}\n`);
        else stderr.write(`error: ${message}\n  ${help}\n  ${code} (docs/errors.md)\n`);
        process.exitCode = exit;
        return;
      }
      // A defect of ours: the message and stack name code and counts only, so they may be shown.
      stderr.write(`unexpected error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      const message = error instanceof Error ? error.message : String(error);
      const help = "This is a defect of kanmon: report it, with what stands on stderr.";
      if (this.json) stdout.write(`${JSON.stringify({ error: { code: "KAN-DEFECT", message, help } })}\n`);
      process.exitCode = EXIT.device;
    },
  };
}
