// The driver against the simulated module over both kinds of virtual line: what must work, and every fault that must not go unseen.
import { afterEach, describe, expect, test } from "vitest";
import type { SensorFrame } from "../driver.ts";
import { SensorError } from "../errors.ts";
import { IrisSensor } from "../iris/driver.ts";
import { type LineKind, openLine, type VirtualLine } from "../sim/line.ts";
import { hasSocat } from "../sim/line-pty.ts";
import { SimulatedModule } from "../sim/module.ts";
import { pattern, patternCamera } from "../testing/pattern-camera.ts";
import { type OpenPort, openPort } from "./port.ts";
import { ProtocolSensor, type SensorOptions } from "./sensor.ts";

interface Rig {
  sensor: ProtocolSensor;
  module: SimulatedModule;
  line: VirtualLine;
  port: OpenPort;
}

const open: Rig[] = [];

async function makeRig(kind: LineKind, options: SensorOptions = {}): Promise<Rig> {
  const line = await openLine(kind);
  const module = new SimulatedModule(line.far, patternCamera);
  const port = await line.open();
  const sensor = new ProtocolSensor(port.stream, line.path, { ...options, closeStream: port.close });
  const rig = { sensor, module, line, port };
  open.push(rig);
  return rig;
}

afterEach(async () => {
  for (const { sensor, line } of open.splice(0)) {
    await sensor.close();
    await line.close();
  }
});

/** Takes frames and checks each against what the camera saw. */
async function captureChecked(sensor: ProtocolSensor, frames: number): Promise<SensorFrame[]> {
  const taken: SensorFrame[] = [];
  for await (const frame of sensor.capture({ frames })) {
    expect(Buffer.compare(frame.data, pattern(frame.sequence, frame.data.length))).toBe(0);
    taken.push(frame);
  }
  expect(taken.map((f) => f.sequence)).toEqual(taken.map((_, i) => (taken[0] as SensorFrame).sequence + i));
  expect(taken).toHaveLength(frames);
  return taken;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(SensorError);
  return (error as SensorError).code;
}

