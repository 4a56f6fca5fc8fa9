// A line that damages what it carries: a Duplex in front of another, with the damage given for each direction and repeatable.
import { Duplex } from "node:stream";
import { Random } from "./streams.ts";

/** What becomes of a chunk on the line: any number of chunks. */
export type Damage = (chunk: Buffer) => Buffer[];

export class BadLine extends Duplex {
  /** Bytes that the host wrote and those that reached it. */
  out = 0;
  in = 0;
  readonly #inner: Duplex;
  readonly #outward: Damage;

  constructor(inner: Duplex, outward: Damage = same, inward: Damage = same) {
    super({ allowHalfOpen: false });
    this.#inner = inner;
    this.#outward = outward;
    inner.on("data", (chunk: Buffer) => {
      for (const part of inward(Buffer.from(chunk))) {
        this.in += part.length;
        this.push(part);
      }
    });
    inner.on("close", () => this.destroy());
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.out += chunk.length;
    for (const part of this.#outward(Buffer.from(chunk))) this.#inner.write(part);
    done();
  }
}

export const same: Damage = (chunk) => [chunk];

/** Flips each bit with odds of one in `odds`. */
export function flips(seed: number, odds: number): Damage {
  const random = new Random(seed);
  let skip = gap(random, odds);
  return (chunk) => {
    for (; skip < chunk.length * 8; skip += 1 + gap(random, odds))
      chunk[skip >> 3] = (chunk[skip >> 3] as number) ^ (1 << (skip & 7));
    skip -= chunk.length * 8;
    return [chunk];
  };
}

/** Loses, cuts or repeats one chunk in `odds`, or puts noise before it. */
export function losses(seed: number, odds: number): Damage {
  const random = new Random(seed);
  return (chunk) => {
    if (!random.chance(odds)) return [chunk];
    const noise = Buffer.from(Array.from({ length: 40 }, () => random.below(256)));
    const ways: Buffer[][] = [[], [chunk.subarray(random.below(chunk.length))], [chunk, chunk], [noise, chunk]];
    return ways[random.below(4)] as Buffer[];
  };
}

/** Bits to the next flip: geometric. */
function gap(random: Random, odds: number): number {
  return Math.floor(Math.log(1 - random.below(2 ** 32) / 2 ** 32) / Math.log(1 - 1 / odds));
}
