// A simulated sensor module: the far end of docs/sensor-protocol.md, with the state a real module's firmware would hold.
import type { Duplex } from "node:stream";
import { crc32 } from "../../link/crc32.ts";
import { CODINGS, type SensorSettings } from "../driver.ts";
import { SensorError } from "../errors.ts";
import { readSchedule } from "../protocol/answers.ts";
import { Fields } from "../protocol/fields.ts";
import {
  type Body,
  COMMAND,
  type CommandName,
  OPERATION,
  PROTOCOL_VERSION,
  REFUSAL,
  SENSOR_GROUP,
} from "../protocol/messages.ts";
import { encodeRows } from "../protocol/rows.ts";
import { checkSettings } from "../protocol/settings.ts";
import type { Camera, ExposureSettings } from "./camera.ts";
import { BitNoise, type Faults, noFaults } from "./faults.ts";
import { encodeMessage, MessageReader, type SmpMessage } from "./wire.ts";

/** A module forgets its frames when nobody has asked for them for so long. */
const FORGET_MS = 10_000;

class Refusal extends Error {
  readonly rc: number;
  constructor(rc: number) {
    super(`refused: ${rc}`);
    this.rc = rc;
  }
}

interface Held {
  readonly facts: Body;
  readonly pixels: Uint8Array;
}

interface Capture {
  readonly id: number;
  readonly frames: number;
  readonly startedAt: number;
  readonly firstSequence: number;
  readonly held: Map<number, Held>;
  /** Frames before this one were given up by the host and wiped. */
  oldest: number;
}

function u32(body: Body, name: string): number {
  const value = body[name];
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 0xffffffff) return value;
  throw new Refusal(REFUSAL.invalid);
}

/** Refuses what a check of the driver's would refuse. */
function granted(rc: number, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (error instanceof SensorError) throw new Refusal(rc);
    throw error;
  }
}

/** A module on the far end of a line. It runs as long as the line does. */
export class SimulatedModule {
  /** Switches of what goes wrong; change them at any time. */
  readonly faults: Faults = noFaults();
  /** After how long without a request the frames are forgotten. */
  forget_ms = FORGET_MS;
  readonly #line: Duplex;
  readonly #camera: Camera;
  readonly #reader: MessageReader;
  readonly #noiseIn = new BitNoise(1);
  readonly #noiseOut = new BitNoise(2);
  readonly #poweredAt = performance.now();
  #settings: SensorSettings;
  #capture: Capture | undefined;
  #sequence = 0;
  #forget: NodeJS.Timeout | undefined;
  #late: Buffer[] = [];

  constructor(line: Duplex, camera: Camera) {
    this.#line = line;
    this.#camera = camera;
    this.#settings = camera.defaults;
    this.#reader = new MessageReader((message) => this.#receive(message));
    line.on("data", (bytes: Buffer) => {
      const heard = Buffer.from(bytes);
      this.#noiseIn.apply(heard, this.faults.bitErrors);
      this.#reader.push(heard);
    });
    line.on("close", () => this.#wipe());
  }

  /** Loses all state, as when the supply fails for a moment. */
  restart(): void {
    this.#wipe();
    this.#settings = this.#camera.defaults;
    this.#sequence = 0;
  }

  /** Bytes of pixels the module holds that are not zero; 0 after every capture. */
  pixelsHeld(): number {
    let count = 0;
    for (const { pixels } of this.#capture?.held.values() ?? []) for (const byte of pixels) if (byte !== 0) count++;
    return count;
  }

  #receive(message: SmpMessage): void {
    const command = (Object.keys(COMMAND) as CommandName[]).find((name) => COMMAND[name] === message.command);
    if (this.faults.silent || message.operation % 2 !== 0) return;
    this.#answer(message, this.#perform(message, command));
  }

  #perform(message: SmpMessage, command: CommandName | undefined): Body {
    try {
      if (message.group !== SENSOR_GROUP || command === undefined || message.operation !== OPERATION[command]) {
        throw new Refusal(REFUSAL.unknown);
      }
      return this.#commands[command](message.body);
    } catch (error) {
      if (error instanceof Refusal) return { err: { group: SENSOR_GROUP, rc: error.rc } };
      throw error;
    }
  }