describe.each<LineKind>(hasSocat() ? ["pty", "mock"] : ["mock"])("over a %s line", (kind) => {
  test("identifies itself, tells what it can, and reports its health", async () => {
    const { sensor } = await makeRig(kind);
    expect(await sensor.identify()).toEqual(patternCamera.identity);
    const { transfer: _, ...capabilities } = patternCamera.capabilities;
    expect(await sensor.capabilities()).toEqual(capabilities);
    const health = await sensor.health();
    expect(health).toMatchObject({
      temperature_c: -3.25,
      leds: { "850": "ok", "940": "open" },
      line: { corrupt_messages: 0 },
    });
  });

  test("delivers frames whole, in order, with their exposure and illumination", async () => {
    const { sensor } = await makeRig(kind);
    const settings = await sensor.configure({
      width: 64,
      height: 48,
      bits: 12,
      exposure_us: 700,
      illumination: { "940": 30 },
    });
    expect(settings).toMatchObject({
      width: 64,
      height: 48,
      bits: 12,
      exposure_us: 700,
      interval_us: 1000,
      illumination: { "940": 30 },
    });
    const frames = await captureChecked(sensor, 5);
    for (const frame of frames) {
      expect(frame).toMatchObject({ width: 64, height: 48, bits: 12, exposure_us: 700, illumination: { "940": 30 } });
      expect(frame.data).toHaveLength(64 * 48 * 2);
    }
    expect((frames[4] as SensorFrame).timestamp_us - (frames[0] as SensorFrame).timestamp_us).toBe(4000);
  });

  test("wipes: a released frame, and the module's memory after a capture or one left early", async () => {
    const { sensor, module } = await makeRig(kind);
    const [frame] = await captureChecked(sensor, 1);
    frame?.release();
    expect(frame?.data.every((byte) => byte === 0)).toBe(true);
    expect(module.pixelsHeld()).toBe(0);
    for await (const first of sensor.capture({ frames: 100 })) {
      expect(module.pixelsHeld()).toBeGreaterThan(0);
      first.release();
      break;
    }
    expect(module.pixelsHeld()).toBe(0);
    await captureChecked(sensor, 2);
  });

  test.each([true, false])("the stream's chunks are wiped if they are the driver's: %s", async (wipeChunks) => {
    const { sensor, port } = await makeRig(kind, { wipeChunks });
    await sensor.capabilities();
    const chunks: Buffer[] = [];
    port.stream.on("data", (chunk: Buffer) => chunks.push(chunk)); // after the driver's own listener
    await captureChecked(sensor, 2);
    const held = chunks.some((chunk) => chunk.some((byte) => byte !== 0));
    expect(chunks.length).toBeGreaterThan(0);
    expect(held).toBe(!wipeChunks);
  });

  test("stops when aborted, and works again", async () => {
    const { sensor, module } = await makeRig(kind);
    const controller = new AbortController();
    const reason = new Error("enough");
    const work = (async () => {
      for await (const frame of sensor.capture({ frames: 1000, signal: controller.signal }))
        if (frame.sequence >= 2) controller.abort(reason);
    })();
    await expect(work).rejects.toBe(reason);
    expect(module.pixelsHeld()).toBe(0);
    await captureChecked(sensor, 1);
    await expect(sensor.capture({ frames: 1, signal: controller.signal }).next()).rejects.toBe(reason);
  });

  test("says when the cable is pulled", async () => {
    const { sensor, line } = await makeRig(kind);
    const frames = sensor.capture({ frames: 1000 });
    await frames.next();
    await line.unplug();
    expect(
      await codeOf(
        (async () => {
          for await (const frame of frames) frame.release();
        })(),
      ),
    ).toBe("KAN-SENSOR-UNPLUGGED");
    expect(await codeOf(sensor.identify())).toBe("KAN-SENSOR-UNPLUGGED");
  });

  test("brings whole frames over a line that loses, cuts, doubles and reorders answers", async () => {
    const { sensor, module } = await makeRig(kind);
    await captureChecked(sensor, 1);
    module.faults.dropChunks = 3;
    await captureChecked(sensor, 2);
    module.faults.cutChunks = 3;
    await captureChecked(sensor, 2);
    module.faults.duplicate = true;
    await captureChecked(sensor, 2);
    module.faults.reorderChunks = 3;
    await captureChecked(sensor, 2);
    expect((await sensor.health()).line.repeated_requests).toBeGreaterThan(3);
  });

  test("brings whole frames over a line with one bit in 10,000 wrong", async () => {
    const { sensor, module } = await makeRig(kind);
    module.faults.bitErrors = 1e-4;
    await captureChecked(sensor, 12);
    module.faults.bitErrors = 0;
    await captureChecked(sensor, 2);
    expect((await sensor.health()).line.corrupt_messages).toBeGreaterThan(0);
  });

  test("finds its way again after a burst of garbage", async () => {
    const { sensor, line } = await makeRig(kind);
    await captureChecked(sensor, 1);
    line.far.write(Buffer.from(pattern(9, 20_000)));
    await captureChecked(sensor, 2);
  });

  test("gives up on a silent module in the promised time, and comes back when it does", async () => {
    const { sensor, module } = await makeRig(kind, { answer_ms: 500 });
    await captureChecked(sensor, 1);
    module.faults.silent = true;
    const start = performance.now();
    expect(await codeOf(sensor.identify())).toBe("KAN-SENSOR-NO-ANSWER");
    expect(performance.now() - start).toBeLessThan(3000);
    module.faults.silent = false;
    await captureChecked(sensor, 1);
  });
});

