// Flash in a file, so that a simulated device survives restarts. Each operation is on the disk when it returns: the
// journal's order (data, then header; copies, then erase) holds even when the computer itself goes down.
import { closeSync, fdatasyncSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { EXIT, KanmonError } from "../errors.ts";
import { writeWhole } from "../whole-file.ts";
import { type FlashGeometry, MemoryFlash } from "./flash.ts";

export class FileFlash extends MemoryFlash {
  readonly #path: string;
  readonly #file: number;
  readonly #sync: boolean;

  private constructor(path: string, file: number, geometry: FlashGeometry, content: Uint8Array, sync: boolean) {
    super(geometry, content);
    this.#path = path;
    this.#file = file;
    this.#sync = sync;
  }

  /** Makes a file of erased flash. */
  static create(path: string, geometry: FlashGeometry): void {
    writeWhole(path, new Uint8Array(geometry.bytes).fill(0xff), 0o600);
  }

  /**
   * Opens a file made by `create`. Only one process may have it open (see lock.ts).
   * @param sync false: leave it to the system when to write to the disk; faster, and safe against all but its crash.
   */
  static open(path: string, geometry: FlashGeometry, sync = true): FileFlash {
    let file: number;
    try {
      file = openSync(path, "r+");
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw damaged(path, code === "ENOENT" ? "is missing" : `cannot be opened for writing (${code})`);
    }
    const { size } = fstatSync(file);
    const content = new Uint8Array(geometry.bytes);
    let got = 0;
    while (size === geometry.bytes && got < size) {
      const part = readSync(file, content, got, size - got, got);
      if (part === 0) break;
      got += part;
    }
    if (got !== geometry.bytes) {
      closeSync(file);
      throw damaged(path, `is ${size} bytes long, not ${geometry.bytes}: cut short, or another board's`);
    }
    return new FileFlash(path, file, geometry, content, sync);
  }

  override write(address: number, data: Uint8Array): void {
    this.checkWrite(address, data.length);
    this.#store(data, address);
    super.write(address, data);
  }

  override erase(address: number, length: number): void {
    this.checkErase(address, length);
    this.#store(new Uint8Array(length).fill(0xff), address);
    super.erase(address, length);
  }

  override close(): void {
    fdatasyncSync(this.#file);
    closeSync(this.#file);
  }

  #store(data: Uint8Array, address: number): void {
    try {
      for (let done = 0; done < data.length; ) {
        done += writeSync(this.#file, data, done, data.length - done, address + done);
      }
      if (this.#sync) fdatasyncSync(this.#file);
    } catch (error) {
      throw damaged(this.#path, `cannot be written (${(error as NodeJS.ErrnoException).code})`);
    }
  }
}

function damaged(path: string, what: string): KanmonError {
  return new KanmonError(
    "KAN-STATE-FLASH",
    `the simulated flash ${path} ${what}`,
    "Put the file back from a copy, or remove its folder: the simulator then starts as a new, empty device.",
    EXIT.device,
  );
}
