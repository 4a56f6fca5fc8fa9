// A whole simulated iris sensor: camera, module, line and the real driver on top. What the simulator and the tests start.
import { IrisSensor } from "../iris/driver.ts";
import type { SensorOptions } from "../protocol/sensor.ts";
import { SimulatedIrisCamera } from "./iris.ts";
import { type LineKind, openLine, type VirtualLine } from "./line.ts";
import { SimulatedModule } from "./module.ts";

export interface SimulatedIris {
  /** The real driver. */
  readonly sensor: IrisSensor;
  /** Who is before it: `camera.present({ person: 7 })`. */
  readonly camera: SimulatedIrisCamera;
  /** The module, with its fault switches. */
  readonly module: SimulatedModule;
  /** The line between them; `line.kind` says which was used. */
  readonly line: VirtualLine;
  close(): Promise<void>;
}

/** Starts one. `kind` chooses the line; by default the best this machine can do. */
export async function openSimulatedIris(
  kind?: LineKind,
  options: Omit<SensorOptions, "modality" | "closeStream" | "wipeChunks"> = {},
): Promise<SimulatedIris> {
  const line = await openLine(kind);
  const camera = new SimulatedIrisCamera();
  const module = new SimulatedModule(line.far, camera);
  const port = await line.open();
  const sensor = new IrisSensor(port.stream, line.path, { ...options, closeStream: port.close, wipeChunks: true });
  const close = async (): Promise<void> => {
    await sensor.close();
    await line.close();
  };
  return { sensor, camera, module, line, close };
}
