// A whole simulated iris sensor, as the simulator and the tests start it.
import { IrisSensor } from "../iris/driver.ts";
import type { OpenOptions } from "../protocol/open.ts";
import { SimulatedIrisCamera } from "./iris.ts";
import type { LineKind } from "./line.ts";
import { openSimulatedSensor, type SimulatedSensor } from "./simulated-sensor.ts";

export type SimulatedIris = SimulatedSensor<IrisSensor, SimulatedIrisCamera>;

/** Starts one. `kind` chooses the line; by default the best this machine can do. */
export function openSimulatedIris(kind?: LineKind, options: OpenOptions = {}): Promise<SimulatedIris> {
  return openSimulatedSensor(IrisSensor, new SimulatedIrisCamera(), kind, options);
}
