// Checks wanted settings against a module's capabilities before they are sent, so that the message can say what would do.
import type { Illumination, ScheduleStep, SensorCapabilities, SensorSettings } from "../driver.ts";
import { SensorError } from "../errors.ts";

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

/** Whether two illuminations are the same light; a channel that is not named is off. */
export function sameLight(a: Illumination, b: Illumination): boolean {
  return Object.keys({ ...a, ...b }).every((name) => (a[name] ?? 0) === (b[name] ?? 0));
}

/** Whether two schedules light the exposures of a capture alike. */
export function sameSchedule(a: readonly ScheduleStep[], b: readonly ScheduleStep[]): boolean {
  return a.length === b.length && a.every(({ illumination }, i) => sameLight(illumination, b[i]!.illumination));
}

/** Raises KAN-SENSOR-SETTINGS for the first setting that the module cannot do. */
export function checkSettings(settings: Partial<SensorSettings>, can: SensorCapabilities): void {
  const { width, height, bits, exposure_us, interval_us, illumination = {}, schedule = [] } = settings;
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
  for (const step of schedule) checkLight(step.illumination, can);
}
