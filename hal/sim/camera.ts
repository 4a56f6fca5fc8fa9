// What a simulated module is made of: the facts it reports and a picture for each exposure. The protocol is module.ts's business.
import type { ScheduleStep, SensorCapabilities, SensorIdentity, SensorSettings } from "../driver.ts";
import type { TransferLimits } from "../protocol/answers.ts";

/** The settings in effect for one exposure, with what its step of the schedule says. */
export type ExposureSettings = SensorSettings & Pick<ScheduleStep, "pattern">;

export interface Camera {
  readonly identity: SensorIdentity;
  readonly capabilities: SensorCapabilities & { readonly transfer: TransferLimits };
  /** Settings after power-on. */
  readonly defaults: SensorSettings;
  /** Takes one picture: pixels as in SensorFrame.data. The caller zeroes them when done. */
  expose(settings: ExposureSettings, sequence: number): Uint8Array;
  /** Temperature in degrees Celsius, and each LED's state. */
  health(): { temperature_c: number; leds: Record<string, "ok" | "open" | "short"> };
}
