// The driver of a structured-light face sensor: a module that speaks docs/sensor-protocol.md and projects patterns. A capture is a stack:
// one picture under each pattern, taken in a row. What the driver delivers is one frame a stack, all its pictures as coded rows, which the
// device decodes as they come. The module's serial number (`identify`) is the unit that a calibration names.
import type { Duplex } from "node:stream";
import type {
  CaptureOptions,
  FringeStack,
  Illumination,
  SensorCapabilities,
  SensorFrame,
  SensorSettings,
} from "../driver.ts";
import { SensorError } from "../errors.ts";
import { makeFrame } from "../frame.ts";
import { checkFollows } from "../protocol/burst.ts";
import { type DriverOptions, type OpenOptions, openDriver } from "../protocol/open.ts";
import { encodeRows, splitRows } from "../protocol/rows.ts";
import { ProtocolSensor } from "../protocol/sensor.ts";
import { finestPeriods, PHASE_GRAY, PHASE_SHIFT, patternsOf } from "./patterns.ts";

/** The most exposures of one capture in the protocol. */
const MAX_EXPOSURES = 65535;

/** What a face sensor is opened with. */
export interface FaceOptions extends DriverOptions {
  /** The patterns to take a face with; by default the richest stack of PHASE_SHIFT and PHASE_GRAY that the module can project. */
  readonly stack?: FringeStack;
}

/** A structured-light module on a line. `illumination` in its settings says the light of all patterns. */
export class FaceSensor extends ProtocolSensor {
  readonly #where: string;
  readonly #wanted: FringeStack | undefined;
  #stack: FringeStack | undefined;
  #levels: Illumination = {};
  #interval_us = 0;

  /** @param where the line's name for messages. */
  constructor(stream: Duplex, where: string, { stack, ...options }: FaceOptions = {}) {
    super(stream, where, { ...options, modality: "face" });
    this.#where = where;
    this.#wanted = stack;
  }

  /** Opens the module on a serial port. Raises KAN-SENSOR-OPEN. */
  static open(path: string, options: OpenOptions & { baudRate?: number } = {}): Promise<FaceSensor> {
    return openDriver(FaceSensor, path, options);
  }

  /** As SensorDriver says; the schedule is made of the stack's patterns and of `illumination`, frames are coded if the module can. */
  override async configure(settings: Partial<SensorSettings>): Promise<SensorSettings> {
    if (settings.schedule !== undefined || settings.coding !== undefined)
      throw new SensorError("KAN-SENSOR-SETTINGS", "schedule and coding of a face sensor are its driver's to set");
    const known = await this.capabilities();
    const stack = this.#wanted ?? richest(known);
    const levels = settings.illumination ?? (this.#stack ? this.#levels : (await super.configure({})).illumination);
    if (!Object.values(levels).some((level) => level > 0))
      throw new SensorError("KAN-SENSOR-SETTINGS", `the projector on ${this.#where} is dark: set illumination`);
    const inEffect = await super.configure({
      ...settings,
      bits: settings.bits ?? 8,
      illumination: levels,
      schedule: patternsOf(stack).map((pattern) => ({ illumination: levels, pattern })),
      ...(known.coding && { coding: known.coding }),
    });
    if (inEffect.bits !== 8)
      throw new SensorError("KAN-SENSOR-SETTINGS", `a stack's pictures have 8 bits, not ${inEffect.bits}`);
    this.#stack = stack;
    this.#levels = levels;
    this.#interval_us = inEffect.interval_us;
    return inEffect;
  }

  /** The patterns of the stacks that captures take. */
  async stack(): Promise<FringeStack> {
    if (!this.#stack) await this.configure({});
    return this.#stack as FringeStack;
  }

  /**
   * Takes stacks: `frames` counts them. A frame's `data` is its pictures in the order of the stack's patterns, each its coded rows
   * (hal/protocol/rows.ts); sequence and time are those of the first picture. Raises KAN-SENSOR-FRAME for pictures that are not from one
   * stack: one lost or doubled, another pattern than its turn's, or late.
   */
  override async *capture({ frames, signal }: CaptureOptions): AsyncIterableIterator<SensorFrame> {
    const stack = await this.stack();
    const size = patternsOf(stack).length;
    if (!Number.isInteger(frames) || frames < 1 || frames * size > MAX_EXPOSURES) {
      const most = Math.floor(MAX_EXPOSURES / size);
      throw new SensorError("KAN-SENSOR-SETTINGS", `a face capture takes 1 to ${most} stacks, not ${frames}`);
    }
    const pictures: SensorFrame[] = [];
    const forget = (): void => {
      for (const picture of pictures.splice(0)) picture.release();
    };
    try {
      for await (const picture of super.capture({ frames: frames * size, ...(signal && { signal }) })) {
        pictures.push(picture);
        checkFollows(pictures, this.#interval_us, "stack", this.#where);
        if (pictures.length < size) continue;
        const frame = join(pictures, stack, this.#levels);
        forget();
        yield frame;
      }
    } finally {
      forget();
    }
  }
}

/** The stack that says most of those that the module can project. */
function richest({ patterns, schedule = 0 }: SensorCapabilities): FringeStack {
  const can = (stack: FringeStack): boolean =>
    patterns !== undefined &&
    patternsOf(stack).length <= schedule &&
    patterns.steps.includes(stack.steps) &&
    (stack.kind === "phase-shift"
      ? stack.periods.every((p) => patterns.periods.includes(p))
      : patterns.periods.includes(finestPeriods(stack)) && patterns.bits >= stack.bits);
  // Where neither will do, the settings' check says what the module lacks.
  return [PHASE_SHIFT, PHASE_GRAY].find(can) ?? PHASE_SHIFT;
}

/** One frame of a stack's pictures, which stay the caller's to release. */
function join(pictures: readonly SensorFrame[], stack: FringeStack, illumination: Illumination): SensorFrame {
  const { width, height, sequence, timestamp_us, exposure_us } = pictures[0] as SensorFrame;
  const parts = pictures.map(({ data, coding }) => (coding === "rows" ? data : encodeRows(data, width, height)));
  const data = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
  let at = 0;
  for (const [i, part] of parts.entries()) {
    splitRows(part, width, height);
    data.set(part, at);
    at += part.length;
    if (part !== pictures[i]?.data) part.fill(0);
  }
  const facts = { width, height, bits: 8, sequence, timestamp_us, exposure_us, illumination };
  return makeFrame({ ...facts, coding: "rows", stack }, data);
}
