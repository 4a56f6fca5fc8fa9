// Opens a modality's driver on a serial port: what all drivers that build on ProtocolSensor have in common.
import type { Duplex } from "node:stream";
import { DEFAULT_BAUD, openPort } from "./port.ts";
import type { SensorOptions } from "./sensor.ts";

/** Options of a driver whose modality is known. */
export type DriverOptions = Omit<SensorOptions, "modality">;

/** Options of a driver that opens its port itself. */
export type OpenOptions = Omit<DriverOptions, "closeStream" | "wipeChunks">;

/** A driver's class. */
export type DriverClass<T> = new (stream: Duplex, where: string, options: DriverOptions) => T;

/** Opens a driver on a serial port; the port's chunks are wiped, and it ends with the driver. Raises KAN-SENSOR-OPEN. */
export async function openDriver<T>(
  Driver: DriverClass<T>,
  path: string,
  { baudRate = DEFAULT_BAUD, ...options }: OpenOptions & { baudRate?: number } = {},
): Promise<T> {
  const port = await openPort(path, baudRate);
  return new Driver(port.stream, path, { ...options, closeStream: port.close, wipeChunks: true });
}