describe("faults of the module", () => {
  test("a module that falls silent in the middle of a frame", async () => {
    const { sensor, module } = await makeRig("mock", { answer_ms: 500 });
    const frames = sensor.capture({ frames: 1000 });
    await frames.next();
    module.faults.silent = true;
    expect(await codeOf(frames.next())).toBe("KAN-SENSOR-NO-ANSWER");
    module.faults.silent = false;
    await captureChecked(sensor, 1);
  });

  test("an image sensor that never finishes", async () => {
    const { sensor, module } = await makeRig("mock", { frame_ms: 100 });
    module.faults.stuck = true;
    expect(await codeOf(captureChecked(sensor, 1))).toBe("KAN-SENSOR-STUCK");
    module.faults.stuck = false;
    await captureChecked(sensor, 1);
  });

  test("frames of another size than configured", async () => {
    const { sensor, module } = await makeRig("mock");
    module.faults.wrongSize = true;
    expect(await codeOf(captureChecked(sensor, 1))).toBe("KAN-SENSOR-FRAME");
  });

  test("a frame damaged in the module's memory", async () => {
    const { sensor, module } = await makeRig("mock");
    module.faults.spoilFrames = 1;
    expect(await codeOf(captureChecked(sensor, 1))).toBe("KAN-SENSOR-FRAME");
    expect(module.pixelsHeld()).toBe(0);
    await captureChecked(sensor, 1);
  });

  test("a caller that works on a frame for longer than the module remembers", async () => {
    const { sensor, module } = await makeRig("mock", { alive_ms: 50 });
    module.forget_ms = 200;
    const frames = sensor.capture({ frames: 2 });
    await frames.next();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await frames.next()).done).toBe(false);
    await frames.return?.();
    expect(module.pixelsHeld()).toBe(0);
  });

  test("a module that restarts in the middle of a capture", async () => {
    const { sensor, module } = await makeRig("mock");
    await sensor.configure({ width: 64, height: 48, bits: 12 });
    const frames = sensor.capture({ frames: 1000 });
    await frames.next();
    module.restart();
    expect(await codeOf(frames.next())).toBe("KAN-SENSOR-RESTARTED");
    const [frame] = await captureChecked(sensor, 1);
    expect(frame).toMatchObject({ width: 64, bits: 12 });
  });
});

describe("misuse", () => {
  test("settings beyond the module's capabilities are refused with what would do", async () => {
    const { sensor } = await makeRig("mock");
    await expect(sensor.configure({ width: 1024, height: 768 })).rejects.toThrow("80x60 at 8 bits, 64x48 at 12 bits");
    await expect(sensor.configure({ width: 80, height: 48 })).rejects.toThrow(SensorError);
    await expect(sensor.configure({ exposure_us: 50_000 })).rejects.toThrow("100 to 10000");
    await expect(sensor.configure({ interval_us: 10 })).rejects.toThrow(SensorError);
    await expect(sensor.configure({ illumination: { red: 10 } })).rejects.toThrow("850, 940");
    await expect(sensor.configure({ illumination: { "850": 101 } })).rejects.toThrow(SensorError);
    expect(await codeOf(sensor.capture({ frames: 0 }).next())).toBe("KAN-SENSOR-SETTINGS");
  });

  test("two captures at once, use after closing, a module of another modality, a port that is not there", async () => {
    const { sensor, line, port } = await makeRig("mock");
    const frames = sensor.capture({ frames: 10 });
    await frames.next();
    expect(await codeOf(sensor.capture({ frames: 1 }).next())).toBe("KAN-SENSOR-BUSY");
    expect(await codeOf(sensor.configure({ exposure_us: 400 }))).toBe("KAN-SENSOR-BUSY");
    await frames.return?.();
    await sensor.close();
    expect(await codeOf(sensor.identify())).toBe("KAN-SENSOR-CLOSED");
    await port.close();
    const again = await line.open();
    const iris = new IrisSensor(again.stream, line.path, { closeStream: again.close });
    expect(await codeOf(iris.capture({ frames: 1 }).next())).toBe("KAN-SENSOR-KIND");
    await iris.close();
    expect(await codeOf(openPort("/dev/kanmon-no-such-port"))).toBe("KAN-SENSOR-OPEN");
  });
});
