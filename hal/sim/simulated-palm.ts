// A whole simulated palm sensor, as the simulator and the tests start it.
import { PalmSensor } from "../palm/driver.ts";
import type { OpenOptions } from "../protocol/open.ts";
import type { LineKind } from "./line.ts";
import { type PalmCameraOptions, SimulatedPalmCamera } from "./palm.ts";
import { openSimulatedSensor, type SimulatedSensor } from "./simulated-sensor.ts";

export type SimulatedPalm = SimulatedSensor<PalmSensor, SimulatedPalmCamera>;

/** Starts one. `kind` chooses the line; by default the best this machine can do. */
export function openSimulatedPalm(
  camera: PalmCameraOptions = {},
  kind?: LineKind,
  options: OpenOptions = {},
): Promise<SimulatedPalm> {
  return openSimulatedSensor(PalmSensor, new SimulatedPalmCamera(camera), kind, options);
}
