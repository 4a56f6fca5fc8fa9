// What can go wrong between a module and its driver, switched on and off while they run.
import { makeRandom, type Random } from "./eye/random.ts";

export interface Faults {
  /** Share of bits flipped on the line, in both directions. */
  bitErrors: number;
  /** Chunks still to be lost altogether. */
  dropChunks: number;
  /** Chunks still to be cut off in the middle. */
  cutChunks: number;
  /** Every answer is sent twice. */
  duplicate: boolean;
  /** Chunks still to be held back until the one after them has gone. */
  reorderChunks: number;
  /** Frames still to be damaged after their checksum was taken (a fault of the module's memory, not of the line). */
  spoilFrames: number;
  /** Frames are announced and sent in half the configured height. */
  wrongSize: boolean;
  /** Frames are coded where they should not be, and the other way round. */
  otherCoding: boolean;
  /** Every exposure is lit as configured, whatever the schedule says. */
  ignoreSchedule: boolean;
  /** Of a schedule no more steps are kept. */
  keptSteps: number;
  /** The exposures of a schedule's steps come in pairs, the second step before the first, and say so. */
  swapSteps: boolean;
  /** All exposures of a capture but the first are counted, and start, so many intervals later than they should: 1: one was lost, -1: the one before came twice. */
  skip: number;
  /** All exposures of a capture but the first start so much later than they should, microseconds. */
  late_us: number;
  /** The image sensor never finishes a frame. */
  stuck: boolean;
  /** The module takes requests and answers none. */
  silent: boolean;
}

export function noFaults(): Faults {
  return {
    bitErrors: 0,
    dropChunks: 0,
    cutChunks: 0,
    duplicate: false,
    reorderChunks: 0,
    spoilFrames: 0,
    wrongSize: false,
    otherCoding: false,
    ignoreSchedule: false,
    keptSteps: Number.POSITIVE_INFINITY,
    swapSteps: false,
    skip: 0,
    late_us: 0,
    stuck: false,
    silent: false,
  };
}

/** Flips bits of a stream at a rate, independently of how the stream is cut. */
export class BitNoise {
  readonly #random: Random;
  #rate = 0;
  #next = 0;

  constructor(seed: number) {
    this.#random = makeRandom(seed);
  }

  /** Flips bits of `bytes` in place. */
  apply(bytes: Uint8Array, rate: number): void {
    if (rate !== this.#rate) {
      this.#rate = rate;
      this.#draw();
    }
    if (rate <= 0) return;
    const bits = bytes.length * 8;
    while (this.#next < bits) {
      bytes[this.#next >> 3]! ^= 1 << (this.#next & 7);
      const at = this.#next;
      this.#draw();
      this.#next += at + 1;
    }
    this.#next -= bits;
  }

  /** Bits until the next error: geometrically distributed. */
  #draw(): void {
    this.#next = this.#rate > 0 ? Math.floor(Math.log(1 - this.#random.uniform(0, 1)) / Math.log(1 - this.#rate)) : 0;
  }
}
