// Serial ports: opened, and listed with what identifies them. A pty's path is a port like any other.
import type { Duplex } from "node:stream";
import { SerialPort } from "serialport";
import { EXIT, KanmonError } from "../errors.ts";

/** An open port; the stream is closed with `close`. */
export interface SerialLine {
  readonly stream: Duplex;
  close(): Promise<void>;
}

/** A port of this machine. */
export interface ListedPort {
  readonly path: string;
  /** The USB device's serial number. */
  readonly serial: string | undefined;
}

/** Opens a port. Throws KAN-PORT-OPEN. */
export async function openSerial(path: string, baudRate: number): Promise<SerialLine> {
  const port = new SerialPort({ path, baudRate, autoOpen: false });
  await new Promise<void>((resolve, reject) =>
    port.open((error) =>
      error
        ? reject(
            new KanmonError(
              "KAN-PORT-OPEN",
              `the port ${path} cannot be opened: ${error.message}`,
              "Check that the reader is plugged in, the name is right, and no other program holds the port.",
              EXIT.device,
            ),
          )
        : resolve(),
    ),
  );
  // A pulled cable may be told once more when the client has let go of the port.
  port.on("error", () => undefined);
  return {
    stream: port,
    close: () => new Promise((resolve) => (port.isOpen ? port.close(() => resolve()) : resolve())),
  };
}

/** The USB ports of this machine; none where they cannot be listed (on Linux without udevadm). */
export async function listSerial(): Promise<ListedPort[]> {
  const ports = await SerialPort.list().catch(() => []);
  return ports
    .filter(({ vendorId, serialNumber }) => vendorId !== undefined || serialNumber !== undefined)
    .map(({ path, serialNumber }) => ({ path, serial: serialNumber }));
}
