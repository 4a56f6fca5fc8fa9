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

/** What the library, or the system behind it, says of a port that does not open; what it means; what to do. */
const FAULTS: readonly (readonly [said: RegExp, what: string, help: string])[] = [
  [
    /no such (file|device)|file not found|not configured|error code 2\b/i,
    "does not exist",
    "Check that the reader is plugged in and the name is right.",
  ],
  [
    /lock|busy|temporarily unavailable|access denied|error code 32\b/i,
    "is held by another program",
    "End the program that uses the port: another kanmon, a terminal, a modem manager.",
  ],
  [
    /permission denied|not permitted/i,
    "may not be opened by this user",
    "Give the user the right to: on Debian and Ubuntu, membership of the group dialout.",
  ],
  [
    /inappropriate ioctl|not a (tty|typewriter)|is a directory/i,
    "is not a serial port",
    "Give the path of the port, such as /dev/ttyACM0.",
  ],
];

/** What is wrong with a port, and what to do, by the library's words. */
export function portFault(said: string): readonly [what: string, help: string] {
  const [, what, help] = FAULTS.find(([words]) => words.test(said)) ?? [];
  return [
    what ?? "cannot be opened",
    help ?? "Check that the reader is plugged in, the name is right, and no other program holds the port.",
  ];
}

function openError(path: string, said: string): KanmonError {
  const [what, help] = portFault(said.replace(path, ""));
  const name = what === "is not a serial port" ? path : `the port ${path}`;
  return new KanmonError("KAN-PORT-OPEN", `${name} ${what}`, help, EXIT.device);
}

/** Opens a port. Throws KAN-PORT-OPEN. */
export async function openSerial(path: string, baudRate: number): Promise<SerialLine> {
  const port = new SerialPort({ path, baudRate, autoOpen: false });
  await new Promise<void>((resolve, reject) =>
    port.open((error) => (error ? reject(openError(path, error.message)) : resolve())),
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
