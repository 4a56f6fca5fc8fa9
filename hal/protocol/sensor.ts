// A SensorDriver for any module that speaks docs/sensor-protocol.md, over any byte stream. Modality drivers build on it.
import { randomInt } from "node:crypto";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { crc32 } from "../../link/crc32.ts";
import type {
  CaptureOptions,
  Modality,
  SensorCapabilities,
  SensorDriver,
  SensorFrame,
  SensorHealth,
  SensorIdentity,
  SensorSettings,
} from "../driver.ts";
import { SensorError } from "../errors.ts";
import { makeFrame } from "../frame.ts";
import { type ReadyFrame, readCapabilities, readFrame, readHealth, readIdentity, readSettings } from "./answers.ts";
import { Asker, type AskerOptions, RefusedError } from "./asker.ts";
import { Fetcher } from "./fetch.ts";
import { frameBytes, REFUSAL } from "./messages.ts";
import { codedBytesMost } from "./rows.ts";
import { checkSettings, sameLight, samePattern, sameSchedule } from "./settings.ts";

export interface SensorOptions extends AskerOptions {
  /** Raise KAN-SENSOR-KIND unless the module is of this modality. */
  readonly modality?: Modality;
  /** A module that answers but has no frame ready for so long beyond the exposure is stuck, milliseconds. */
  readonly frame_ms?: number;
  /** How often a module is reminded of a capture while the caller works on a frame, milliseconds; it forgets after 10 s. */
  readonly alive_ms?: number;
  /** Ends the stream when the driver is closed; by default its `destroy`. */
  readonly closeStream?: () => Promise<void>;
}

const FRAME_MS = 5000;
const ALIVE_MS = 3000;
const LONGEST_WAIT_MS = 250;
const STOP_MS = 500;

type Known = Awaited<ReturnType<typeof readCapabilities>>;

/** A module on the far end of a byte stream. */
export class ProtocolSensor implements SensorDriver {
  readonly #asker: Asker;
  readonly #options: SensorOptions;
  readonly #stream: Duplex;
  #known: Known | undefined;
  #fetcher: Fetcher | undefined;
  #settings: SensorSettings | undefined;
  #capturing = false;

  /** @param where the line's name for messages, such as the port's path. */
  constructor(stream: Duplex, where: string, options: SensorOptions = {}) {
    this.#stream = stream;
    this.#options = options;
    this.#asker = new Asker(stream, where, options);
  }

