// Opens and closes serial ports with promises and with errors that say what to do.
import type { Duplex } from "node:stream";
import { SerialPort } from "serialport";
import { SensorError } from "../errors.ts";

/** Line speed of a module that does not say otherwise; USB modules ignore it. */
export const DEFAULT_BAUD = 921_600;

/** An open port: the stream, and how to end it. Its chunks may be wiped: they are cut from a pool that the stream alone holds. */
export interface OpenPort {
  readonly stream: Duplex;
  readonly path: string;
  close(): Promise<void>;
}

/** What is used of serialport's streams. */
type Port = Pick<SerialPort, "open" | "close" | "isOpen"> & Duplex;

/** Opens one of serialport's streams (also one on the mock binding) that was made with `autoOpen: false`. */
export function openPortStream(port: Port, path: string): Promise<OpenPort> {
  return new Promise((resolve, reject) => {
    port.open((cause) => {
      if (cause)
        reject(
          new SensorError("KAN-SENSOR-OPEN", `cannot open the sensor's port ${path}: ${cause.message}`, { cause }),
        );
      else resolve({ stream: port, path, close: () => closePort(port) });
    });
  });
}

function closePort(port: Port): Promise<void> {
  return new Promise((resolve) => {
    if (!port.isOpen) resolve();
    else port.close(() => resolve());
  });
}

/** Opens a serial port by its path (`/dev/ttyACM0`, `COM3`). Raises KAN-SENSOR-OPEN. */
export function openPort(path: string, baudRate = DEFAULT_BAUD): Promise<OpenPort> {
  return openPortStream(new SerialPort({ path, baudRate, autoOpen: false }), path);
}
