// The iris sensor's driver: a module that speaks docs/sensor-protocol.md, opened by its port or over a given stream.
import type { Duplex } from "node:stream";
import { type DriverOptions, type OpenOptions, openDriver } from "../protocol/open.ts";
import { ProtocolSensor } from "../protocol/sensor.ts";

/** An iris camera on a line. Everything is the protocol's; the module must say that it is for irises. */
export class IrisSensor extends ProtocolSensor {
  /** @param where the line's name for messages. */
  constructor(stream: Duplex, where: string, options: DriverOptions = {}) {
    super(stream, where, { ...options, modality: "iris" });
  }

  /** Opens the module on a serial port. Raises KAN-SENSOR-OPEN. */
  static open(path: string, options: OpenOptions & { baudRate?: number } = {}): Promise<IrisSensor> {
    return openDriver(IrisSensor, path, options);
  }
}
