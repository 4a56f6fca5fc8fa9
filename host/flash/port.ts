// One port on which a device may be: opened, asked who it is, and found again after a restart. Where USB gives the port another name then,
// the serial number finds it.
import type { Duplex } from "node:stream";
import { type ListedPort, listSerial, openSerial, type SerialLine } from "../device/serial.ts";
import { Updater } from "../device/update.ts";

/** A device answers within this time when it runs, milliseconds. */
const GREET_MS = 3_000;

export class FlashPort {
  /** As it was chosen; the name by which it is reported. */
  readonly path: string;
  readonly serial: string | undefined;
  readonly #baud: number;
  readonly #list: typeof listSerial;
  #line: SerialLine | undefined;
  #gone = true;
  #updater: Updater | undefined;

  /** @param list lists the ports of this machine */
  constructor({ path, serial }: ListedPort, baud: number, list = listSerial) {
    this.path = path;
    this.serial = serial;
    this.#baud = baud;
    this.#list = list;
  }

  /** The device, once `connect` found it. */
  get updater(): Updater {
    if (!this.#updater) throw new Error("the port is not connected");
    return this.#updater;
  }

  /** The open line. */
  get stream(): Duplex {
    if (!this.#line) throw new Error("the port is not open");
    return this.#line.stream;
  }

  /**
   * Finds the device; a port that is open stays so, since opening one restarts some boards. Throws KAN-PORT-OPEN, DeviceError.
   */
  async connect(greet_ms = GREET_MS): Promise<Updater> {
    this.#updater?.close();
    this.#updater = undefined;
    if (this.#gone) await this.#open();
    const { stream } = this.#line as SerialLine;
    this.#updater = await Updater.connect(stream, { where: this.path, greet_ms });
    return this.#updater;
  }

  async close(): Promise<void> {
    this.#updater?.close();
    await this.#line?.close();
    this.#gone = true;
  }

  async #open(): Promise<void> {
    await this.#line?.close();
    const listed = this.serial === undefined ? [] : (await this.#list()).filter(({ serial }) => serial === this.serial);
    const line = await openSerial(listed.length === 1 ? (listed[0] as ListedPort).path : this.path, this.#baud);
    this.#line = line;
    this.#gone = false;
    for (const event of ["close", "end", "error"])
      line.stream.on(event, () => {
        if (this.#line === line) this.#gone = true;
      });
  }
}