  readonly #commands: Record<CommandName, (body: Body) => Body> = {
    identify: () => ({ ...this.#camera.identity, protocol: PROTOCOL_VERSION }),
    capabilities: () => {
      const { transfer, ...capabilities } = this.#camera.capabilities;
      return { ...capabilities, max_chunk: transfer.chunk, window: transfer.window };
    },
    configure: (body) => this.#configure(body),
    capture: (body) => this.#start(u32(body, "capture"), u32(body, "frames")),
    frame: (body) => this.#frame(u32(body, "capture"), u32(body, "frame")),
    chunk: (body) => this.#chunk(body),
    stop: (body) => {
      if (this.#capture?.id === u32(body, "capture")) this.#wipe();
      return {};
    },
    health: () => {
      const { temperature_c, leds } = this.#camera.health();
      return {
        temperature_mc: Math.round(temperature_c * 1000),
        uptime_ms: Math.round(performance.now() - this.#poweredAt),
        leds,
        counters: { exposures: this.#sequence, bad_messages: this.#reader.corrupt },
      };
    },
  };

  #configure(body: Body): Body {
    this.#wipe();
    const wanted: { -readonly [name in keyof SensorSettings]: SensorSettings[name] } = { ...this.#settings };
    for (const name of Object.keys(wanted)) if (body[name] !== undefined) Object.assign(wanted, { [name]: body[name] });
    if (wanted.schedule) granted(REFUSAL.invalid, () => readSchedule(new Fields(wanted, "configure")));
    if (wanted.coding) granted(REFUSAL.invalid, () => new Fields(wanted, "configure").choice("coding", CODINGS));
    granted(REFUSAL.unsupported, () => checkSettings(wanted, this.#camera.capabilities));
    if (wanted.schedule) wanted.schedule = wanted.schedule.slice(0, this.faults.keptSteps);
    this.#settings = wanted;
    return { ...wanted };
  }

  #start(id: number, frames: number): Body {
    if (this.#capture?.id !== id) {
      if (frames < 1) throw new Refusal(REFUSAL.invalid);
      // A host that comes back after a crash starts anew; what it left behind goes.
      this.#wipe();
      this.#capture = {
        id,
        frames,
        startedAt: performance.now(),
        firstSequence: this.#sequence,
        held: new Map(),
        oldest: 0,
      };
    }
    return { capture: id };
  }

  #running(id: number): Capture {
    if (this.#capture?.id !== id) throw new Refusal(REFUSAL.noCapture);
    clearTimeout(this.#forget);
    this.#forget = setTimeout(() => this.#wipe(), this.forget_ms).unref();
    return this.#capture;
  }

  #frame(id: number, frame: number): Body {
    const capture = this.#running(id);
    if (frame < capture.oldest || frame >= capture.frames) throw new Refusal(REFUSAL.noFrame);
    for (const [earlier, { pixels }] of capture.held) {
      if (earlier >= frame) continue;
      pixels.fill(0);
      capture.held.delete(earlier);
    }
    capture.oldest = frame;
    const { exposure_us, interval_us } = this.#settings;
    const due = capture.startedAt + (frame * interval_us + exposure_us) / 1000 - performance.now();
    if (due > 0 || this.faults.stuck) return { capture: id, frame, wait_us: Math.max(1000, Math.round(due * 1000)) };
    const held = capture.held.get(frame) ?? this.#expose(capture, frame);
    capture.held.set(frame, held);
    return held.facts;
  }

  #expose(capture: Capture, frame: number): Held {
    const { schedule = [] } = this.#settings;
    const turn = (this.faults.swapSteps ? frame ^ 1 : frame) % schedule.length;
    const step = this.faults.ignoreSchedule ? undefined : schedule[turn];
    const height = this.faults.wrongSize ? this.#settings.height >> 1 : this.#settings.height;
    const coding = (this.#settings.coding === "rows") !== this.faults.otherCoding ? "rows" : "none";
    const settings = { ...this.#settings, ...step, height, coding } as const;
    const { width, bits, exposure_us, interval_us, illumination, pattern } = settings;
    const skipped = frame > 0 ? this.faults.skip : 0;
    const sequence = capture.firstSequence + frame + skipped;
    const pixels = this.#pixels(settings, sequence);
    this.#sequence = Math.max(this.#sequence, sequence + 1);

    const late_us = frame > 0 ? this.faults.late_us : 0;
    const timestamp_us =
      Math.round((capture.startedAt - this.#poweredAt) * 1000) + (frame + skipped) * interval_us + late_us;
    const facts = {
      capture: capture.id,
      frame,
      width,
      height,
      bits,
      sequence,
      timestamp_us,
      exposure_us,
      illumination,
      ...(pattern && { pattern }),
      ...(coding === "rows" && { coding }),
      bytes: pixels.length,
      crc32: crc32(pixels),
    };
    if (this.faults.spoilFrames > 0) {
      this.faults.spoilFrames--;
      pixels[pixels.length >> 1]! ^= 0x55;
    }
    return { facts, pixels };
  }

  /** One exposure's pixels as they go over the line. */
  #pixels(settings: ExposureSettings, sequence: number): Uint8Array {
    const pixels = this.#camera.expose(settings, sequence);
    if (settings.coding !== "rows") return pixels;
    const coded = encodeRows(pixels, settings.width, settings.height);
    pixels.fill(0);
    return coded;
  }

  #chunk(body: Body): Body {
    const capture = this.#running(u32(body, "capture"));
    const frame = u32(body, "frame");
    const held = capture.held.get(frame);
    if (!held) throw new Refusal(REFUSAL.noFrame);
    const offset = u32(body, "offset");
    const length = Math.min(u32(body, "length"), this.#camera.capabilities.transfer.chunk);
    if (offset >= held.pixels.length || length === 0) throw new Refusal(REFUSAL.invalid);
    return { capture: capture.id, frame, offset, data: held.pixels.subarray(offset, offset + length) };
  }

  #wipe(): void {
    clearTimeout(this.#forget);
    for (const { pixels } of this.#capture?.held.values() ?? []) pixels.fill(0);
    this.#capture = undefined;
  }

  #answer(request: SmpMessage, body: Body): void {
    const { faults } = this;
    let bytes = encodeMessage({ ...request, operation: request.operation + 1, body });
    if (request.command === COMMAND.chunk) {
      if (faults.dropChunks > 0) {
        faults.dropChunks--;
        return;
      }
      if (faults.cutChunks > 0) {
        faults.cutChunks--;
        bytes = bytes.subarray(0, bytes.length >> 1);
      }
      if (faults.reorderChunks > 0 && this.#late.length === 0) {
        faults.reorderChunks--;
        this.#late.push(bytes);
        return;
      }
    }
    const sent = faults.duplicate ? [bytes, Buffer.from(bytes)] : [bytes];
    for (const part of [...sent, ...this.#late.splice(0)]) {
      this.#noiseOut.apply(part, faults.bitErrors);
      if (this.#line.writable) this.#line.write(part);
    }
  }
}
