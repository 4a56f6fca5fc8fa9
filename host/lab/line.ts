// The lab over a line: asks a board's lab firmware (boards/port/lab.c, which says what each request is), one request at a time.
import type { Duplex } from "node:stream";
import { crc32 } from "../../link/crc32.ts";
import { EXIT, KanmonError } from "../errors.ts";
import type { BoardFacts } from "../firmware/board.ts";
import { type Counted, EXPORT, type ExportName, type Lab, type LabMemory } from "./lab.ts";

const HEAD_BYTES = 13;
/** Most bytes of a request, less what may stand before the data. */
const PART_BYTES = 8192 - 4;
/** Longest wait for an answer: an interpreter on an emulator computes for seconds. */
const ANSWER_MS = 180_000;
const STATUS = ["ok", "not an image that it runs, or refused", "another image", "too little memory", "a trap"];

interface Answer {
  readonly data: Buffer;
  readonly cost: number;
}

export class LabLine implements Lab {
  readonly engine: "wasm3" | "aot";
  readonly #stream: Duplex;
  readonly #board: BoardFacts;
  readonly #image: Buffer;
  #received = Buffer.alloc(0);
  #wake: () => void = () => undefined;
  #gone = false;

  private constructor(stream: Duplex, board: BoardFacts, engine: "wasm3" | "aot", image: Buffer) {
    this.#stream = stream;
    this.#image = image;
    this.#board = board;
    this.engine = engine;
    stream.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    // A serial port says that it closed, and is not destroyed by it.
    this.#gone = stream.destroyed;
    stream.once("close", () => {
      this.#gone = true;
      this.#wake();
    });
  }

  /** Opens `image` on the board at the other end of `stream`, with its keys, state and journal erased. */
  static async open(
    stream: Duplex,
    board: BoardFacts,
    engine: "wasm3" | "aot",
    image: Uint8Array,
    digest: Uint8Array,
  ): Promise<LabLine> {
    const lab = new LabLine(stream, board, engine, Buffer.concat([u32s(image.length), digest]));
    const { keys, state, journal, slot_a } = board.flash.partitions;
    for (const { address, bytes } of [keys, state, journal]) await lab.#erase(address, bytes);
    // What is compiled in needs no image on the board.
    if (engine === "wasm3") await lab.#program(slot_a.address, slot_a.bytes, image);
    await lab.#ask("O", lab.#image);
    return lab;
  }

  async begin(micros: bigint, random: number): Promise<Counted> {
    await this.#ask("O", this.#image); // afresh, as after power-on
    return counted(await this.#ask("B", u64(micros), u32s(random)));
  }

  async setMicros(micros: bigint): Promise<void> {
    await this.#ask("T", u64(micros));
  }

  async feed(bytes: Uint8Array): Promise<{ sent: Uint8Array; cost: number }> {
    const sent: Buffer[] = [];
    let cost = 0;
    for (let more = true, data = bytes; more; data = new Uint8Array(0)) {
      const answer = await this.#ask("F", data);
      sent.push(answer.data.subarray(1));
      cost += answer.cost;
      more = answer.data[0] !== 0;
    }
    return { sent: Buffer.concat(sent), cost };
  }

  async call(name: ExportName, ...args: number[]): Promise<Counted> {
    return counted(await this.#ask("C", u32s(EXPORT[name], ...[0, 1, 2, 3].map((i) => args[i] ?? 0))));
  }

  /** Runs a kernel of boards/port/lab-kernels.h over linear memory from `address` on. */
  async native(kernel: number, address: number, width = 0, height = 0): Promise<Counted> {
    return counted(await this.#ask("N", u32s(kernel, 1, address, width, height)));
  }

  async put(address: number, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += PART_BYTES)
      await this.#ask("P", u32s(address + at), bytes.subarray(at, at + PART_BYTES));
  }

  async get(address: number, length: number): Promise<Uint8Array> {
    return this.#read("G", address, length);
  }

  async readJournal(): Promise<Uint8Array> {
    const { address, bytes } = this.#board.flash.partitions.journal;
    return this.#read("R", address, bytes);
  }

  async writeJournal(content: Uint8Array): Promise<void> {
    const { address, bytes } = this.#board.flash.partitions.journal;
    await this.#program(address, bytes, content);
  }

  async memory(): Promise<LabMemory> {
    const { data } = await this.#ask("I");
    const [linear = 0, stack = 0, stackPeak = 0, poolPeak = 0] = [4, 8, 12, 16].map((at) => data.readUInt32LE(at));
    return { linear, stack, stackPeak, poolPeak };
  }

  async close(): Promise<void> {
    this.#stream.removeAllListeners("data");
  }

  async #erase(address: number, bytes: number): Promise<void> {
    await this.#ask("E", u32s(address, bytes));
  }

  /** Erases the partition and writes what is not erased anyway. */
  async #program(address: number, bytes: number, content: Uint8Array): Promise<void> {
    await this.#erase(address, bytes);
    const { unit } = this.#board.flash;
    const step = PART_BYTES - (PART_BYTES % unit);
    for (let at = 0; at < content.length; at += step) {
      const part = content.subarray(at, at + step);
      if (part.every((byte) => byte === 0xff)) continue;
      await this.#ask("W", u32s(address + at), part, new Uint8Array(-part.length & (unit - 1)).fill(0xff));
    }
  }

  async #read(command: string, address: number, length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let at = 0; at < length; at += PART_BYTES)
      parts.push((await this.#ask(command, u32s(address + at, Math.min(PART_BYTES, length - at)))).data);
    return Buffer.concat(parts);
  }

  async #ask(command: string, ...payload: Uint8Array[]): Promise<Answer> {
    const body = Buffer.concat(payload);
    const request = Buffer.concat([Buffer.from(command), u32s(body.length), body]);
    this.#received = Buffer.alloc(0);
    this.#stream.write(Buffer.concat([request, u32s(crc32(request))]));
    await this.#arrived(HEAD_BYTES);
    const whole = HEAD_BYTES + this.#received.readUInt32LE(1) + 4;
    await this.#arrived(whole);
    const answer = this.#received.subarray(0, whole);
    if (crc32(answer.subarray(0, -4)) >>> 0 !== answer.readUInt32LE(whole - 4))
      throw labError(`answered ${command} with a wrong checksum`);
    const status = answer[0] as number;
    if (status === 4 && command !== "X") throw labError(`trapped: ${(await this.#ask("X")).data.toString("latin1")}`);
    if (status !== 0)
      throw labError(`answered ${command} with status ${status}: ${STATUS[status] ?? "not understood"}`);
    return { data: Buffer.from(answer.subarray(HEAD_BYTES, -4)), cost: Number(answer.readBigUInt64LE(5)) };
  }

  async #arrived(bytes: number): Promise<void> {
    while (this.#received.length < bytes) {
      if (this.#gone) throw labError("is gone: its line was closed");
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(labError(`gave no answer within ${ANSWER_MS / 1000} s`)), ANSWER_MS);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

function counted({ data, cost }: Answer): Counted {
  return { result: data.readUInt32LE(0), cost };
}

function u32s(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(4 * numbers.length);
  for (const [i, number] of numbers.entries()) bytes.writeUInt32LE(number >>> 0, 4 * i);
  return bytes;
}

function u64(number: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(number);
  return bytes;
}

function labError(what: string): KanmonError {
  return new KanmonError(
    "KAN-LAB",
    `the lab firmware ${what}`,
    "Build it anew (kanmon bench --board does); if it stays so, report it with the board, the engine and the image's digest.",
    EXIT.device,
  );
}
