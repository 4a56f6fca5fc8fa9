// The in-process board: the image in V8, over a simulated flash, node's crypto and a Duplex for the line. It does what a
// board's C port does, no more: whatever the reader does is in the image.
import { createHash } from "node:crypto";
import { EventEmitter } from "node:events";
import { instantiateSync } from "@assemblyscript/loader";
import type { Logger } from "pino";
import { EXIT, KanmonError } from "../errors.ts";
import type { Flash } from "./flash.ts";
import { boardImports } from "./imports.ts";
import type { DeviceKeys } from "./keys.ts";
import { LinkEnd } from "./link-end.ts";
import { fixedSlots, SLOT, type Slots } from "./slots.ts";

/** Bytes of the image's receive buffer (assembly/link/buffers.ts, INPUT_BYTES). */
const INPUT_BYTES = 4096;
/** How long the image may run before other work of this process gets its turn, and how often an idle image is polled. */
const TURN_MS = 8;
const IDLE_MS = 20;
/** Restarts by a trap, with nothing done in between, after which the board gives up. */
const TRAPS_MAX = 3;

const EXPORTS = ["memory", "start", "receive_buffer", "receive", "poll"];

/** Why an image was started: first or again; their places are the values of board_info. */
const REASONS = ["power", "reset", "trap"] as const;
export type BootReason = (typeof REASONS)[number];

/** The board's name in board_info. */
const NAME = "simulator";
/** What maximumMemory of asconfig.json allows. */
const LINEAR_BYTES = 16 * 65_536;

export interface BoardOptions {
  /** The bytes of kanmon.wasm. */
  readonly image: Uint8Array;
  readonly flash: Flash;
  readonly keys: DeviceKeys;
  readonly log?: Logger | undefined;
  /** A clock in microseconds, of any origin; the process's monotonic clock if left out. */
  readonly micros?: () => bigint;
  /** Where updates go; left out: the image cannot be updated. */
  readonly slots?: Slots;
}

interface BoardEvents {
  /** The image was started; `status` is what its `start` answered, 0 if all is well. */
  boot: [reason: BootReason, status: number];
  /** The power went: nothing runs until `reboot`. */
  off: [];
}

interface ImageExports extends Record<string, unknown> {
  memory: WebAssembly.Memory;
  start(journal: number, sector: number, unit: number): number;
  receive_buffer(): number;
  receive(length: number): number;
  poll(): number;
}

/** Starts a board. Throws `KAN-BOARD-IMAGE` if the bytes are not an image of ours. */
export function createBoard(options: BoardOptions): Board {
  return new Board(options);
}

export class Board extends EventEmitter<BoardEvents> {
  /** The host's end of the line; it stays the same through restarts. */
  readonly link: LinkEnd;
  readonly #module: WebAssembly.Module;
  readonly #digest: Uint8Array;
  readonly #flash: Flash;
  readonly #keys: DeviceKeys;
  readonly #log: Logger | undefined;
  readonly #clock: () => bigint;
  readonly #slots: Slots;
  readonly #idle: NodeJS.Timeout;
  #image: ImageExports | undefined;
  #began = 0n;
  #scheduled = false;
  #running = false;
  #resetting = false;
  #traps = 0;
  #trapped = 0;

