// Properties: whatever the line or the module does, a frame that is delivered is the frame that was taken, and what is raised is a
// SensorError.
import { readFileSync } from "node:fs";
import { Duplex } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { SensorError } from "../errors.ts";
import { openLine } from "../sim/line.ts";
import { SimulatedModule } from "../sim/module.ts";
import { encodeMessage, MessageReader } from "../sim/wire.ts";
import { pattern, patternCamera } from "../testing/pattern-camera.ts";
import { readCapabilities, readFrame, readHealth, readIdentity, readSettings } from "./answers.ts";
import { COMMAND } from "./messages.ts";
import { ProtocolSensor } from "./sensor.ts";

test("no mix of line faults changes a frame", { timeout: 120_000 }, async () => {
  const line = await openLine();
  const module = new SimulatedModule(line.far, patternCamera);
  const port = await line.open();
  const sensor = new ProtocolSensor(port.stream, line.path, { closeStream: port.close });
  const faults = fc.record({
    bitErrors: fc.constantFrom(0, 1e-5, 1e-4),
    dropChunks: fc.nat(3),
    cutChunks: fc.nat(3),
    reorderChunks: fc.nat(3),
    duplicate: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      faults,
      fc.uint8Array({ maxLength: 200 }),
      fc.integer({ min: 1, max: 3 }),
      async (mix, garbage, frames) => {
        Object.assign(module.faults, mix);
        line.far.write(Buffer.from(garbage));
        let taken = 0;
        for await (const frame of sensor.capture({ frames })) {
          expect(Buffer.compare(frame.data, pattern(frame.sequence, frame.data.length))).toBe(0);
          frame.release();
          taken++;
        }
        expect(taken).toBe(frames);
        expect(module.pixelsHeld()).toBe(0);
      },
    ),
    { numRuns: 25 },
  );
  await sensor.close();
  await line.close();
});

/** Answers of the right names with values from anywhere. */
const names = [
  "protocol",
  "vendor",
  "model",
  "serial",
  "firmware",
  "modality",
  "matching",
  "profile",
  "formats",
  "illumination",
  "exposure_us",
  "region",
  "schedule",
];
const anyBody = fc.dictionary(
  fc.constantFrom(
    ...names,
    "width",
    "height",
    "bits",
    "data",
    "offset",
    "capture",
    "frame",
    "bytes",
    "crc32",
    "err",
    "rc",
    "wait_us",
  ),
  fc.oneof(
    fc.integer(),
    fc.double(),
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 20 }),
    fc.array(fc.integer(), { maxLength: 5 }),
    fc.dictionary(fc.string(), fc.integer(), { maxKeys: 20 }),
  ),
);

test("an answer that does not fit raises KAN-SENSOR-ANSWER and nothing else", () => {
  const readers = [
    readIdentity,
    readCapabilities,
    readSettings,
    (b: unknown) => readFrame(b, 1, 0),
    (b: unknown) => readHealth(b, { corrupt_messages: 0, repeated_requests: 0 }),
  ];
  fc.assert(
    fc.property(fc.oneof(anyBody, fc.anything()), (body) => {
      for (const read of readers) {
        try {
          read(body);
        } catch (error) {
          expect(error).toBeInstanceOf(SensorError);
          expect((error as SensorError).code).toBe("KAN-SENSOR-ANSWER");
        }
      }
    }),
  );
});

test("a module that answers nonsense is reported, never believed, and never hangs the driver", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyBody, { minLength: 1, maxLength: 8 }), async (bodies) => {
      let turn = 0;
      const reader = new MessageReader((request) => {
        const body = bodies[turn++ % bodies.length] as Record<string, unknown>;
        setImmediate(() => stream.push(encodeMessage({ ...request, operation: request.operation + 1, body })));
      });
      const stream = new Duplex({
        read() {},
        write(chunk: Buffer, _encoding, done) {
          reader.push(chunk);
          done();
        },
      });
      const sensor = new ProtocolSensor(stream, "test", { answer_ms: 100, frame_ms: 100 });
      const tasks = [
        () => sensor.identify(),
        () => sensor.configure({}),
        () => sensor.capture({ frames: 1 }).next(),
        () => sensor.health(),
      ];
      for (const task of tasks) {
        const error = await task().then(
          () => undefined,
          (e: unknown) => e,
        );
        if (error !== undefined) expect(error).toBeInstanceOf(SensorError);
      }
      await sensor.close();
    }),
    { numRuns: 60 },
  );
});

test("the documentation's worked example is what goes over the line", () => {
  const documented = readFileSync(new URL("../../docs/sensor-protocol.md", import.meta.url), "utf8")
    .split("\n")
    .filter((line) => /^([0-9a-f]{2} )+[0-9a-f]{2}$/.test(line))
    .join(" ");
  const command = COMMAND.chunk;
  const request = {
    operation: 0,
    group: 65,
    sequence: 8,
    command,
    body: { capture: 258, frame: 0, offset: 64, length: 8 },
  };
  const data = Uint8Array.of(0, 1, 2, 3, 0, 0, 6, 7);
  const response = { ...request, operation: 1, body: { capture: 258, frame: 0, offset: 64, data } };
  const sent = Buffer.concat([encodeMessage(request), encodeMessage(response)]);
  expect(documented.replaceAll(" ", "")).toBe(sent.toString("hex"));
});
