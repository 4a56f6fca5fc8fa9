// What a session is told of a sensor, over the real drivers and simulated modules; and frames that are not what was told.
import { afterEach, describe, expect, test } from "vitest";
import type { SensorDriver, SensorFrame } from "../../hal/driver.ts";
import { openSimulatedIris } from "../../hal/sim/simulated-iris.ts";
import { openSimulatedPalm } from "../../hal/sim/simulated-palm.ts";
import { sensorSession } from "./sensor-session.ts";

let close: () => Promise<void>;
afterEach(() => close());

async function first(frames: AsyncIterable<SensorFrame>): Promise<SensorFrame | undefined> {
  for await (const frame of frames) return frame;
  return undefined;
}

describe("a session on a sensor", () => {
  test.each([
    [{}, { width: 320, height: 240 }, { bands: 3, region: "whole hand", profile: "contactless" }, 2],
    [
      { region: "window" },
      { width: 320, height: 240, illumination: { "940": 60 } },
      { bands: 2, region: "window", profile: "guided" },
      1,
    ],
    [
      { region: "cropped" },
      { illumination: { "850": 50 } },
      { bands: 1, region: "cropped", profile: "contactless" },
      1,
    ],
  ] as const)("of palms, %j with %j", async (camera, settings, form, planes) => {
    const palm = await openSimulatedPalm(camera, "mock");
    close = palm.close;
    palm.camera.present({ person: 1 });
    await palm.sensor.configure(settings);
    const { shape, frames } = await sensorSession(palm.sensor, 1);
    const { width, height } = await palm.sensor.configure({});
    expect(shape).toEqual({ modality: "palm", width, height, ...form });
    expect((await first(frames))?.data).toHaveLength(width * height * planes);
  });

  test("of irises has a size and no form", async () => {
    const iris = await openSimulatedIris("mock");
    close = iris.close;
    iris.camera.present({ person: 1 });
    await iris.sensor.configure({ width: 320, height: 240 });
    const { shape, frames } = await sensorSession(iris.sensor, 1);
    expect(shape).toEqual({ modality: "iris", width: 320, height: 240 });
    expect((await first(frames))?.data).toHaveLength(320 * 240);
  });
});

describe("what no session can be told", () => {
  /** The simulated palm sensor, with something put in the place of what its driver says. */
  async function palmWith(more: Partial<SensorDriver>): Promise<SensorDriver> {
    const palm = await openSimulatedPalm({ region: "cropped" }, "mock");
    close = palm.close;
    palm.camera.present({ person: 1 });
    return Object.assign(palm.sensor, more);
  }

  test("a profile that readers do not know", async () => {
    const sensor = await palmWith({});
    const capabilities = await sensor.capabilities();
    sensor.capabilities = async () => ({ ...capabilities, profile: "close-up" });
    await expect(sensorSession(sensor, 1)).rejects.toMatchObject({
      code: "KAN-SENSOR-KIND",
      message: expect.stringContaining('"close-up"'),
    });
  });

  test("two bands of one kind", async () => {
    const sensor = await palmWith({ bands: async () => [850, 860] });
    await expect(sensorSession(sensor, 1)).rejects.toMatchObject({
      code: "KAN-SENSOR-SETTINGS",
      message: expect.stringContaining("[850, 860]"),
    });
  });

  test.each([
    ["of more bits", { bits: 10 }, /180×180 of 10 bits .*, not 180×180 of 8 bits/],
    ["with a plane too few", { data: new Uint8Array(180 * 180) }, /\(32400 bytes\), not .* \(64800 bytes\)/],
  ])("frames %s", async (_, more, message) => {
    const sensor = await palmWith({});
    const capture = sensor.capture.bind(sensor);
    sensor.capture = async function* (options) {
      for await (const frame of capture(options)) yield { ...frame, ...more };
    };
    const { frames } = await sensorSession(sensor, 1);
    await expect(first(frames)).rejects.toMatchObject({
      code: "KAN-SENSOR-FRAME",
      message: expect.stringMatching(message),
    });
  });

  test("frames that change while the session is open end it", async () => {
    const sensor = await palmWith({});
    const { frames } = await sensorSession(sensor, 1);
    await sensor.configure({ illumination: { "940": 60 } });
    await expect(first(frames)).rejects.toMatchObject({
      code: "KAN-SENSOR-FRAME",
      message: expect.stringMatching(/180×180 of 8 bits at 940 nm .*, not 180×180 of 8 bits at 850 and 940 nm/),
    });
  });
});
