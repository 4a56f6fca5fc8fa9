// The lab in V8: the image in this process, with the keys, the random bytes and the clock that the lab firmware gives it.
import { createHash, createPrivateKey, createPublicKey, hkdfSync, sign } from "node:crypto";
import { performance } from "node:perf_hooks";
import type { BoardFacts } from "../firmware/board.ts";
import { MemoryFlash } from "../simulator/flash.ts";
import { boardImports } from "../simulator/imports.ts";
import type { DeviceKeys } from "../simulator/keys.ts";
import { fixedSlots } from "../simulator/slots.ts";
import { type Counted, type ExportName, type Lab, type LabMemory, labRandom } from "./lab.ts";

/** RFC 8410, section 7: what stands before the 32 bytes of an Ed25519 seed in PKCS #8. */
const PKCS8_ED25519 = Buffer.from("302e020100300506032b657004220420", "hex");
/** Least significant 32 bits. */
const u32 = (x: unknown): number => Number(x) >>> 0;

type Exports = Record<ExportName, (...args: number[]) => number> & { memory: WebAssembly.Memory };

/** Opens `image` as on `board`, whose journal's geometry and memory limit it gets. */
export function labInV8(image: Uint8Array, board: BoardFacts): Lab {
  return new LabV8(image, board);
}

class LabV8 implements Lab {
  readonly engine = "v8";
  readonly #image: Uint8Array;
  readonly #board: BoardFacts;
  readonly #sent: Uint8Array[] = [];
  #flash: MemoryFlash;
  #exports: Exports;
  #micros = 0n;
  #request = 0;

  constructor(image: Uint8Array, board: BoardFacts) {
    this.#image = image;
    this.#board = board;
    this.#flash = new MemoryFlash(this.#geometry());
    this.#exports = this.#instantiate();
  }

  async begin(micros: bigint, random: number): Promise<Counted> {
    this.#micros = micros;
    this.#exports = this.#instantiate();
    this.#request = random;
    const { bytes, sector, unit } = this.#geometry();
    return this.call("start", bytes, sector, unit);
  }

  async setMicros(micros: bigint): Promise<void> {
    this.#micros = micros;
  }

  async feed(bytes: Uint8Array): Promise<{ sent: Uint8Array; cost: number }> {
    const { memory, receive_buffer, receive, poll } = this.#exports;
    const began = performance.now();
    if (bytes.length > 0) {
      new Uint8Array(memory.buffer).set(bytes, u32(receive_buffer()));
      receive(bytes.length);
    }
    while (poll() !== 0);
    const cost = (performance.now() - began) * 1e6;
    return { sent: Buffer.concat(this.#sent.splice(0)), cost };
  }

  async call(name: ExportName, ...args: number[]): Promise<Counted> {
    const began = performance.now();
    const result = u32(this.#exports[name](...args) ?? 0);
    return { result, cost: (performance.now() - began) * 1e6 };
  }

  async put(address: number, bytes: Uint8Array): Promise<void> {
    new Uint8Array(this.#exports.memory.buffer).set(bytes, address);
  }

  async get(address: number, length: number): Promise<Uint8Array> {
    return new Uint8Array(this.#exports.memory.buffer, address, length).slice();
  }

  async readJournal(): Promise<Uint8Array> {
    return this.#flash.bytes.slice();
  }

  async writeJournal(content: Uint8Array): Promise<void> {
    this.#flash = new MemoryFlash(this.#geometry(), content.slice());
  }

  async memory(): Promise<LabMemory> {
    return { linear: this.#exports.memory.buffer.byteLength, stack: 0, stackPeak: 0, poolPeak: 0 };
  }

  async close(): Promise<void> {
    new Uint8Array(this.#exports.memory.buffer).fill(0);
  }

  #geometry() {
    const { partitions, sector, unit } = this.#board.flash;
    return { bytes: partitions.journal.bytes, sector, unit };
  }

  #instantiate(): Exports {
    const info = Buffer.alloc(80);
    info.writeUInt32LE(this.#board.memory.linear, 12);
    const imports = boardImports({
      memory: () => this.#exports.memory,
      flash: this.#flash,
      keys: labKeys(),
      digest: createHash("sha256").update(this.#image).digest(),
      info,
      slots: fixedSlots(this.#image),
      log: undefined,
      transmit: (bytes) => this.#sent.push(bytes) > 0,
      micros: () => this.#micros,
      reset: () => undefined,
    });
    const random = (address: number, length: number): number => {
      new Uint8Array(this.#exports.memory.buffer).set(labRandom(this.#request++, length), u32(address));
      return 0;
    };
    const module = new WebAssembly.Module(this.#image as BufferSource);
    return new WebAssembly.Instance(module, { board: { ...imports, random } as never }).exports as never;
  }
}

/** The keys that boards/port/keys.c makes of the lab's first two random requests. */
function labKeys(): DeviceKeys {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, labRandom(0, 32)]), format: "der", type: "pkcs8" });
  const root = labRandom(1, 32);
  let count = 0;
  return {
    publicKey: Buffer.from(createPublicKey(key).export({ format: "jwk" }).x as string, "base64url"),
    sign: (message) => sign(null, message, key),
    derive: (context) => new Uint8Array(hkdfSync("sha256", root, new Uint8Array(0), context, 32)),
    counter: (floor) => (count = Math.max(count, floor)),
  };
}
