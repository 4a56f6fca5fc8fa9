// What every sensor looks like to the rest of Kanmon, whatever its modality, maker or line. A new sensor is one class (or, for a
// module that speaks docs/sensor-protocol.md, no code at all); nothing outside hal/ knows more than this file.

/** Modalities that a sensor can serve. */
export const MODALITIES = ["iris", "palm", "face"] as const;
export type Modality = (typeof MODALITIES)[number];

/** What of a hand a palm sensor's frames show: a region of interest, what lies behind a guide's window, or all of it. */
export const REGIONS = ["cropped", "window", "whole hand"] as const;
export type Region = (typeof REGIONS)[number];

/** Who made the sensor and which one it is. */
export interface SensorIdentity {
  readonly vendor: string;
  readonly model: string;
  readonly serial: string;
  readonly firmware: string;
}

/** A frame size the sensor delivers. `bits` per pixel: 8, or 9..16 in two bytes, little-endian. */
export interface FrameFormat {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
}

/** A light source that can be set on its own; `nm` is the wavelength of its peak. */
export interface IlluminationChannel {
  readonly name: string;
  readonly nm: number;
}

export interface SensorCapabilities {
  readonly modality: Modality;
  /** Whether the module compares by itself. Kanmon then uses its frames only if it delivers any, and never its scores. */
  readonly matching: "none" | "on-module";
  /** How the subject meets the sensor, as the data sets' sensor.json says it: "close-up", "contactless", "guided"... */
  readonly profile: string;
  /** Palm: what of the hand the frames show. */
  readonly region?: Region;
  readonly formats: readonly FrameFormat[];
  readonly illumination: readonly IlluminationChannel[];
  readonly exposure_us: { readonly min: number; readonly max: number };
  /** Frames a second at most. */
  readonly max_rate_hz: number;
  /** Frames the module can hold: a burst of so many is taken at full rate, whatever the line's speed. */
  readonly buffers: number;
  /** Steps that a schedule may have; absent: the module takes none. */
  readonly schedule?: number;
  /** Patterns that it can project; absent: none. */
  readonly patterns?: PatternCapabilities;
  /** How its frames may be coded, beside not at all; absent: not at all. */
  readonly coding?: Exclude<Coding, "none">;
}

/** How a frame's bytes are coded: "none" as they are, "rows" as hal/protocol/rows.ts says. */
export const CODINGS = ["none", "rows"] as const;
export type Coding = (typeof CODINGS)[number];

/** A fringe over the projected picture's width, shifted: `step` of `steps`, and by `offset` 65536ths of a turn more. */
export interface PhaseShift {
  readonly periods: number;
  readonly steps: number;
  readonly step: number;
  readonly offset?: number;
}

/** One bit of a Gray code of `bits` bits over the projected picture's width; bit 0 is the coarsest. */
export interface GrayBit {
  readonly bits: number;
  readonly bit: number;
}

/** What a structured-light module projects in one exposure. */
export type FringePattern = PhaseShift | GrayBit;

/** The patterns of a stack: each number of periods in `steps` steps, the coarsest first; or a fringe and a Gray code of its half periods. */
export type FringeStack =
  | { readonly kind: "phase-shift"; readonly periods: readonly number[]; readonly steps: number }
  | { readonly kind: "phase-gray"; readonly steps: number; readonly bits: number };

/** Which patterns a module can project. */
export interface PatternCapabilities {
  readonly periods: readonly number[];
  readonly steps: readonly number[];
  /** Bits of its Gray codes at most; 0: it has none. */
  readonly bits: number;
}

/** Levels of the illumination channels in percent of their rated current, by name. */
export type Illumination = Readonly<Record<string, number>>;

/** What differs between the exposures of a capture. */
export interface ScheduleStep {
  /** In place of the settings' illumination. Channels that are not named are off: none named is an exposure to ambient light. */
  readonly illumination: Illumination;
  /** What is projected with that light; absent: nothing but even light. */
  readonly pattern?: FringePattern;
}

export interface SensorSettings {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly exposure_us: number;
  /** Time from one exposure's start to the next one's; at least 1 / max_rate_hz. */
  readonly interval_us: number;
  /** Channels that are not named are off. */
  readonly illumination: Illumination;
  /** Steps that the exposures of a capture go through, over and over; empty or absent: every exposure is lit alike. */
  readonly schedule?: readonly ScheduleStep[];
  /** How frames of 8 bits come over the line; absent: as they are. */
  readonly coding?: Coding;
}

/** One frame. Whoever took it calls `release()` when done: the pixels are zeroed and must not be read any more. */
export interface SensorFrame {
  /** Row-major, one byte a pixel up to 8 bits, else two, little-endian; several planes one after the other. Coded: see `coding`. */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  /** Counts the exposures since the module's start; a gap tells of frames the module dropped. */
  readonly sequence: number;
  /** Start of the exposure on the module's clock. */
  readonly timestamp_us: number;
  readonly exposure_us: number;
  readonly illumination: Illumination;
  /** Wavelength of each plane in nanometres; absent: one plane, and the sensor does not say. */
  readonly bands_nm?: readonly number[];
  /** How `data` is coded; absent: not at all. */
  readonly coding?: Exclude<Coding, "none">;
  /** What was projected in this exposure; absent: nothing. */
  readonly pattern?: FringePattern;
  /** Face: `data` is a stack of so many pictures, each under its pattern. */
  readonly stack?: FringeStack;
  release(): void;
}

export interface SensorHealth {
  readonly temperature_c: number;
  readonly uptime_ms: number;
  /** State of each illumination channel, by name. */
  readonly leds: Readonly<Record<string, "ok" | "open" | "short">>;
  /** Counters since the module's start, as the module names them (`dropped_frames`, `bad_messages`...). */
  readonly counters: Readonly<Record<string, number>>;
  /** Counters of the line as seen from the driver's end. */
  readonly line: { readonly corrupt_messages: number; readonly repeated_requests: number };
}

export interface CaptureOptions {
  /** Frames to take. */
  readonly frames: number;
  /** Aborts the capture: iteration then throws the signal's reason, and the module forgets its frames. */
  readonly signal?: AbortSignal;
}

/** A sensor. All methods reject with a SensorError (hal/errors.ts) when the sensor, its line or a setting is at fault. */
export interface SensorDriver {
  identify(): Promise<SensorIdentity>;
  capabilities(): Promise<SensorCapabilities>;
  /** Changes the named settings, keeps the others, and returns those in effect. */
  configure(settings: Partial<SensorSettings>): Promise<SensorSettings>;
  /** Wavelength of each plane of the frames that the settings in effect give; absent: frames have one plane, and the sensor does not say. */
  bands?(): Promise<readonly number[]>;
  /** Patterns of the stacks that captures take; absent: frames are no stacks. */
  stack?(): Promise<FringeStack>;
  /** Takes frames, in order; one capture at a time. Leaving the loop early ends the capture and wipes the module's buffers. */
  capture(options: CaptureOptions): AsyncIterableIterator<SensorFrame>;
  health(): Promise<SensorHealth>;
  close(): Promise<void>;
}
