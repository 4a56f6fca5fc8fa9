// The image's side of the link as host tests call it: assembly/__tests__/link-harness.ts, compiled by the real compiler, in V8.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import type { Framing } from "../../link/link.ts";

const root = findRoot(dirname(fileURLToPath(import.meta.url)));
const OPTIONS =
  "--config none --runtime stub --use abort=assembly/board/abort --enable sign-extension,nontrapping-f2i,bulk-memory --disable simd -O3 --shrinkLevel 1 --maximumMemory 16";

/** This file runs from the sources and from build/js: the checkout is where package.json is. */
function findRoot(folder: string): string {
  return existsSync(join(folder, "package.json")) ? folder : findRoot(dirname(folder));
}

interface Exports {
  memory: WebAssembly.Memory;
  INPUT: WebAssembly.Global;
  INPUT_BYTES: WebAssembly.Global;
  linkReceive(at: number, length: number): void;
  linkPump(): void;
  linkWipe(): number;
  answer(yes: number): void;
  framingOf(): number;
  readAtEnd(length: number): number;
}

/** Compiles the harness: the link of the image, with the messages going to the test in place of the session. */
export async function compileLink(): Promise<WebAssembly.Module> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    ["assembly/__tests__/link-harness.ts", "--baseDir", root, ...OPTIONS.split(" "), "--outFile", "link.wasm"],
    {
      writeFile(_name, contents) {
        if (typeof contents !== "string") binary = contents;
      },
      listFiles: () => [],
    },
  );
  if (error || !binary) throw new Error(stderr.toString() || String(error));
  return new WebAssembly.Module(binary as BufferSource);
}

/** One instance of the image's link. */
export class ImageLink {
  /** The board's clock, microseconds. */
  micros = 0n;
  /** Bytes the board takes from the image at most at a time. */
  takes = Number.MAX_SAFE_INTEGER;
  /** Called with each message; the bytes are valid only during the call. */
  onMessage: (message: Buffer, framing: Framing) => void = () => {};
  /** Called with what the image sends. */
  onSend: (bytes: Buffer) => void = () => {};
  readonly exports: Exports;
  readonly #bytes: Buffer;
  readonly #input: number;
  readonly #inputBytes: number;

  constructor(module: WebAssembly.Module) {
    const instance = new WebAssembly.Instance(module, {
      board: {
        micros: () => this.micros,
        reset: () => {},
        transmit: (at: number, length: number) => {
          const taken = Math.min(length, this.takes);
          this.onSend(Buffer.from(this.#bytes.subarray(at, at + taken)));
          return taken;
        },
        trace: (at: number, length: number) =>
          this.onMessage(this.#bytes.subarray(at, at + length), this.exports.framingOf() === 1 ? "cobs" : "console"),
      },
    });
    this.exports = instance.exports as unknown as Exports;
    this.#bytes = Buffer.from(this.exports.memory.buffer);
    this.#input = this.exports.INPUT.value as number;
    this.#inputBytes = this.exports.INPUT_BYTES.value as number;
  }

  /** Bytes of linear memory. */
  get memory(): Buffer {
    return this.#bytes;
  }

  /** The line's bytes go in, as a runner gives them. */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += this.#inputBytes) {
      const part = bytes.subarray(at, at + this.#inputBytes);
      this.#bytes.set(part, this.#input);
      this.exports.linkReceive(this.#input, part.length);
    }
  }

  /** Reads bytes as CBOR at the very end of memory. Returns how many were well-formed, 0 if refused. */
  readCbor(bytes: Uint8Array): number {
    this.#bytes.set(bytes, this.#bytes.length - bytes.length);
    return this.exports.readAtEnd(bytes.length);
  }
}
