// The palm driver over a virtual line with the simulated module behind it: bursts become frames of planes without ambient light, every
// fault of a burst is told, and no exposure outlives its burst.
import { afterEach, describe, expect, test, vi } from "vitest";
import type { SensorFrame, SensorSettings } from "../driver.ts";
import { ProtocolSensor } from "../protocol/sensor.ts";
import type { Camera } from "../sim/camera.ts";
import { childSeed } from "../sim/eye/random.ts";
import { hasSocat, openPtyLine } from "../sim/line-pty.ts";
import { SimulatedModule } from "../sim/module.ts";
import { renderBurst } from "../sim/palm/burst.ts";
import { makeHand, makePresentation } from "../sim/palm/render.ts";
import { SimulatedPalmCamera } from "../sim/palm.ts";
import { openSimulatedPalm, type SimulatedPalm } from "../sim/simulated-palm.ts";
import { openSimulatedSensor, type SimulatedSensor } from "../sim/simulated-sensor.ts";
import { patternCamera } from "../testing/pattern-camera.ts";
import { PalmSensor } from "./driver.ts";
import { subtractAmbient } from "./planes.ts";

/** A small camera whose exposures are plain to reckon with: ambient 10 and its pixel's number, each band its level on top. */
const plainCamera: Camera = {
  ...patternCamera,
  capabilities: {
    ...patternCamera.capabilities,
    formats: [
      { width: 16, height: 8, bits: 8 },
      { width: 16, height: 8, bits: 10 },
    ],
    illumination: [
      { name: "940", nm: 940 },
      { name: "850", nm: 850 },
    ],
    schedule: 4,
  },
  defaults: { ...patternCamera.defaults, width: 16, height: 8, illumination: { "850": 50, "940": 20 } },
  expose({ width, height, bits, illumination }: SensorSettings) {
    const pixels = new Uint8Array(width * height * (bits > 8 ? 2 : 1));
    for (let i = 0; i < width * height; i++) {
      const value = 10 + i + (illumination["850"] ?? 0) + 2 * (illumination["940"] ?? 0);
      if (bits === 8) pixels[i] = Math.min(255, value);
      else new DataView(pixels.buffer).setUint16(2 * i, Math.min(1023, 4 * value), true);
    }
    return pixels;
  },
};

let rig: SimulatedSensor<PalmSensor, Camera>;

async function openPlain(camera = plainCamera, options = {}): Promise<typeof rig> {
  rig = await openSimulatedSensor(PalmSensor, camera, "mock", options);
  return rig;
}

afterEach(async () => {
  vi.restoreAllMocks();
  await rig.close();
});

async function bursts(sensor: PalmSensor, frames: number): Promise<SensorFrame[]> {
  const taken: SensorFrame[] = [];
  for await (const frame of sensor.capture({ frames })) taken.push(frame);
  return taken;
}

/** Every exposure that the driver gets from the protocol from now on. */
function watchExposures(): SensorFrame[] {
  const seen: SensorFrame[] = [];
  const capture = ProtocolSensor.prototype.capture;
  vi.spyOn(ProtocolSensor.prototype, "capture").mockImplementation(async function* (this: ProtocolSensor, options) {
    for await (const frame of capture.call(this, options)) {
      seen.push(frame);
      yield frame;
    }
  });
  return seen;
}

const wiped = (frames: readonly SensorFrame[]): boolean => frames.every(({ data }) => data.every((v) => v === 0));

