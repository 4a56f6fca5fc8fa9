// The journal alone (assembly/__tests__/store-harness.ts), over any simulated flash: the same code as in the image, with
// its statuses as they are. Compiled once for a test run.
import { instantiateSync } from "@assemblyscript/loader";
import asc from "assemblyscript/asc";
import type { Flash } from "../host/simulator/flash.ts";

export const KIND = {
  template: 1,
  record: 2,
  released: 3,
  policy: 4,
  epoch: 5,
  authority: 6,
  tries: 7,
  calibration: 8,
} as const;
export const REASON = { full: 3, tooLarge: 4, notFound: 5, corrupt: 6, released: 8 } as const;

interface Exports extends Record<string, unknown> {
  memory: WebAssembly.Memory;
  buffer(): number;
  journalMount(bytes: number, sector: number, unit: number): number;
  journalPut(kind: number, id: number, data: number, length: number, more: number): number;
  journalRemove(kind: number, id: number, more: number): number;
  journalGet(kind: number, id: number, out: number, capacity: number): number;
  journalRead(kind: number, id: number, offset: number, out: number, length: number): number;
  journalFirst(kind: number, from: number): number;
  journalCount(kind: number): number;
  journalFree(kind: number, length?: number): number;
  journalCost(length: number): number;
  journalScrub(): number;
  journalCancel(): void;
}

let compiled: WebAssembly.Module | undefined;

/** Compiles the harness with the image's own options. */
export async function compileHarness(): Promise<void> {
  const options = "--runtime stub --use abort=assembly/board/abort -O3 --shrinkLevel 1 --maximumMemory 16";
  const features = "--enable bulk-memory --enable sign-extension --enable nontrapping-f2i";
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [
      "assembly/__tests__/store-harness.ts",
      "--config",
      "none",
      "--outFile",
      "harness.wasm",
      ...`${options} ${features}`.split(" "),
    ],
    {
      writeFile: (name: string, data: Uint8Array | string) =>
        void (name.endsWith(".wasm") && (binary = data as Uint8Array)),
    },
  );
  if (error || !binary) throw new Error(stderr.toString() || "no module", { cause: error });
  compiled = new WebAssembly.Module(binary as BufferSource);
}

/** One boot of the journal on a flash. */
export class Journal {
  readonly flash: Flash;
  readonly exports: Exports;
  /** What mounting answered. */
  readonly status: number;

  constructor(flash: Flash) {
    if (!compiled) throw new Error("compileHarness first");
    this.flash = flash;
    const bytes = (at: number, length: number): Uint8Array => new Uint8Array(this.exports.memory.buffer, at, length);
    const answer = (act: () => void): number => {
      try {
        act();
        return 0;
      } catch (error) {
        if ((error as Error).name === "PowerCut") throw error;
        return -1;
      }
    };
    const board: Record<string, unknown> = {
      flash_read: (address: number, at: number, length: number) =>
        answer(() => flash.read(address >>> 0, bytes(at, length))),
      flash_write: (address: number, at: number, length: number) =>
        answer(() => flash.write(address >>> 0, bytes(at, length).slice())),
      flash_erase: (address: number, length: number) => answer(() => flash.erase(address >>> 0, length)),
    };
    this.exports = instantiateSync(compiled as never, { board } as never).exports as unknown as Exports;
    const { geometry } = flash;
    this.status = this.exports.journalMount(geometry.bytes, geometry.sector, geometry.unit);
  }

  put(kind: number, id: number, data: Uint8Array, more = false): number {
    const at = this.exports.buffer();
    new Uint8Array(this.exports.memory.buffer).set(data, at);
    return this.exports.journalPut(kind, id, at, data.length, more ? 1 : 0);
  }

  remove(kind: number, id: number, more = false): number {
    return this.exports.journalRemove(kind, id, more ? 1 : 0);
  }

  /** The entry, or the negative reason. */
  get(kind: number, id: number): Uint8Array | number {
    const at = this.exports.buffer() + 16384;
    const length = this.exports.journalGet(kind, id, at, 16384);
    return length < 0 ? length : new Uint8Array(this.exports.memory.buffer, at, length).slice();
  }

  /** All that is visible, `kind/id` to content; a damaged entry is its negative reason. */
  all(): Map<string, Uint8Array | number> {
    const found = new Map<string, Uint8Array | number>();
    for (let kind = 1; kind <= 15; kind++) {
      for (let id = this.exports.journalFirst(kind, 0); id >= 0; id = this.exports.journalFirst(kind, id + 1)) {
        found.set(`${kind}/${id}`, this.get(kind, id));
      }
    }
    return found;
  }

  /** Scrubs until nothing is left to do; a negative reason otherwise. */
  scrub(): number {
    for (;;) {
      const more = this.exports.journalScrub();
      if (more <= 0) return more;
    }
  }
}
