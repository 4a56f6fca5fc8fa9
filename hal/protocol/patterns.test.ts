// Projected patterns and coded frames in the protocol: a module says which it can, is asked for no more, and what it delivers is checked.
import { afterEach, describe, expect, test } from "vitest";
import { SensorError } from "../errors.ts";
import type { Camera, ExposureSettings } from "../sim/camera.ts";
import { openLine, type VirtualLine } from "../sim/line.ts";
import { SimulatedModule } from "../sim/module.ts";
import { patternCamera } from "../testing/pattern-camera.ts";
import { readCapabilities, readFrame, readSettings } from "./answers.ts";
import { Asker } from "./asker.ts";
import type { OpenPort } from "./port.ts";
import { decodeRows } from "./rows.ts";
import { ProtocolSensor } from "./sensor.ts";

/** What the module was told to project, exposure by exposure. */
let projected: unknown[];

const camera: Camera = {
  ...patternCamera,
  capabilities: {
    ...patternCamera.capabilities,
    patterns: { periods: [1, 8], steps: [3, 4], bits: 4 },
    coding: "rows",
  },
  defaults: { ...patternCamera.defaults, coding: "none" },
  expose: (settings: ExposureSettings, sequence) => {
    projected.push(settings.pattern);
    return patternCamera.expose(settings, sequence);
  },
};

const light = { illumination: { "850": 40 } };
const SCHEDULE = [
  { ...light, pattern: { periods: 8, steps: 4, step: 3, offset: 12_345 } },
  { ...light, pattern: { bits: 4, bit: 2 } },
  light,
];

let line: VirtualLine;
let port: OpenPort;
let module: SimulatedModule;

async function openModule(which = camera): Promise<void> {
  projected = [];
  line = await openLine("mock");
  port = await line.open();
  module = new SimulatedModule(line.far, which);
}

async function openSensor(which = camera): Promise<ProtocolSensor> {
  await openModule(which);
  return new ProtocolSensor(port.stream, line.path, { closeStream: port.close });
}

afterEach(() => line.close());

describe("patterns", () => {
  test("are projected step by step, and told with each exposure", async () => {
    const sensor = await openSensor();
    expect((await sensor.capabilities()).patterns).toEqual({ periods: [1, 8], steps: [3, 4], bits: 4 });
    expect(await sensor.configure({ schedule: SCHEDULE })).toMatchObject({ schedule: SCHEDULE });
    const told: unknown[] = [];
    for await (const frame of sensor.capture({ frames: 4 })) told.push(frame.pattern);
    const [a, b] = SCHEDULE.map((step) => ("pattern" in step ? step.pattern : undefined));
    expect(told).toEqual([a, b, undefined, a]);
    expect(projected).toEqual([a, b, undefined, a]);
  });

  test("of another order are found out, and no picture of them is delivered", async () => {
    const sensor = await openSensor();
    await sensor.configure({ schedule: SCHEDULE });
    module.faults.swapSteps = true;
    await expect(sensor.capture({ frames: 1 }).next()).rejects.toThrow(
      "another pattern in exposure 0 than its schedule",
    );
    expect(module.pixelsHeld()).toBe(0);
  });

  test.each([
    [{ periods: 9, steps: 4, step: 0 }, "1, 8"],
    [{ periods: 8, steps: 5, step: 0 }, "3, 4"],
    [{ periods: 8, steps: 4, step: 4 }, "0 to 3"],
    [{ periods: 8, steps: 4, step: 1, offset: 65_536 }, "0 to 65535"],
    [{ bits: 5, bit: 0 }, "at most 4"],
    [{ bits: 4, bit: 4 }, "0 to 3"],
  ])("beyond what a module can are refused before they are sent: %j", async (pattern, wanted) => {
    const sensor = await openSensor();
    const schedule = [{ ...light, pattern }];
    await expect(sensor.configure({ schedule })).rejects.toThrow(wanted);
    await expect(sensor.configure({ schedule })).rejects.toThrow(SensorError);
  });

  test.each([
    ["no map", 5, "invalid"],
    ["a step beyond its steps", { periods: 8, steps: 4, step: 4 }, "invalid"],
    ["no step", { periods: 8, steps: 4 }, "invalid"],
    ["a bit beyond its bits", { bits: 4, bit: 4 }, "invalid"],
    ["a fringe that it has not", { periods: 7, steps: 4, step: 0 }, "unsupported"],
  ])("are refused by the module, whoever asks: %s", async (_name, pattern, reason) => {
    await openModule();
    const asker = new Asker(port.stream, line.path);
    await expect(asker.request("configure", { schedule: [{ ...light, pattern }] })).rejects.toThrow(reason);
    expect(await asker.request("configure")).toMatchObject({ schedule: [] });
    asker.close();
  });

  test("are asked of no module that does not project", async () => {
    const sensor = await openSensor(patternCamera);
    await expect(sensor.configure({ schedule: SCHEDULE })).rejects.toThrow("a sensor that projects");
  });
});