describe("a burst", () => {
  test("is one frame: a plane a lit band in ascending wavelength, without the ambient light", async () => {
    const { sensor, module } = await openPlain();
    const frames = await bursts(sensor, 3);
    expect(frames).toHaveLength(3);
    for (const [i, frame] of frames.entries()) {
      expect(frame).toMatchObject({ width: 16, height: 8, bits: 8, sequence: 3 * i, bands_nm: [850, 940] });
      expect(frame.illumination).toEqual({ "850": 50, "940": 20 });
      expect([...frame.data]).toEqual([...Array(128).fill(50), ...Array(128).fill(40)]);
    }
    expect((frames[1] as SensorFrame).timestamp_us - (frames[0] as SensorFrame).timestamp_us).toBe(3000);
    expect(module.pixelsHeld()).toBe(0);
  });

  test("has the bands that are lit, also one alone, and keeps them when other settings change", async () => {
    const { sensor } = await openPlain();
    expect((await sensor.configure({ illumination: { "940": 33 } })).schedule).toHaveLength(2);
    await sensor.configure({ exposure_us: 800 });
    const [frame] = await bursts(sensor, 1);
    expect(frame).toMatchObject({ bands_nm: [940], exposure_us: 800, illumination: { "940": 33 } });
    expect([...(frame as SensorFrame).data]).toEqual(Array(128).fill(66));
  });

  test("of more than 8 bits is brought to 8", async () => {
    const { sensor } = await openPlain();
    await sensor.configure({ bits: 10 });
    const [frame] = await bursts(sensor, 1);
    expect(frame?.bits).toBe(8);
    expect([...(frame as SensorFrame).data]).toEqual([...Array(128).fill(50), ...Array(128).fill(40)]);
  });

  test("a pixel saturated in either exposure stays saturated, and none falls below zero", () => {
    const plane = new Uint8Array(5);
    subtractAmbient(Uint8Array.of(255, 200, 20, 255, 90), Uint8Array.of(100, 255, 30, 255, 40), 8, plane);
    expect([...plane]).toEqual([255, 255, 0, 255, 50]);
    const wide = new Uint8Array(2);
    subtractAmbient(Uint8Array.of(0xff, 0x03, 0x10, 0x02), Uint8Array.of(0, 0, 0x10, 0), 10, wide);
    expect([...wide]).toEqual([255, 128]);
  });

  test("of the simulated camera is the difference of its exposures", async () => {
    const palm = await openSimulatedPalm({ region: "cropped" }, "mock");
    rig = palm;
    palm.camera.present({ person: 5, presentation: 1 });
    const settings = await palm.sensor.configure({});
    const [frame] = await bursts(palm.sensor, 1);
    const { data, sequence, bands_nm } = frame as SensorFrame;
    expect(bands_nm).toEqual([850, 940]);
    const [ambient, ...lit] = (settings.schedule ?? []).map(({ illumination }, k) =>
      palm.camera.expose({ ...settings, illumination }, sequence + k),
    );
    const planes = lit.flatMap((pixels) => [...pixels].map((v, i) => (v === 255 ? v : Math.max(0, v - ambient![i]!))));
    expect(Buffer.compare(data, Uint8Array.from(planes))).toBe(0);
    // And what `renderBurst` draws without a module.
    expect(await palm.sensor.bands()).toEqual(bands_nm);
    const seed = childSeed(childSeed(1, "palm"), "person 5 right");
    const burst = { region: "cropped", width: 180, height: 180, bands_nm: [850, 940] } as const;
    const drawn = renderBurst(makeHand(5, "right"), makePresentation(seed, "contactless"), burst);
    expect(Buffer.compare(data, drawn)).toBe(0);
  });
});

describe("pixels", () => {
  test("are zeroed: of the frame on release, of the exposures as soon as the frame is made", async () => {
    const { sensor } = await openPlain();
    const seen = watchExposures();
    for await (const frame of sensor.capture({ frames: 2 })) {
      expect(wiped(seen)).toBe(true);
      expect(wiped([frame])).toBe(false);
      frame.release();
      expect(wiped([frame])).toBe(true);
    }
    expect(seen).toHaveLength(6);
  });

  test("of a burst that was not finished are zeroed too, and the module's", async () => {
    const { sensor, module, line } = await openPlain();
    const seen = watchExposures();
    module.faults.late_us = 5000;
    await expect(bursts(sensor, 1)).rejects.toMatchObject({ code: "KAN-SENSOR-FRAME" });
    expect(seen).toHaveLength(2);
    expect(wiped(seen)).toBe(true);
    expect(module.pixelsHeld()).toBe(0);
    module.faults.late_us = 0;
    const capture = sensor.capture({ frames: 100 });
    await capture.next();
    await line.unplug();
    await expect(
      (async () => {
        for await (const frame of capture) frame.release();
      })(),
    ).rejects.toMatchObject({ code: "KAN-SENSOR-UNPLUGGED" });
    expect(wiped(seen)).toBe(true);
  });

  test("a capture that is left early ends on the module", async () => {
    const { sensor, module } = await openPlain();
    for await (const frame of sensor.capture({ frames: 50 })) {
      frame.release();
      break;
    }
    expect(module.pixelsHeld()).toBe(0);
    expect(await bursts(sensor, 1)).toHaveLength(1);
  });
});

