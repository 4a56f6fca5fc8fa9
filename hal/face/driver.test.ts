// The face driver over a virtual line with the simulated module behind it: a stack becomes one frame of coded rows, whatever goes wrong with
// a stack is told, and no picture outlives its stack.
import { afterEach, describe, expect, test, vi } from "vitest";
import type { SensorFrame } from "../driver.ts";
import { decodeRows } from "../protocol/rows.ts";
import { ProtocolSensor } from "../protocol/sensor.ts";
import type { Camera, ExposureSettings } from "../sim/camera.ts";
import { patternValue } from "../sim/face/light.ts";
import { SimulatedFaceCamera } from "../sim/face.ts";
import { hasSocat, openPtyLine } from "../sim/line-pty.ts";
import { SimulatedModule } from "../sim/module.ts";
import { openSimulatedFace } from "../sim/simulated-face.ts";
import { openSimulatedSensor, type SimulatedSensor } from "../sim/simulated-sensor.ts";
import { decodeFringes, triangulate } from "../testing/decode-fringes.ts";
import { patternCamera } from "../testing/pattern-camera.ts";
import { FaceSensor } from "./driver.ts";
import { finestPeriods, PHASE_GRAY, PHASE_SHIFT, patternsOf } from "./patterns.ts";

/** A small camera that looks at a screen on which the patterns are seen as they are. */
const screenCamera: Camera = {
  ...patternCamera,
  capabilities: {
    ...patternCamera.capabilities,
    modality: "face",
    formats: [
      { width: 24, height: 6, bits: 8 },
      { width: 24, height: 6, bits: 10 },
    ],
    illumination: [{ name: "projector", nm: 850 }],
    buffers: 16,
    schedule: 16,
    patterns: { periods: [1, 4, 16, 32, 64], steps: [4], bits: 6 },
    coding: "rows",
  },
  defaults: {
    ...patternCamera.defaults,
    width: 24,
    height: 6,
    illumination: { projector: 50 },
    coding: "none",
  },
  expose: ({ width, height, illumination, pattern }: ExposureSettings) =>
    Uint8Array.from({ length: width * height }, (_, i) =>
      pattern ? 20 + 4 * (illumination["projector"] ?? 0) * patternValue(pattern, ((i % width) + 0.5) / width) : 7,
    ),
};

let rig: SimulatedSensor<FaceSensor, Camera>;

async function openScreen(camera = screenCamera, options = {}): Promise<typeof rig> {
  rig = await openSimulatedSensor(FaceSensor, camera, "mock", options);
  return rig;
}

/** The screen's camera with other capabilities; an undefined one is left out. */
function able(changes: Partial<Record<keyof Camera["capabilities"], unknown>>): Camera {
  const all = Object.entries({ ...screenCamera.capabilities, ...changes }).filter(([, value]) => value !== undefined);
  return { ...screenCamera, capabilities: Object.fromEntries(all) as unknown as Camera["capabilities"] };
}

afterEach(async () => {
  vi.restoreAllMocks();
  await rig.close();
});

async function stacks(sensor: FaceSensor, frames: number): Promise<SensorFrame[]> {
  const taken: SensorFrame[] = [];
  for await (const frame of sensor.capture({ frames })) taken.push(frame);
  return taken;
}

