// Schedules: each exposure of a capture is lit as its step says, a module that lights it otherwise is found out, and modules that
// know nothing of schedules serve as before.
import { afterEach, describe, expect, test } from "vitest";
import { SensorError } from "../errors.ts";
import type { Camera } from "../sim/camera.ts";
import { openLine, type VirtualLine } from "../sim/line.ts";
import { SimulatedModule } from "../sim/module.ts";
import { patternCamera } from "../testing/pattern-camera.ts";
import { Asker } from "./asker.ts";
import type { OpenPort } from "./port.ts";
import { ProtocolSensor } from "./sensor.ts";

const SCHEDULE = [{ illumination: {} }, { illumination: { "850": 40 } }, { illumination: { "850": 5, "940": 70 } }];

/** A module as they were before schedules. */
const { schedule: _, region: __, ...capabilities } = patternCamera.capabilities;
const { schedule: ___, ...defaults } = patternCamera.defaults;
const oldCamera: Camera = { ...patternCamera, capabilities, defaults };

let line: VirtualLine;
let port: OpenPort;

async function openModule(camera = patternCamera): Promise<SimulatedModule> {
  line = await openLine("mock");
  port = await line.open();
  return new SimulatedModule(line.far, camera);
}

async function openSensor(camera = patternCamera): Promise<{ sensor: ProtocolSensor; module: SimulatedModule }> {
  const module = await openModule(camera);
  return { sensor: new ProtocolSensor(port.stream, line.path, { closeStream: port.close }), module };
}

afterEach(() => line.close());

async function lights(sensor: ProtocolSensor, frames: number): Promise<unknown[]> {
  const seen: unknown[] = [];
  for await (const frame of sensor.capture({ frames })) {
    seen.push(frame.illumination);
    frame.release();
  }
  return seen;
}

describe("a module that takes schedules", () => {
  test("lights the exposures of a capture in turn, and each capture from the start", async () => {
    const { sensor } = await openSensor();
    expect(await sensor.configure({ schedule: SCHEDULE })).toMatchObject({ schedule: SCHEDULE });
    const [dark, one, two] = SCHEDULE.map((step) => step.illumination);
    expect(await lights(sensor, 5)).toEqual([dark, one, two, dark, one]);
    expect(await lights(sensor, 2)).toEqual([dark, one]);
    expect((await sensor.configure({ schedule: [] })).schedule).toEqual([]);
    expect(await lights(sensor, 2)).toEqual(Array(2).fill(patternCamera.defaults.illumination));
  });

  test("keeps its schedule over a restart in the middle of a capture, as it keeps the other settings", async () => {
    const { sensor, module } = await openSensor();
    await sensor.configure({ schedule: SCHEDULE });
    const frames = sensor.capture({ frames: 3 });
    await frames.next();
    module.restart();
    await expect(frames.next()).rejects.toMatchObject({ code: "KAN-SENSOR-RESTARTED" });
    expect(await lights(sensor, 2)).toEqual([{}, { "850": 40 }]);
  });

  test("and lights an exposure otherwise is reported, and its picture never delivered", async () => {
    const { sensor, module } = await openSensor();
    await sensor.configure({ schedule: SCHEDULE });
    module.faults.ignoreSchedule = true;
    await expect(lights(sensor, 1)).rejects.toMatchObject({ code: "KAN-SENSOR-FRAME" });
    expect(module.pixelsHeld()).toBe(0);
  });

  test("is asked for no more than it can do", async () => {
    const { sensor } = await openSensor();
    await expect(sensor.configure({ schedule: [...SCHEDULE, ...SCHEDULE] })).rejects.toThrow("choose at most 3");
    await expect(sensor.configure({ schedule: [{ illumination: { red: 1 } }] })).rejects.toThrow("850, 940");
    await expect(sensor.configure({ schedule: [{ illumination: { "850": 101 } }] })).rejects.toThrow(SensorError);
  });

  test.each([
    ["not a list", 3, "invalid"],
    ["a step that is no map", [7], "invalid"],
    ["a step without illumination", [{}], "invalid"],
    ["a level beyond 100", [{ illumination: { "850": 101 } }], "invalid"],
    ["an unknown channel", [{ illumination: { red: 5 } }], "unsupported"],
    ["too many steps", Array(4).fill({ illumination: {} }), "unsupported"],
  ])("refuses %s, whoever asks, and keeps its settings", async (_name, schedule, reason) => {
    await openModule();
    const asker = new Asker(port.stream, line.path);
    await expect(asker.request("configure", { schedule })).rejects.toThrow(reason);
    expect(await asker.request("configure")).toMatchObject({ schedule: [] });
    asker.close();
  });
});

describe("a module that knows nothing of schedules", () => {
  test("serves as before; a schedule is refused before it is sent, and ignored if sent", async () => {
    const { sensor } = await openSensor(oldCamera);
    expect(await sensor.capabilities()).not.toHaveProperty("schedule");
    await expect(sensor.configure({ schedule: SCHEDULE })).rejects.toMatchObject({ code: "KAN-SENSOR-SETTINGS" });
    expect(await sensor.configure({ schedule: [] })).not.toHaveProperty("schedule");
    expect(await lights(sensor, 2)).toEqual(Array(2).fill(defaults.illumination));
    await sensor.close();
    const asker = new Asker((await line.open()).stream, line.path);
    expect(await asker.request("configure", { schedule: SCHEDULE })).not.toHaveProperty("schedule");
    asker.close();
  });
});