describe("coded frames", () => {
  test("are the same pictures in other bytes, and end with the setting", async () => {
    const sensor = await openSensor();
    const take = async (): Promise<{ data: Uint8Array; coding?: string }> => {
      for await (const { data, coding } of sensor.capture({ frames: 1 }))
        return { data: data.slice(), ...(coding && { coding }) };
      throw new Error("no frame came");
    };
    const plain = await take();
    expect(plain.coding).toBeUndefined();
    expect(await sensor.configure({ coding: "rows" })).toMatchObject({ coding: "rows" });
    module.restart();
    const coded = await take();
    expect(coded.coding).toBe("rows");
    expect(coded.data.length).not.toBe(plain.data.length);
    expect(decodeRows(coded.data, 80, 60)).toEqual(plain.data);
    expect(await sensor.configure({ coding: "none" })).toMatchObject({ coding: "none" });
    expect((await take()).coding).toBeUndefined();
  });

  test("come from no module that cannot, and not of more than 8 bits", async () => {
    const sensor = await openSensor();
    const wide = { coding: "rows", width: 64, height: 48, bits: 12 } as const;
    await expect(sensor.configure(wide)).rejects.toThrow("choose 8 bits");
    await sensor.configure({ coding: "rows" });
    await expect(sensor.configure({ width: 64, height: 48, bits: 12 })).rejects.toThrow("unsupported");
    await line.close();
    const old = await openSensor(patternCamera);
    await expect(old.configure({ coding: "rows" })).rejects.toThrow("choose none");
    await old.close();
    const asker = new Asker((await line.open()).stream, line.path);
    expect(await asker.request("configure", { coding: "rows" })).not.toHaveProperty("coding");
    asker.close();
  });

  test.each(["none", "rows"] as const)(
    "of a module that codes otherwise than configured are not delivered: %s",
    async (coding) => {
      const sensor = await openSensor();
      await sensor.configure({ coding });
      module.faults.otherCoding = true;
      await expect(sensor.capture({ frames: 1 }).next()).rejects.toThrow(
        `configured is 80x60, 8 bits, coding ${coding}`,
      );
    },
  );

  test("that are announced in an unknown way, or under a pattern that cannot be, do not fit", () => {
    const facts = { capture: 1, frame: 0, width: 4, height: 4, bits: 8, sequence: 0, timestamp_us: 0, exposure_us: 1 };
    const answer = { ...facts, illumination: {}, bytes: 20, crc32: 0, coding: "rows", pattern: { bits: 3, bit: 1 } };
    expect(readFrame(answer, 1, 0)).toMatchObject({ facts: { coding: "rows", pattern: { bits: 3, bit: 1 } } });
    expect(() => readFrame({ ...answer, coding: "zip" }, 1, 0)).toThrow("one of rows");
    expect(() => readFrame({ ...answer, pattern: { periods: 1, steps: 2, step: 0 } }, 1, 0)).toThrow("steps");
  });

  test("and patterns are told in capabilities and settings, or not at all", () => {
    const { transfer, ...capabilities } = camera.capabilities;
    const body = { ...capabilities, max_chunk: transfer.chunk, window: transfer.window };
    expect(readCapabilities(body)).toMatchObject({ coding: "rows", patterns: camera.capabilities.patterns });
    expect(() => readCapabilities({ ...body, patterns: { periods: [0], steps: [4], bits: 1 } })).toThrow("periods");
    expect(() => readCapabilities({ ...body, patterns: { periods: 3, steps: [4], bits: 1 } })).toThrow("a list");
    expect(() => readCapabilities({ ...body, coding: "none" })).toThrow("one of rows");
    expect(() => readSettings({ ...camera.defaults, coding: "zip" })).toThrow("none, rows");
  });
});
