// The iris driver as a user opens it: by a port's path, with the simulated module behind it.
import { describe, expect, test } from "vitest";
import { SimulatedIrisCamera } from "../sim/iris.ts";
import { hasSocat, openPtyLine } from "../sim/line-pty.ts";
import { SimulatedModule } from "../sim/module.ts";
import { IrisSensor } from "./driver.ts";

describe.skipIf(!hasSocat())(
  `an iris module on a port${hasSocat() ? "" : " (skipped: socat is not installed)"}`,
  () => {
    test("is opened, used, closed and opened again by its path", async () => {
      const line = await openPtyLine();
      const camera = new SimulatedIrisCamera();
      const module = new SimulatedModule(line.far, camera);
      camera.present({ person: 3, presentation: 1 });
      for (const [width, height] of [
        [320, 240],
        [160, 120],
      ] as const) {
        const sensor = await IrisSensor.open(line.path);
        const { modality } = await sensor.capabilities();
        expect(modality).toBe("iris");
        const settings = await sensor.configure({
          width,
          height,
          exposure_us: 3000,
          illumination: { left: 60, right: 0 },
        });
        let frames = 0;
        for await (const frame of sensor.capture({ frames: 2 })) {
          expect(frame).toMatchObject({ width, height, exposure_us: 3000, illumination: { left: 60, right: 0 } });
          expect(Buffer.compare(frame.data, camera.expose(settings, frame.sequence))).toBe(0);
          frame.release();
          frames++;
        }
        expect(frames).toBe(2);
        expect(module.pixelsHeld()).toBe(0);
        await sensor.close();
      }
      await line.close();
    });
  },
);
