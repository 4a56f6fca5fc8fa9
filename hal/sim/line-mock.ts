// A virtual serial line on serialport's mock binding, for machines without pseudo terminals: the driver's end is a real serialport
// stream, the module's end an ordinary one fed by what the binding is told to write.
import { Duplex } from "node:stream";
import { SerialPortMock } from "serialport";
import { DEFAULT_BAUD, type OpenPort, openPortStream } from "../protocol/port.ts";
import type { VirtualLine } from "./line.ts";

let lines = 0;

/** What is used of the mock binding's open port (@serialport/binding-mock). */
interface MockPort {
  readonly isOpen: boolean;
  emitData(data: Buffer): void;
  read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }>;
  write(buffer: Buffer): Promise<void>;
}

/** Makes a mock line. Its path means something to this process only. */
export async function openMockLine(): Promise<VirtualLine> {
  const path = `mock-sensor-${++lines}`;
  SerialPortMock.binding.createPort(path, { echo: false, record: false, maxReadSize: 65536 });
  let near: MockPort | undefined;
  let pull: (reason: Error) => void = () => undefined;
  let driver: OpenPort | undefined;

  const far = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      if (near?.isOpen) near.emitData(chunk);
      done();
    },
  });
  far.on("error", () => undefined);

  /** What is written goes to the far end, and a pulled cable ends reads and writes, as on a real port. */
  const join = (port: MockPort): void => {
    const pulled = new Promise<never>((_, reject) => {
      pull = reject;
    });
    pulled.catch(() => undefined);
    const read = port.read.bind(port);
    const write = port.write.bind(port);
    port.read = (buffer, offset, length) => Promise.race([read(buffer, offset, length), pulled]);
    port.write = async (buffer) => {
      await Promise.race([write(buffer), pulled]);
      far.push(Buffer.from(buffer));
    };
    near = port;
  };

  return {
    kind: "mock",
    path,
    far,
    async open() {
      const stream = new SerialPortMock({ path, baudRate: DEFAULT_BAUD, autoOpen: false });
      driver = await openPortStream(stream, path);
      join(stream.port as MockPort);
      return driver;
    },
    async unplug() {
      pull(new Error("the cable was pulled"));
      far.destroy();
    },
    async close() {
      await driver?.close();
      far.destroy();
    },
  };
}
