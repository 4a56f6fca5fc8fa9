// Flash whose power can be cut at any operation, in all the ways in which an operation can be torn. The real code runs
// over it and each operation is cut in turn (the habit of mcuboot's `sim/` and of littlefs' `bd/`).
import { type FlashGeometry, MemoryFlash } from "./flash.ts";

/** What a cut leaves of the operation it hits. "Ghost" units read as erased but must not be programmed again. */
export const WRITE_TEARS = [
  "nothing",
  "all",
  "half",
  "first-unit",
  "bits",
  "scattered",
  "ghost",
  "unreadable",
] as const;
export const ERASE_TEARS = ["nothing", "all", "first-half", "last-half", "first-bytes", "bits", "scattered"] as const;
export type Tear = (typeof WRITE_TEARS)[number] | (typeof ERASE_TEARS)[number];

/** Thrown through the image when the power goes, and by every operation until `restore`. */
export class PowerCut extends Error {
  override readonly name = "PowerCut";
}

/** One write or erase, for the tests to know what they cut. */
export interface Operation {
  readonly kind: "write" | "erase";
  readonly address: number;
  readonly length: number;
}

export class FaultFlash extends MemoryFlash {
  /** Writes and erases so far. */
  readonly operations: Operation[] = [];
  /** Erases of each sector. */
  readonly erases: Uint32Array;
  readonly #unreadable = new Set<number>();
  readonly #random: () => number;
  #cutAt = Number.POSITIVE_INFINITY;
  #tear: { write: Tear; erase: Tear } = { write: "nothing", erase: "nothing" };
  #dead = false;

  constructor(geometry: FlashGeometry, content?: Uint8Array, seed = 1) {
    super(geometry, content);
    this.erases = new Uint32Array(geometry.bytes / geometry.sector);
    this.#random = mulberry32(seed);
  }

  /** A flash with the same content, powered. */
  copy(seed = 1): FaultFlash {
    const twin = new FaultFlash(this.geometry, undefined, seed);
    twin.bytes.set(this.bytes);
    twin.programmed.set(this.programmed);
    return twin;
  }

  /** Cuts the power in the operation number `operation` (0: the next one), which leaves what the tear of its kind says. */
  cut(operation: number, write: Tear, erase: Tear = write): void {
    this.#cutAt = this.operations.length + operation;
    this.#tear = { write, erase };
  }

  /** The power is back. */
  restore(): void {
    this.#dead = false;
    this.#cutAt = Number.POSITIVE_INFINITY;
  }

  /** Whether the cut was reached. */
  get dead(): boolean {
    return this.#dead;
  }

  override read(address: number, into: Uint8Array): void {
    if (this.#dead) throw new PowerCut();
    const { unit } = this.geometry;
    if (this.#unreadable.size > 0) {
      for (let at = Math.floor(address / unit); at * unit < address + into.length; at++) {
        if (this.#unreadable.has(at)) throw new Error(`ECC error at ${at * unit}`);
      }
    }
    super.read(address, into);
  }

  override write(address: number, data: Uint8Array): void {
    this.checkWrite(address, data.length);
    if (this.#survives({ kind: "write", address, length: data.length })) return super.write(address, data);
    const { unit } = this.geometry;
    const units = data.length / unit;
    const half = Math.floor(units / 2);
    const one = (i: number): void => super.write(address + i * unit, data.subarray(i * unit, (i + 1) * unit));
    const torn = (i: number, mask: () => number): void =>
      super.write(
        address + i * unit,
        data.subarray(i * unit, (i + 1) * unit).map((b) => b | mask()),
      );
    const upTo = (count: number): void => {
      for (let i = 0; i < count; i++) one(i);
    };
    const tears: Partial<Record<Tear, () => void>> = {
      all: () => upTo(units),
      half: () => upTo(half),
      "first-unit": () => one(0),
      // Whole units up to some point, and in the next one only some of its bits.
      bits: () => {
        const at = Math.floor(this.#random() * units);
        upTo(at);
        torn(at, () => Math.floor(this.#random() * 256));
      },
      // A page programs its units in any order.
      scattered: () => {
        for (let i = 0; i < units; i++) if (this.#random() < 0.5) one(i);
      },
      ghost: () => torn(0, () => 0xff),
      unreadable: () => {
        upTo(half);
        torn(half, () => Math.floor(this.#random() * 256));
        if (unit >= 8) this.#unreadable.add(address / unit + half);
      },
    };
    tears[this.#tear.write]?.();
    throw new PowerCut();
  }

  override erase(address: number, length: number): void {
    this.checkErase(address, length);
    const { sector, unit } = this.geometry;
    if (this.#survives({ kind: "erase", address, length })) return this.#eraseWhole(address, length);
    const half = length > sector ? Math.floor(length / sector / 2) * sector : 0;
    // Within a sector that was being erased nothing is sure, and nothing may be programmed before it is erased again.
    const weaken = (from: number, to: number, mask: (i: number) => number): void => {
      for (let i = from; i < to; i++) this.bytes[i] = (this.bytes[i] as number) | mask(i - from);
      this.programmed.fill(1, from / unit, to / unit);
    };
    const middle = Math.floor(this.#random() * length);
    const tears: Partial<Record<Tear, () => void>> = {
      all: () => this.#eraseWhole(address, length),
      "first-half": () => {
        if (half > 0) this.#eraseWhole(address, half);
        else weaken(address, address + length, (i) => (i < length / 2 ? 0xff : 0));
      },
      "last-half": () => {
        if (half > 0) this.#eraseWhole(address + half, length - half);
        else weaken(address, address + length, (i) => (i < length / 2 ? 0 : 0xff));
      },
      // The cut comes within the headers: a few bytes are gone, in address order or against it.
      "first-bytes": () => weaken(address, address + sector, (i) => (i < middle % 64 ? 0xff : 0)),
      bits: () => weaken(address, address + length, () => Math.floor(this.#random() * 256)),
      scattered: () => weaken(address, address + length, () => (this.#random() < 0.5 ? 0xff : 0)),
    };
    tears[this.#tear.erase]?.();
    throw new PowerCut();
  }

  #eraseWhole(address: number, length: number): void {
    const { sector, unit } = this.geometry;
    for (let at = address / unit; at < (address + length) / unit; at++) this.#unreadable.delete(at);
    for (let at = address / sector; at < (address + length) / sector; at++) {
      this.erases[at] = (this.erases[at] as number) + 1;
    }
    super.erase(address, length);
  }

  #survives(operation: Operation): boolean {
    if (this.#dead) throw new PowerCut();
    const number = this.operations.push(operation) - 1;
    if (number < this.#cutAt) return true;
    this.#dead = true;
    return false;
  }
}

/** Small seeded generator (Tommy Ettinger's mulberry32), so that a cut can be repeated. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
