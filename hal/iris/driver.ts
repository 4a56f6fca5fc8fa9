// The iris sensor's driver: a module that speaks docs/sensor-protocol.md, opened by its port or over a given stream.
import type { Duplex } from "node:stream";
import { DEFAULT_BAUD, openPort } from "../protocol/port.ts";
import { ProtocolSensor, type SensorOptions } from "../protocol/sensor.ts";

/** An iris camera on a line. Everything is the protocol's; the module must say that it is for irises. */
export class IrisSensor extends ProtocolSensor {
  /** @param where the line's name for messages. */
  constructor(stream: Duplex, where: string, options: Omit<SensorOptions, "modality"> = {}) {
    super(stream, where, { ...options, modality: "iris" });
  }

  /** Opens the module on a serial port. Raises KAN-SENSOR-OPEN. */
  static async open(
    path: string,
    options: Omit<SensorOptions, "modality" | "closeStream" | "wipeChunks"> & { baudRate?: number } = {},
  ): Promise<IrisSensor> {
    const { baudRate = DEFAULT_BAUD, ...rest } = options;
    const port = await openPort(path, baudRate);
    return new IrisSensor(port.stream, path, { ...rest, closeStream: port.close, wipeChunks: true });
  }
}
