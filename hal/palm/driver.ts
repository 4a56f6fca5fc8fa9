// The palm sensor's driver: a module that speaks docs/sensor-protocol.md and takes a schedule. A burst is an ambient exposure and one
// of each lit band; what the driver delivers is one frame a burst, with a plane a band from which the ambient light is subtracted.
import type { Duplex } from "node:stream";
import type { CaptureOptions, Illumination, SensorCapabilities, SensorFrame, SensorSettings } from "../driver.ts";
import { SensorError } from "../errors.ts";
import { makeFrame } from "../frame.ts";
import { checkFollows } from "../protocol/burst.ts";
import { type DriverOptions, type OpenOptions, openDriver } from "../protocol/open.ts";
import { ProtocolSensor } from "../protocol/sensor.ts";
import { subtractAmbient } from "./planes.ts";

/** The most exposures of one capture in the protocol. */
const MAX_EXPOSURES = 65535;

interface Band {
  readonly name: string;
  readonly nm: number;
}

/** A palm camera on a line. `illumination` in its settings says the bands and their levels: the burst has one of each that is not 0. */
export class PalmSensor extends ProtocolSensor {
  readonly #where: string;
  #levels: Illumination | undefined;
  #interval_us = 0;

  /** @param where the line's name for messages. */
  constructor(stream: Duplex, where: string, options: DriverOptions = {}) {
    super(stream, where, { ...options, modality: "palm" });
    this.#where = where;
  }

  /** Opens the module on a serial port. Raises KAN-SENSOR-OPEN. */
  static open(path: string, options: OpenOptions & { baudRate?: number } = {}): Promise<PalmSensor> {
    return openDriver(PalmSensor, path, options);
  }

  /** As SensorDriver says; the schedule is made of `illumination` and cannot be set. */
  override async configure(settings: Partial<SensorSettings>): Promise<SensorSettings> {
    if (settings.schedule !== undefined)
      throw new SensorError(
        "KAN-SENSOR-SETTINGS",
        "a palm sensor's schedule is its driver's: set illumination instead",
      );
    const levels = settings.illumination ?? this.#levels ?? (await super.configure({})).illumination;
    const bands = litBands(await this.capabilities(), levels);
    if (bands.length === 0)
      throw new SensorError("KAN-SENSOR-SETTINGS", `no band of the sensor on ${this.#where} is lit: set illumination`);
    const schedule = [{}, ...bands.map(({ name }) => ({ [name]: levels[name] as number }))];
    const asked = { ...settings, illumination: levels, schedule: schedule.map((illumination) => ({ illumination })) };
    const inEffect = await super.configure(asked);
    this.#levels = levels;
    this.#interval_us = inEffect.interval_us;
    return inEffect;
  }

  /** As SensorDriver says: the lit bands, ascending. */
  async bands(): Promise<readonly number[]> {
    const levels = this.#levels ?? (await this.configure({})).illumination;
    return litBands(await this.capabilities(), levels).map(({ nm }) => nm);
  }

  /**
   * Takes bursts: `frames` counts them. A frame's `data` is its bands' planes one after the other, 8 bit, in the order of `bands_nm`;
   * sequence and time are those of the burst's first exposure. Raises KAN-SENSOR-FRAME for exposures that are not from one burst.
   */
  override async *capture({ frames, signal }: CaptureOptions): AsyncIterableIterator<SensorFrame> {
    if (this.#levels === undefined) await this.configure({});
    const levels = this.#levels ?? {};
    const bands = litBands(await this.capabilities(), levels);
    const size = 1 + bands.length;
    if (!Number.isInteger(frames) || frames < 1 || frames * size > MAX_EXPOSURES) {
      const most = Math.floor(MAX_EXPOSURES / size);
      throw new SensorError("KAN-SENSOR-SETTINGS", `a palm capture takes 1 to ${most} bursts, not ${frames}`);
    }
    const burst: SensorFrame[] = [];
    const forget = (): void => {
      for (const exposure of burst.splice(0)) exposure.release();
    };
    try {
      for await (const exposure of super.capture({ frames: frames * size, ...(signal && { signal }) })) {
        burst.push(exposure);
        checkFollows(burst, this.#interval_us, "burst", this.#where);
        if (burst.length < size) continue;
        const frame = join(burst, bands, levels);
        forget();
        yield frame;
      }
    } finally {
      forget();
    }
  }
}

/** The lit channels in ascending wavelength. */
function litBands({ illumination }: SensorCapabilities, levels: Illumination): Band[] {
  return illumination.filter(({ name }) => (levels[name] ?? 0) > 0).sort((a, b) => a.nm - b.nm);
}

/** One frame of a burst's exposures, which stay the caller's to release. */
function join(burst: readonly SensorFrame[], bands: readonly Band[], illumination: Illumination): SensorFrame {
  const [ambient, ...lit] = burst as [SensorFrame, ...SensorFrame[]];
  const { width, height, bits, sequence, timestamp_us, exposure_us } = ambient;
  const data = new Uint8Array(width * height * lit.length);
  for (const [i, exposure] of lit.entries())
    subtractAmbient(exposure.data, ambient.data, bits, data.subarray(i * width * height, (i + 1) * width * height));
  const bands_nm = bands.map(({ nm }) => nm);
  return makeFrame({ width, height, bits: 8, sequence, timestamp_us, exposure_us, illumination, bands_nm }, data);
}
