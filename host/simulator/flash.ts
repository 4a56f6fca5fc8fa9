// Simulated NOR flash: erased bytes read 0xFF, a write unit is programmed at most once between erases, erases take whole
// sectors. Breaking a rule throws, as the real part would have lost data without a word (the habit of littlefs' `bd/`).
import { KanmonError } from "../errors.ts";

/** What `start` of the image is told: size of the journal partition, of a sector, and of a write unit, in bytes. */
export interface FlashGeometry {
  readonly bytes: number;
  /** A power of two, 512 to 131,072. */
  readonly sector: number;
  /** A power of two, 1 to 32. */
  readonly unit: number;
}

/** 1 MiB of serial NOR flash: 4 KiB sectors, programmed by the byte. */
export const DEFAULT_GEOMETRY: FlashGeometry = { bytes: 1 << 20, sector: 4096, unit: 1 };

/** A flash partition. Addresses are from its start. All of it is synchronous, as the image's calls are. */
export interface Flash {
  readonly geometry: FlashGeometry;
  /** Fills `into` from `address` on. */
  read(address: number, into: Uint8Array): void;
  /** Programs erased units; address and length are multiples of the unit. */
  write(address: number, data: Uint8Array): void;
  /** Erases whole sectors. */
  erase(address: number, length: number): void;
  close(): void;
}

/** Flash in memory; the base of the others. `bytes` is what a debugger would read out. */
export class MemoryFlash implements Flash {
  readonly geometry: FlashGeometry;
  readonly bytes: Uint8Array;
  /** Units programmed since their last erase, even if they still read 0xFF. */
  protected readonly programmed: Uint8Array;

  /** @param content what the flash holds at first: `geometry.bytes` bytes, kept and changed in place; erased if left out. */
  constructor(geometry: FlashGeometry = DEFAULT_GEOMETRY, content?: Uint8Array) {
    checkGeometry(geometry);
    this.geometry = geometry;
    this.bytes = content ?? new Uint8Array(geometry.bytes).fill(0xff);
    if (this.bytes.length !== geometry.bytes) throw new RangeError(`flash content is ${this.bytes.length} bytes`);
    this.programmed = new Uint8Array(geometry.bytes / geometry.unit);
    if (content) {
      for (let i = 0; i < content.length; i++) {
        if (content[i] !== 0xff) this.programmed[Math.floor(i / geometry.unit)] = 1;
      }
    }
  }

  read(address: number, into: Uint8Array): void {
    this.#inside(address, into.length);
    into.set(this.bytes.subarray(address, address + into.length));
  }

  write(address: number, data: Uint8Array): void {
    this.checkWrite(address, data.length);
    this.programmed.fill(1, address / this.geometry.unit, (address + data.length) / this.geometry.unit);
    this.bytes.set(data, address);
  }

  erase(address: number, length: number): void {
    this.checkErase(address, length);
    this.programmed.fill(0, address / this.geometry.unit, (address + length) / this.geometry.unit);
    this.bytes.fill(0xff, address, address + length);
  }

  close(): void {}

  /** Throws unless the units may be programmed. */
  protected checkWrite(address: number, length: number): void {
    this.#inside(address, length);
    const { unit } = this.geometry;
    if (address % unit || length % unit || length === 0) {
      throw new FlashRuleError(`write of ${length} bytes at ${address}: not whole units of ${unit}`);
    }
    const used = this.programmed.subarray(address / unit, (address + length) / unit).indexOf(1);
    if (used >= 0) throw new FlashRuleError(`write at ${address + used * unit}: programmed since its last erase`);
  }

  /** Throws unless the sectors may be erased. */
  protected checkErase(address: number, length: number): void {
    this.#inside(address, length);
    const { sector } = this.geometry;
    if (address % sector || length % sector || length === 0) {
      throw new FlashRuleError(`erase of ${length} bytes at ${address}: not whole sectors of ${sector}`);
    }
  }

  #inside(address: number, length: number): void {
    if (address < 0 || address + length > this.geometry.bytes) {
      throw new FlashRuleError(`${length} bytes at ${address}: outside a partition of ${this.geometry.bytes}`);
    }
  }
}

/** An operation that real flash would not carry out; the board answers it with a negative status. */
export class FlashRuleError extends Error {
  override readonly name = "FlashRuleError";
}

function checkGeometry({ bytes, sector, unit }: FlashGeometry): void {
  const power = (n: number, low: number, high: number): boolean => n >= low && n <= high && (n & (n - 1)) === 0;
  if (
    power(sector, 512, 131_072) &&
    power(unit, 1, 32) &&
    Number.isSafeInteger(bytes) &&
    bytes > 0 &&
    bytes % sector === 0
  )
    return;
  throw new KanmonError(
    "KAN-FLASH-GEOMETRY",
    `flash of ${bytes} bytes with sectors of ${sector} and write units of ${unit} is not supported`,
    "Sectors are a power of two from 512 to 131,072 bytes, write units one from 1 to 32, the size whole sectors.",
  );
}
