// A whole simulated sensor: camera, module, line and the real driver on top. What the simulator and the tests start.
import type { DriverClass, OpenOptions } from "../protocol/open.ts";
import type { ProtocolSensor } from "../protocol/sensor.ts";
import type { Camera } from "./camera.ts";
import { type LineKind, openLine, type VirtualLine } from "./line.ts";
import { SimulatedModule } from "./module.ts";

export interface SimulatedSensor<S extends ProtocolSensor, C extends Camera> {
  /** The real driver. */
  readonly sensor: S;
  /** Who is before it: `camera.present({ person: 7 })`. */
  readonly camera: C;
  /** The module, with its fault switches. */
  readonly module: SimulatedModule;
  /** The line between them; `line.kind` says which was used. */
  readonly line: VirtualLine;
  close(): Promise<void>;
}

/** Starts a module with this camera and its driver. `kind` chooses the line; by default the best this machine can do. */
export async function openSimulatedSensor<S extends ProtocolSensor, C extends Camera>(
  Driver: DriverClass<S>,
  camera: C,
  kind?: LineKind,
  options: OpenOptions = {},
): Promise<SimulatedSensor<S, C>> {
  const line = await openLine(kind);
  const module = new SimulatedModule(line.far, camera);
  const port = await line.open();
  const sensor = new Driver(port.stream, line.path, { ...options, closeStream: port.close, wipeChunks: true });
  const close = async (): Promise<void> => {
    await sensor.close();
    await line.close();
  };
  return { sensor, camera, module, line, close };
}
