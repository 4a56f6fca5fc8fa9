// An emulated board: the firmware as a Linux program (native_sim) or in QEMU, its flash in a file, its UART a pseudo terminal. It ends with
// this process, however that ends.
import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { EXIT, KanmonError } from "../errors.ts";
import type { Board } from "../firmware/board.ts";
import { needProgram } from "../firmware/compiler.ts";
import { prepareState } from "../folder.ts";
import { takeLock } from "../simulator/lock.ts";
import { prepareFlash } from "./flash-file.ts";

/** How long an emulator may take to say where its line is. */
const START_MS = 15_000;
/** Lines of the emulator's output that are kept for errors. */
const LINES_KEPT = 20;

export interface EmulatorOptions {
  readonly board: Board;
  /** The firmware (kanmon build). */
  readonly elf: string;
  /** Where the flash is kept; made, blank, when there is none. */
  readonly folder: string;
}

interface EmulatorEvents {
  /** A line that the firmware or the emulator printed: port_trace, mostly. */
  trace: [line: string];
  /** The emulator ended, and nobody had asked it to. */
  died: [error: KanmonError];
}

/** Starts a board. Throws KAN-EMULATOR-NONE, KAN-TOOL-MISSING, KAN-STATE-LOCKED, KAN-EMULATOR-FLASH, KAN-EMULATOR-START. */
export async function startBoard(options: EmulatorOptions): Promise<EmulatedBoard> {
  const { board, folder } = options;
  const { emulator } = board;
  if (!emulator)
    throw new KanmonError(
      "KAN-EMULATOR-NONE",
      `board ${board.name} has no emulator`,
      "Name a board that has one: `kanmon boards` says which.",
      EXIT.usage,
    );
  const at = { elf: options.elf, flash: join(folder, "flash.bin") };
  const fill = (text: string): string => text.replace(/\{(elf|flash)\}/g, (_, name: keyof typeof at) => at[name]);
  const command = needProgram(fill(emulator.command), `board ${board.name} is emulated with it`);
  prepareState(folder);
  const release = takeLock(join(folder, "lock"));
  const emulated = new EmulatedBoard([command, ...emulator.args.map(fill)], board.name, release);
  try {
    prepareFlash(at.flash, board);
    await emulated.start();
    return emulated;
  } catch (error) {
    await emulated.close();
    throw error;
  }
}

export class EmulatedBoard extends EventEmitter<EmulatorEvents> {
  /** The last lines that were printed. */
  readonly lines: string[] = [];
  readonly #command: readonly string[];
  readonly #name: string;
  readonly #release: () => void;
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();
  #path = "";

  constructor(command: readonly string[], name: string, release: () => void) {
    super();
    this.#command = command;
    this.#name = name;
    this.#release = release;
  }

  /** The board's end of the line, for serialport. It may be another one after `start`. */
  get path(): string {
    return this.#path;
  }

  /** Process id of the emulator; undefined while the power is off. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Power on. Throws KAN-EMULATOR-START. */
  async start(): Promise<void> {
    this.lines.length = 0;
    // An emulator does not notice that this process has died, so a watcher waits for the end of standard input and kills it.
    const script = 'exec 3<&0; (read -r _ <&3; kill -9 $$) >/dev/null 2>&1 & exec "$@" 3<&- </dev/null';
    const child = spawn("sh", ["-c", script, "sh", ...this.#command], { stdio: ["pipe", "pipe", "pipe"] });
    this.#child = child;
    child.stdin?.on("error", () => undefined);
    child.once("exit", () => child.stdin?.end()); // the watcher's end too
    this.#ended = new Promise((resolve) =>
      child.once("close", () => {
        if (this.#child === child) {
          this.#child = undefined;
          this.emit("died", this.#startError("ended by itself"));
        }
        resolve();
      }),
    );
    this.#path = await this.#readPath(child);
  }

  /** Power off in the middle of whatever it does: what is in flash stays. */
  async cut(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    child?.kill("SIGKILL");
    await this.#ended;
  }

  /** Power off for good, and the folder given back. */
  async close(): Promise<void> {
    await this.cut();
    this.#release();
  }

  /** Waits for the path of the line in what the emulator prints, and takes care of whatever else it prints. */
  #readPath(child: ChildProcess): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (why: string) => reject(this.#startError(why));
      const timer = setTimeout(() => fail(`said no serial line within ${START_MS / 1000} s`), START_MS);
      child.once("error", (error) => fail(`could not be started: ${error.message}`));
      child.once("close", (status, signal) => {
        clearTimeout(timer);
        fail(`ended with ${signal ?? `status ${status}`}`);
      });
      const onLine = (line: string): void => {
        const path = /\/dev\/pts\/\d+/.exec(line)?.[0];
        if (path) {
          clearTimeout(timer);
          resolve(path); // the first counts
        }
        this.lines.push(line);
        if (this.lines.length > LINES_KEPT) this.lines.shift();
        this.emit("trace", line);
      };
      for (const output of [child.stdout, child.stderr])
        if (output) createInterface({ input: output }).on("line", onLine);
    });
  }

  #startError(why: string): KanmonError {
    const said = this.lines.length > 0 ? `:\n${this.lines.join("\n")}` : "";
    return new KanmonError(
      "KAN-EMULATOR-START",
      `the emulated board ${this.#name} ${why}${said}`,
      "What it printed says why; `kanmon boards` says what it needs.",
      EXIT.device,
    );
  }
}
