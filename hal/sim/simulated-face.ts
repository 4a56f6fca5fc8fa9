// A whole simulated structured-light sensor, as the simulator and the tests start it.
import { FaceSensor } from "../face/driver.ts";
import type { OpenOptions } from "../protocol/open.ts";
import { type FaceCameraOptions, SimulatedFaceCamera } from "./face.ts";
import type { LineKind } from "./line.ts";
import { openSimulatedSensor, type SimulatedSensor } from "./simulated-sensor.ts";

export type SimulatedFace = SimulatedSensor<FaceSensor, SimulatedFaceCamera>;

/** Starts one. `kind` chooses the line; by default the best this machine can do. */
export function openSimulatedFace(
  camera: FaceCameraOptions = {},
  kind?: LineKind,
  options: OpenOptions = {},
): Promise<SimulatedFace> {
  return openSimulatedSensor(FaceSensor, new SimulatedFaceCamera(camera), kind, options);
}