/** Every picture that the driver gets from the protocol from now on. */
function watchPictures(): SensorFrame[] {
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

/** What the screen's camera takes of a stack. */
const expected = (stack = PHASE_SHIFT): Uint8Array =>
  Uint8Array.from(
    patternsOf(stack).flatMap((pattern) => [
      ...screenCamera.expose({ ...screenCamera.defaults, pattern } as ExposureSettings, 0),
    ]),
  );

describe("a stack", () => {
  test("is one frame: its pictures in the order of the patterns, as coded rows", async () => {
    const { sensor, module } = await openScreen();
    const frames = await stacks(sensor, 2);
    for (const [i, frame] of frames.entries()) {
      expect(frame).toMatchObject({
        width: 24,
        height: 6,
        bits: 8,
        coding: "rows",
        stack: PHASE_SHIFT,
        sequence: 16 * i,
      });
      expect(frame.illumination).toEqual({ projector: 50 });
      expect(decodeRows(frame.data, 24, 6, 16)).toEqual(expected());
    }
    expect((frames[1] as SensorFrame).timestamp_us - (frames[0] as SensorFrame).timestamp_us).toBe(16_000);
    expect(module.pixelsHeld()).toBe(0);
  });

  test("of a module that does not code is coded by the driver, to the same bytes", async () => {
    const { sensor } = await openScreen();
    const [coded] = await stacks(sensor, 1);
    await rig.close();
    await openScreen(able({ coding: undefined }));
    const [plain] = await stacks(rig.sensor, 1);
    expect(plain?.data).toEqual(coded?.data);
  });

  test("of a module without the finest fringes is of Gray code, and of whichever is asked for", async () => {
    await openScreen(able({ patterns: { periods: [32], steps: [4], bits: 6 }, schedule: 10 }));
    const [gray] = await stacks(rig.sensor, 1);
    expect(gray?.stack).toEqual(PHASE_GRAY);
    expect(decodeRows((gray as SensorFrame).data, 24, 6, 10)).toEqual(expected(PHASE_GRAY));
    await rig.close();
    const stack = { kind: "phase-shift", periods: [1, 4], steps: 4 } as const;
    await openScreen(screenCamera, { stack });
    await expect(rig.sensor.configure({})).resolves.toMatchObject({ coding: "rows" });
    const [short] = await stacks(rig.sensor, 1);
    expect(short?.stack).toEqual(stack);
    expect(decodeRows((short as SensorFrame).data, 24, 6, 8)).toEqual(expected(stack));
  });

  test("is lit as configured, and keeps its light when other settings change", async () => {
    const { sensor } = await openScreen();
    await sensor.configure({ illumination: { projector: 30 } });
    await sensor.configure({ exposure_us: 700 });
    const [frame] = await stacks(sensor, 1);
    expect(frame).toMatchObject({ exposure_us: 700, illumination: { projector: 30 } });
    expect(Math.max(...decodeRows((frame as SensorFrame).data, 24, 6, 16))).toBeLessThanOrEqual(140);
  });

  test("of a simulated head decodes to its true depth by the unit's calibration", async () => {
    const face = await openSimulatedFace({ serial: "SIM-FACE-0042" }, "mock");
    rig = face;
    face.camera.present({ person: 5, presentation: 1 });
    expect((await face.sensor.identify()).serial).toBe("SIM-FACE-0042");
    const [frame] = await stacks(face.sensor, 1);
    const { data, width, height, stack } = frame as SensorFrame;
    expect(data.length).toBeLessThan(0.45 * 16 * width * height);
    const pixels = decodeRows(data, width, height, 16);
    const pictures = Array.from({ length: 16 }, (_, k) =>
      pixels.subarray(k * width * height, (k + 1) * width * height),
    );
    const { phase } = decodeFringes(pictures, stack ?? PHASE_SHIFT);
    const { depth } = triangulate(phase, width, face.camera.calibration(finestPeriods(stack ?? PHASE_SHIFT)));
    const near = [...depth].filter((z) => z > 300 && z < 500);
    expect(near.length).toBeGreaterThan(10_000);
  });
});

describe("pixels", () => {
  test("are zeroed: of the frame on release, of the pictures as soon as the frame is made", async () => {
    const { sensor } = await openScreen();
    const seen = watchPictures();
    for await (const frame of sensor.capture({ frames: 2 })) {
      expect(wiped(seen)).toBe(true);
      expect(wiped([frame])).toBe(false);
      frame.release();
      expect(wiped([frame])).toBe(true);
    }
    expect(seen).toHaveLength(32);
  });

  test("of a stack that was not finished are zeroed too, and the module's", async () => {
    const { sensor, module, line } = await openScreen();
    const seen = watchPictures();
    module.faults.skip = 1;
    await expect(stacks(sensor, 1)).rejects.toMatchObject({ code: "KAN-SENSOR-FRAME" });
    expect(seen).toHaveLength(2);
    expect(wiped(seen)).toBe(true);
    expect(module.pixelsHeld()).toBe(0);
    module.faults.skip = 0;
    const capture = sensor.capture({ frames: 100 });
    await capture.next();
    await line.unplug();
    const rest = async (): Promise<void> => {
      for await (const frame of capture) frame.release();
    };
    await expect(rest()).rejects.toMatchObject({ code: "KAN-SENSOR-UNPLUGGED" });
    expect(wiped(seen)).toBe(true);
  });
});

describe("faults", () => {
  test.each([
    ["a picture was lost", { skip: 1 }, "2000 us and 2 exposures apart, not 1000 us and 1"],
    ["a picture came twice", { skip: -1 }, "0 us and 0 exposures apart"],
    ["a picture was late", { late_us: 200 }, "1200 us and 1 exposures apart"],
    ["the patterns came in another order", { swapSteps: true }, "another pattern in exposure 0"],
    ["the schedule was ignored", { ignoreSchedule: true }, "another pattern in exposure 0"],
    ["a picture was damaged in the module", { spoilFrames: 1 }, "does not fit its checksum"],
    ["pictures are of another size", { wrongSize: true }, "announces a frame of 24x3"],
  ])("%s", async (_name, faults, message) => {
    const { sensor, module } = await openScreen();
    const good = { ...module.faults };
    Object.assign(module.faults, faults);
    await expect(stacks(sensor, 1)).rejects.toThrow(message);
    expect(module.pixelsHeld()).toBe(0);
    Object.assign(module.faults, good);
    expect(await stacks(sensor, 1)).toHaveLength(1);
  });

  test("a module that restarts; a noisy line that loses and doubles answers delivers the same stacks", async () => {
    const { sensor, module } = await openScreen();
    const capture = sensor.capture({ frames: 100 });
    await capture.next();
    module.restart();
    await expect(capture.next()).rejects.toMatchObject({ code: "KAN-SENSOR-RESTARTED" });
    Object.assign(module.faults, { bitErrors: 1e-4, dropChunks: 2, duplicate: true });
    for (const { data } of await stacks(sensor, 2)) expect(decodeRows(data, 24, 6, 16)).toEqual(expected());
  });

  test("rows that are no coded rows are not delivered, though their checksum fits", async () => {
    const { sensor } = await openScreen(able({ coding: undefined }));
    const capture = ProtocolSensor.prototype.capture;
    vi.spyOn(ProtocolSensor.prototype, "capture").mockImplementation(async function* (this: ProtocolSensor, options) {
      for await (const frame of capture.call(this, options)) yield { ...frame, coding: "rows" as const };
    });
    await expect(stacks(sensor, 1)).rejects.toThrow("row 0 of a coded frame is broken");
  });

  test("misuse: no light, a schedule of the caller's, 10 bits, no stacks, a module that does not project", async () => {
    const { sensor } = await openScreen();
    await expect(sensor.configure({ illumination: { projector: 0 } })).rejects.toThrow("is dark");
    await expect(sensor.configure({ schedule: [] })).rejects.toThrow("its driver's to set");
    await expect(sensor.configure({ bits: 10 })).rejects.toMatchObject({ code: "KAN-SENSOR-SETTINGS" });
    for (const frames of [0, 1 / 3, 30_000])
      await expect(sensor.capture({ frames }).next()).rejects.toThrow("1 to 4095 stacks");
    await rig.close();
    await openScreen(able({ patterns: undefined }));
    await expect(stacks(rig.sensor, 1)).rejects.toThrow("choose a sensor that projects");
    await rig.close();
    await openScreen(able({ modality: "palm" }));
    await expect(stacks(rig.sensor, 1)).rejects.toMatchObject({ code: "KAN-SENSOR-KIND" });
  });
});

test.skipIf(!hasSocat())(
  `is opened by its port's path${hasSocat() ? "" : " (skipped: socat is not installed)"}`,
  async () => {
    await openScreen();
    const line = await openPtyLine();
    const camera = new SimulatedFaceCamera();
    const module = new SimulatedModule(line.far, camera);
    camera.present({ person: 3, presentation: 1 });
    const sensor = await FaceSensor.open(line.path);
    const [frame] = await stacks(sensor, 1);
    expect(decodeRows((frame as SensorFrame).data, 320, 240, 16)).toHaveLength(16 * 320 * 240);
    expect(module.pixelsHeld()).toBe(0);
    await sensor.close();
    await line.close();
  },
);