  async identify(): Promise<SensorIdentity> {
    return readIdentity(await this.#asker.request("identify"));
  }

  async capabilities(): Promise<SensorCapabilities> {
    const { transfer: _, ...capabilities } = await this.#learn();
    return capabilities;
  }

  async configure(settings: Partial<SensorSettings>): Promise<SensorSettings> {
    this.#refuseWhileCapturing();
    return this.#configure(settings);
  }

  async #configure(settings: Partial<SensorSettings>): Promise<SensorSettings> {
    const known = await this.#learn();
    checkSettings(settings, known);
    const inEffect = readSettings(await this.#asker.request("configure", settings as Record<string, unknown>));
    // Frames are held to the settings in effect: of another schedule than was asked for nobody would see it.
    if (settings.schedule && !sameSchedule(settings.schedule, inEffect.schedule ?? []))
      throw new SensorError(
        "KAN-SENSOR-ANSWER",
        `the sensor on ${this.#asker.where} has another schedule in effect than it was given`,
      );
    this.#settings = inEffect;
    return inEffect;
  }

  async health(): Promise<SensorHealth> {
    return readHealth(await this.#asker.request("health"), this.#asker.line);
  }

  async *capture({ frames, signal }: CaptureOptions): AsyncIterableIterator<SensorFrame> {
    if (!Number.isInteger(frames) || frames < 1 || frames > 65535) {
      throw new SensorError("KAN-SENSOR-SETTINGS", `a capture takes 1 to 65535 frames, not ${frames}`);
    }
    this.#refuseWhileCapturing();
    this.#capturing = true;
    // The host names the capture, so that asking twice starts one.
    const capture = randomInt(1, 2 ** 32);
    let alive: NodeJS.Timeout | undefined;
    try {
      const known = await this.#learn();
      // Said again with each capture: the module may have restarted since.
      await this.#configure(this.#settings ?? {});
      this.#fetcher ??= new Fetcher(this.#asker, known.transfer);
      await this.#asker.request("capture", { capture, frames }, signal);
      for (let frame = 0; frame < frames; frame++) {
        const taken = await this.#take(capture, frame, signal);
        alive = setInterval(() => this.#remind(capture, frame), this.#options.alive_ms ?? ALIVE_MS);
        yield taken;
        clearInterval(alive);
      }
    } finally {
      clearInterval(alive);
      await this.#stop(capture);
      this.#capturing = false;
    }
  }

  async close(): Promise<void> {
    this.#asker.close();
    // A pulled cable may be told again while the stream ends; nobody else listens any more.
    this.#stream.on("error", () => undefined);
    if (this.#options.closeStream) await this.#options.closeStream();
    else this.#stream.destroy();
  }

  #refuseWhileCapturing(): void {
    if (this.#capturing)
      throw new SensorError("KAN-SENSOR-BUSY", `the sensor on ${this.#asker.where} is capturing already`);
  }

  /** The module's capabilities, asked once. */
  async #learn(): Promise<Known> {
    if (this.#known) return this.#known;
    const known = readCapabilities(await this.#asker.request("capabilities"));
    const wanted = this.#options.modality;
    if (wanted !== undefined && known.modality !== wanted) {
      throw new SensorError(
        "KAN-SENSOR-KIND",
        `the sensor on ${this.#asker.where} is for ${known.modality}, not for ${wanted}`,
      );
    }
    this.#known = known;
    return known;
  }

  async #take(capture: number, frame: number, signal: AbortSignal | undefined): Promise<SensorFrame> {
    try {
      const ready = await this.#await(capture, frame, signal);
      this.#check(ready, frame);
      return makeFrame(ready.facts, await this.#bring(capture, frame, ready, signal));
    } catch (error) {
      if (error instanceof RefusedError && (error.rc === REFUSAL.noCapture || error.rc === REFUSAL.noFrame)) {
        const message = `the sensor on ${this.#asker.where} forgot the running capture`;
        throw new SensorError("KAN-SENSOR-RESTARTED", message, { cause: error });
      }
      throw error;
    }
  }

  /** The frame's pixels, whole and checked. */
  async #bring(
    capture: number,
    frame: number,
    ready: ReadyFrame,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array> {
    const data = new Uint8Array(ready.bytes);
    try {
      await this.#fetcher?.fetch(capture, frame, data, signal);
      if (crc32(data) === ready.crc32) return data;
      const { sequence } = ready.facts;
      throw new SensorError(
        "KAN-SENSOR-FRAME",
        `frame ${sequence} from ${this.#asker.where} does not fit its checksum`,
      );
    } catch (error) {
      data.fill(0);
      throw error;
    }
  }

  /** Waits until the module has the frame. */
  async #await(capture: number, frame: number, signal: AbortSignal | undefined): Promise<ReadyFrame> {
    const settings = this.#settings as SensorSettings;
    const patience = (this.#options.frame_ms ?? FRAME_MS) + (settings.exposure_us + settings.interval_us) / 1000;
    const start = performance.now();
    for (;;) {
      const answer = readFrame(await this.#asker.request("frame", { capture, frame }, signal), capture, frame);
      if (typeof answer !== "number") return answer;
      if (performance.now() - start > patience) {
        throw new SensorError(
          "KAN-SENSOR-STUCK",
          `the sensor on ${this.#asker.where} answers but delivers no frame (waited ${Math.round(patience)} ms)`,
        );
      }
      await sleep(Math.min(LONGEST_WAIT_MS, Math.max(1, answer / 1000)), undefined, signal ? { signal } : {}).catch(
        () => signal?.throwIfAborted(),
      );
    }
  }

  /** A frame that is not what was configured would be misread as a picture. */
  #check({ facts, bytes }: ReadyFrame, frame: number): void {
    const s = this.#settings as SensorSettings;
    const step = s.schedule?.[frame % s.schedule.length];
    if (step && !sameLight(step.illumination, facts.illumination))
      throw this.#unlike(`lit exposure ${frame} otherwise than its schedule says`);
    if (step && !samePattern(step.pattern, facts.pattern))
      throw this.#unlike(`projected another pattern in exposure ${frame} than its schedule says`);
    const coding = s.coding ?? "none";
    const most = coding === "rows" ? codedBytesMost(s.width, s.height) : frameBytes(s);
    const same = facts.width === s.width && facts.height === s.height && facts.bits === s.bits;
    if (same && (facts.coding ?? "none") === coding && (coding === "rows" ? bytes <= most : bytes === most)) return;
    const got = `${facts.width}x${facts.height}, ${facts.bits} bits, coding ${facts.coding ?? "none"}, ${bytes} bytes`;
    const wanted = `${s.width}x${s.height}, ${s.bits} bits, coding ${coding}, ${most} bytes${coding === "rows" ? " at most" : ""}`;
    throw this.#unlike(`announces a frame of ${got}; configured is ${wanted}`);
  }

  #unlike(what: string): SensorError {
    return new SensorError("KAN-SENSOR-FRAME", `the sensor on ${this.#asker.where} ${what}`);
  }

  /** Asks for the frame that is being worked on, so that the module keeps the capture: a reader may take its time. The next request tells errors. */
  #remind(capture: number, frame: number): void {
    this.#asker.request("frame", { capture, frame }).catch(() => undefined);
  }

  /** Makes the module wipe its buffers. Best effort: if it cannot be reached, its own time-out does it. */
  async #stop(capture: number): Promise<void> {
    await this.#asker.request("stop", { capture }, AbortSignal.timeout(STOP_MS)).catch(() => undefined);
  }
}