describe("faults", () => {
  test("exposures that do not follow each other at once are no burst", async () => {
    const { sensor, module } = await openPlain();
    module.faults.late_us = 200;
    await expect(bursts(sensor, 1)).rejects.toThrow("1200 us and 1 exposures apart, not 1000 us and 1");
    module.faults.late_us = 50;
    expect(await bursts(sensor, 1)).toHaveLength(1);
  });

  test("a module that ignores the schedule, or restarts", async () => {
    const { sensor, module } = await openPlain();
    module.faults.ignoreSchedule = true;
    await expect(bursts(sensor, 1)).rejects.toMatchObject({ code: "KAN-SENSOR-FRAME" });
    module.faults.ignoreSchedule = false;
    const capture = sensor.capture({ frames: 100 });
    await capture.next();
    module.restart();
    await expect(capture.next()).rejects.toMatchObject({ code: "KAN-SENSOR-RESTARTED" });
    const [frame] = await bursts(sensor, 1);
    expect(frame?.bands_nm).toEqual([850, 940]);
  });

  test.each([0, 2])("a module that keeps %i steps of the schedule takes no bursts", async (steps) => {
    const { sensor, module } = await openPlain();
    module.faults.keptSteps = steps;
    await expect(bursts(sensor, 1)).rejects.toMatchObject({ code: "KAN-SENSOR-ANSWER" });
    module.faults.keptSteps = Number.POSITIVE_INFINITY;
    expect(await bursts(sensor, 1)).toHaveLength(1);
  });

  test("a noisy line that loses and doubles answers delivers the same frames", async () => {
    const { sensor, module } = await openPlain();
    Object.assign(module.faults, { bitErrors: 1e-4, dropChunks: 2, duplicate: true });
    for (const frame of await bursts(sensor, 4)) expect(frame.data[0]).toBe(50);
  });

  test("an aborted capture throws the signal's reason", async () => {
    const { sensor } = await openPlain();
    const reason = new Error("enough");
    const capture = sensor.capture({ frames: 100, signal: AbortSignal.abort(reason) });
    await expect(capture.next()).rejects.toBe(reason);
  });

  test("misuse: no light, a schedule of the caller's, no bursts, a module without schedules, one for irises", async () => {
    const { sensor } = await openPlain();
    await expect(sensor.configure({ illumination: { "850": 0 } })).rejects.toThrow("no band");
    await expect(sensor.configure({ schedule: [] })).rejects.toThrow("set illumination");
    for (const frames of [0, 1 / 3, 30_000])
      await expect(sensor.capture({ frames }).next()).rejects.toThrow("1 to 21845 bursts");
    await rig.close();
    const { schedule: _, ...unscheduled } = plainCamera.capabilities;
    await openPlain({ ...plainCamera, capabilities: unscheduled });
    await expect(bursts(rig.sensor, 1)).rejects.toThrow("choose a sensor that takes schedules");
    await rig.close();
    await openPlain({ ...plainCamera, capabilities: { ...plainCamera.capabilities, modality: "iris" } });
    await expect(bursts(rig.sensor, 1)).rejects.toMatchObject({ code: "KAN-SENSOR-KIND" });
  });
});

describe("the simulated module", () => {
  test.each(["cropped", "window", "whole hand"] as const)("says that its frames show: %s", async (region) => {
    const palm: SimulatedPalm = await openSimulatedPalm({ region }, "mock");
    rig = palm;
    const profile = region === "window" ? "guided" : "contactless";
    expect(await palm.sensor.capabilities()).toMatchObject({ modality: "palm", region, profile, schedule: 8 });
  });

  test.skipIf(!hasSocat())(
    `is opened by its port's path${hasSocat() ? "" : " (skipped: socat is not installed)"}`,
    async () => {
      await openPlain();
      const line = await openPtyLine();
      const camera = new SimulatedPalmCamera({ region: "window" });
      const module = new SimulatedModule(line.far, camera);
      camera.present({ person: 3, presentation: 1 });
      const sensor = await PalmSensor.open(line.path);
      const [frame] = await bursts(sensor, 1);
      expect(frame?.data).toHaveLength(2 * 320 * 240);
      expect(module.pixelsHeld()).toBe(0);
      await sensor.close();
      await line.close();
    },
  );
});
