// The module's answers as the driver's types: one reader an answer, in the order of docs/sensor-protocol.md.
import {
  CODINGS,
  type FrameFormat,
  type FringePattern,
  MODALITIES,
  type PatternCapabilities,
  REGIONS,
  type ScheduleStep,
  type SensorCapabilities,
  type SensorHealth,
  type SensorIdentity,
  type SensorSettings,
} from "../driver.ts";
import { SensorError } from "../errors.ts";
import type { FrameFacts } from "../frame.ts";
import { Fields } from "./fields.ts";
import { frameBytes, LIMITS, PROTOCOL_VERSION } from "./messages.ts";

const U32 = 0xffffffff;
const CLOCK = Number.MAX_SAFE_INTEGER;

/** What the transfer needs to know of a module, beside its capabilities. */
export interface TransferLimits {
  /** Bytes of pixels in one chunk at most. */
  readonly chunk: number;
  /** Requests the module can queue. */
  readonly window: number;
}

/** A frame that is ready to be fetched. */
export interface ReadyFrame {
  readonly facts: FrameFacts;
  readonly bytes: number;
  readonly crc32: number;
}

export function readIdentity(body: unknown): SensorIdentity {
  const f = new Fields(body, "identify");
  const version = f.integer("protocol", 1, 255);
  if (version !== PROTOCOL_VERSION) {
    throw new SensorError(
      "KAN-SENSOR-ANSWER",
      `the sensor speaks version ${version} of the protocol, this driver version ${PROTOCOL_VERSION}`,
    );
  }
  return { vendor: f.text("vendor"), model: f.text("model"), serial: f.text("serial"), firmware: f.text("firmware") };
}

function readFormat(f: Fields): FrameFormat {
  const format = {
    width: f.integer("width", 1, LIMITS.side),
    height: f.integer("height", 1, LIMITS.side),
    bits: f.integer("bits", 8, 16),
  };
  if (frameBytes(format) <= LIMITS.frameBytes) return format;
  throw new SensorError(
    "KAN-SENSOR-ANSWER",
    `the sensor announces frames of ${frameBytes(format)} bytes, more than the ${LIMITS.frameBytes} allowed`,
  );
}

export function readCapabilities(body: unknown): SensorCapabilities & { transfer: TransferLimits } {
  const f = new Fields(body, "capabilities");
  const exposure = f.map("exposure_us");
  const buffers = f.integer("buffers", 1, LIMITS.buffers);
  return {
    modality: f.choice("modality", MODALITIES),
    matching: f.choice("matching", ["none", "on-module"]),
    profile: f.text("profile"),
    formats: f.list("formats", 1, LIMITS.formats).map(readFormat),
    illumination: f
      .list("illumination", 0, LIMITS.channels)
      .map((c) => ({ name: c.text("name"), nm: c.integer("nm", 300, 2500) })),
    exposure_us: { min: exposure.integer("min", 1, U32), max: exposure.integer("max", 1, U32) },
    max_rate_hz: f.integer("max_rate_hz", 1, 1000),
    buffers,
    ...(f.has("region") ? { region: f.choice("region", REGIONS) } : {}),
    ...(f.has("schedule") ? { schedule: f.integer("schedule", 0, Math.min(buffers, LIMITS.schedule)) } : {}),
    ...(f.has("patterns") ? { patterns: readPatterns(f.map("patterns")) } : {}),
    ...(f.has("coding") ? { coding: f.choice("coding", ["rows"]) } : {}),
    transfer: { chunk: f.integer("max_chunk", 64, 3968), window: f.integer("window", 1, 64) },
  };
}

function readPatterns(f: Fields): PatternCapabilities {
  return {
    periods: f.numbers("periods", 1, LIMITS.periods, LIMITS.patterns),
    steps: f.numbers("steps", 3, LIMITS.steps, LIMITS.patterns),
    bits: f.integer("bits", 0, LIMITS.bits),
  };
}

function readPattern(f: Fields): FringePattern {
  if (f.has("bit")) {
    const bits = f.integer("bits", 1, LIMITS.bits);
    return { bits, bit: f.integer("bit", 0, bits - 1) };
  }
  const steps = f.integer("steps", 3, LIMITS.steps);
  return {
    periods: f.integer("periods", 1, LIMITS.periods),
    steps,
    step: f.integer("step", 0, steps - 1),
    ...(f.has("offset") ? { offset: f.integer("offset", 0, LIMITS.offset) } : {}),
  };
}

/** Field `pattern`, if it is there. */
function patternOf(f: Fields): { pattern?: FringePattern } {
  return f.has("pattern") ? { pattern: readPattern(f.map("pattern")) } : {};
}

/** The steps of field `schedule`, also of a request. */
export function readSchedule(f: Fields): ScheduleStep[] {
  return f
    .list("schedule", 0, LIMITS.schedule)
    .map((step) => ({ illumination: step.map("illumination").integers(0, 100, LIMITS.channels), ...patternOf(step) }));
}

export function readSettings(body: unknown): SensorSettings {
  const f = new Fields(body, "configure");
  return {
    ...readFormat(f),
    exposure_us: f.integer("exposure_us", 1, U32),
    interval_us: f.integer("interval_us", 1, U32),
    illumination: f.map("illumination").integers(0, 100, LIMITS.channels),
    ...(f.has("schedule") ? { schedule: readSchedule(f) } : {}),
    ...(f.has("coding") ? { coding: f.choice("coding", CODINGS) } : {}),
  };
}

/** The answer to `frame`: the frame, or how long to wait for it in microseconds. Answers for another frame raise KAN-SENSOR-ANSWER. */
export function readFrame(body: unknown, capture: number, frame: number): ReadyFrame | number {
  const f = new Fields(body, "frame");
  f.integer("capture", capture, capture);
  f.integer("frame", frame, frame);
  if (f.has("wait_us")) return f.integer("wait_us", 0, U32);
  return {
    facts: {
      ...readFormat(f),
      sequence: f.integer("sequence", 0, U32),
      timestamp_us: f.integer("timestamp_us", 0, CLOCK),
      exposure_us: f.integer("exposure_us", 1, U32),
      illumination: f.map("illumination").integers(0, 100, LIMITS.channels),
      ...patternOf(f),
      ...(f.has("coding") ? { coding: f.choice("coding", ["rows"]) } : {}),
    },
    bytes: f.integer("bytes", 1, LIMITS.frameBytes),
    crc32: f.integer("crc32", 0, U32),
  };
}

export function readHealth(body: unknown, line: SensorHealth["line"]): SensorHealth {
  const f = new Fields(body, "health");
  return {
    temperature_c: f.integer("temperature_mc", -60_000, 200_000) / 1000,
    uptime_ms: f.integer("uptime_ms", 0, CLOCK),
    leds: f.map("leds").choices(["ok", "open", "short"], LIMITS.channels),
    counters: f.map("counters").integers(0, CLOCK, 64),
    line,
  };
}
