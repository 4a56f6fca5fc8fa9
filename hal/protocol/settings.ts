// Checks wanted settings against a module's capabilities before they are sent, so that the message can say what would do.
import type { FringePattern, Illumination, ScheduleStep, SensorCapabilities, SensorSettings } from "../driver.ts";
import { SensorError } from "../errors.ts";
import { LIMITS } from "./messages.ts";

function refuse(what: string, wanted: string): never {
  throw new SensorError("KAN-SENSOR-SETTINGS", `${what} is not possible with this sensor: choose ${wanted}`);
}

function checkRange(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max)
    refuse(`${name} ${value}`, `an integer from ${min} to ${max}`);
}

function checkLight(illumination: Illumination, can: SensorCapabilities): void {
  for (const [name, level] of Object.entries(illumination)) {
    if (!can.illumination.some((channel) => channel.name === name)) {
      refuse(`illumination '${name}'`, can.illumination.map((channel) => channel.name).join(", ") || "none");
    }
    checkRange(`illumination '${name}'`, level, 0, 100);
  }
}

function checkPattern(pattern: FringePattern, { patterns }: SensorCapabilities): void {
  if (!patterns) refuse("a projected pattern", "a sensor that projects");
  if ("bit" in pattern) {
    if (pattern.bits > patterns.bits) refuse(`a Gray code of ${pattern.bits} bits`, `at most ${patterns.bits}`);
    checkRange("bit", pattern.bit, 0, pattern.bits - 1);
    return;
  }
  const { periods, steps, step, offset = 0 } = pattern;
  if (!patterns.periods.includes(periods)) refuse(`a fringe of ${periods} periods`, patterns.periods.join(", "));
  if (!patterns.steps.includes(steps)) refuse(`a shift in ${steps} steps`, patterns.steps.join(", "));
  checkRange("step", step, 0, steps - 1);
  checkRange("offset", offset, 0, LIMITS.offset);
}

/** Whether two patterns are the same; undefined: none. */
export function samePattern(a: FringePattern | undefined, b: FringePattern | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if ("bit" in a || "bit" in b) return "bit" in a && "bit" in b && a.bits === b.bits && a.bit === b.bit;
  const same = a.periods === b.periods && a.steps === b.steps && a.step === b.step;
  return same && (a.offset ?? 0) === (b.offset ?? 0);
}

/** Whether two illuminations are the same light; a channel that is not named is off. */
export function sameLight(a: Illumination, b: Illumination): boolean {
  return Object.keys({ ...a, ...b }).every((name) => (a[name] ?? 0) === (b[name] ?? 0));
}

/** Whether two schedules light the exposures of a capture alike, and project the same. */
export function sameSchedule(a: readonly ScheduleStep[], b: readonly ScheduleStep[]): boolean {
  const same = (one: ScheduleStep, other: ScheduleStep): boolean =>
    sameLight(one.illumination, other.illumination) && samePattern(one.pattern, other.pattern);
  return a.length === b.length && a.every((step, i) => same(step, b[i]!));
}

/** Raises KAN-SENSOR-SETTINGS for the first setting that the module cannot do. */
export function checkSettings(settings: Partial<SensorSettings>, can: SensorCapabilities): void {
  const { width, height, bits, exposure_us, interval_us, illumination = {}, schedule = [], coding } = settings;
  const fits = can.formats.some(
    (f) => (width ?? f.width) === f.width && (height ?? f.height) === f.height && (bits ?? f.bits) === f.bits,
  );
  if (!fits) {
    const sizes = can.formats.map((f) => `${f.width}x${f.height} at ${f.bits} bits`).join(", ");
    refuse(`a frame of ${width ?? "any width"} x ${height ?? "any height"} at ${bits ?? "any"} bits`, sizes);
  }
  if (exposure_us !== undefined) checkRange("exposure_us", exposure_us, can.exposure_us.min, can.exposure_us.max);
  if (interval_us !== undefined) checkRange("interval_us", interval_us, Math.ceil(1e6 / can.max_rate_hz), 0xffffffff);
  checkLight(illumination, can);
  const steps = can.schedule ?? 0;
  if (schedule.length > steps)
    refuse(`a schedule of ${schedule.length} steps`, steps > 0 ? `at most ${steps}` : "a sensor that takes schedules");
  for (const step of schedule) {
    checkLight(step.illumination, can);
    if (step.pattern) checkPattern(step.pattern, can);
  }
  if (coding !== "rows") return;
  if (can.coding !== "rows") refuse("coding 'rows'", "none");
  if (bits !== undefined && bits !== 8) refuse(`coding 'rows' at ${bits} bits`, "8 bits");
}