  constructor({ image, flash, keys, log, micros, slots }: BoardOptions) {
    super();
    try {
      this.#module = new WebAssembly.Module(image as BufferSource);
      const exports = new Set(WebAssembly.Module.exports(this.#module).map(({ name }) => name));
      for (const name of EXPORTS) if (!exports.has(name)) throw new Error(`it exports no ${name}`);
    } catch (error) {
      throw imageError(error);
    }
    this.#digest = createHash("sha256").update(image).digest();
    this.#flash = flash;
    this.#keys = keys;
    this.#log = log?.child({ part: "board" });
    this.#clock = micros ?? (() => process.hrtime.bigint() / 1000n);
    this.#slots = slots ?? fixedSlots(image);
    this.link = new LinkEnd(() => this.#schedule());
    // The image's own deadlines need a poll now and then.
    this.#idle = setInterval(() => this.#schedule(), IDLE_MS).unref();
    this.#boot("power");
  }

  /** The image's linear memory, for tests that look for what must not be there; undefined while the power is off. */
  get memory(): Uint8Array | undefined {
    return this.#image && new Uint8Array(this.#image.memory.buffer);
  }

  /** Whether the image runs. */
  get powered(): boolean {
    return this.#image !== undefined;
  }

  /** Takes the power away: memory is lost, the line is silent. */
  powerCut(): void {
    if (!this.#image) return;
    this.#forget();
    this.emit("off");
    this.#schedule();
  }

  /** Starts the image anew, from the flash alone. */
  reboot(): void {
    this.powerCut();
    this.#traps = this.#trapped = 0;
    this.#boot("power");
  }

  /** Power off for good. Flash and keys stay the caller's to close. */
  close(): void {
    clearInterval(this.#idle);
    this.powerCut();
    this.link.destroy();
  }

  /** What was in memory is gone, here for good. */
  #forget(): void {
    if (this.#image) new Uint8Array(this.#image.memory.buffer).fill(0);
    this.#image = undefined;
  }

  /** The bytes of board_info (assembly/board.ts): engine 0; there is no runner of ours beneath, so its digest is zero. */
  #info(reason: BootReason): Uint8Array {
    const info = Buffer.alloc(80);
    info.writeUInt8(REASONS.indexOf(reason), 1);
    info.writeUInt8(Math.min(255, this.#trapped), 3);
    const running = [0, 1].find((slot) => ((this.#slots.info(slot)?.[0] ?? 0) & SLOT.running) !== 0);
    info.writeUInt8(running ?? 255, 4);
    info.writeUInt32LE(LINEAR_BYTES, 12);
    info.write(NAME, 16, "latin1");
    return info;
  }

  #boot(reason: BootReason): void {
    this.#resetting = false;
    this.#began = this.#clock();
    let image: ImageExports;
    try {
      const imports = boardImports({
        memory: () => this.#image?.memory,
        flash: this.#flash,
        keys: this.#keys,
        digest: this.#digest,
        info: this.#info(reason),
        slots: this.#slots,
        log: this.#log,
        transmit: (bytes) => this.link.deliver(bytes),
        micros: () => this.#clock() - this.#began,
        reset: () => {
          this.#resetting = true;
        },
      });
      image = instantiateSync(this.#module as never, { board: imports } as never).exports as never;
    } catch (error) {
      throw imageError(error);
    }
    this.#image = image;
    const { bytes, sector, unit } = this.#flash.geometry;
    const status = this.#guard(() => image.start(bytes, sector, unit));
    if (status === undefined) return;
    this.#log?.info({ reason, status }, "image started");
    this.emit("boot", reason, status);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#turn());
  }

  /** Gives the image what came and lets it work, for a while. */
  #turn(): void {
    this.#scheduled = false;
    const until = performance.now() + TURN_MS;
    let more = true;
    while (more && performance.now() < until) {
      const image = this.#image;
      if (!image) {
        // Nobody listens: what the host sends goes nowhere, as on a real line.
        while (this.link.waiting) this.link.receive(INPUT_BYTES);
        return;
      }
      const polled = this.#guard(() => {
        // While the host does not read, nothing new is taken: an answer would find no room.
        if (this.link.waiting && this.link.open) {
          const bytes = this.link.receive(INPUT_BYTES);
          new Uint8Array(image.memory.buffer, image.receive_buffer() >>> 0, bytes.length).set(bytes);
          image.receive(bytes.length);
        }
        return image.poll();
      });
      if (polled !== undefined) this.#traps = 0;
      if (this.#resetting) {
        this.#forget();
        this.#boot("reset");
      }
      more = (polled === 1 || this.link.waiting) && this.link.open;
    }
    if (more) this.#schedule();
  }

  /** Runs the image. A trap is reported and restarts it; undefined: it did not come to its end. */
  #guard(act: () => number): number | undefined {
    if (this.#running) throw new Error("the image was entered twice");
    this.#running = true;
    try {
      return act();
    } catch (error) {
      if ((error as Error).name === "PowerCut") {
        this.powerCut();
        return undefined;
      }
      this.#forget();
      this.#traps++;
      this.#trapped++;
      this.#log?.error({ trap: (error as Error).message, traps: this.#traps }, "the image trapped");
      if (this.#traps > TRAPS_MAX) {
        const help = "Report it with the image's digest; `--log-level debug` tells what went before.";
        this.link.destroy(new KanmonError("KAN-BOARD-TRAP", "the image trapped again and again", help, EXIT.device));
      } else {
        setImmediate(() => {
          if (!this.#image && !this.link.destroyed) this.#boot("trap");
        });
      }
      return undefined;
    } finally {
      this.#running = false;
    }
  }
}

function imageError(cause: unknown): KanmonError {
  return new KanmonError(
    "KAN-BOARD-IMAGE",
    "the file is not an image that this board can run",
    "Give a kanmon.wasm that `npm run build` made.",
    EXIT.input,
    { cause },
  );
}
