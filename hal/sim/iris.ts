// The simulated iris camera: two LEDs beside the lens, three frame sizes, and whoever is put before it.
import type { SensorSettings } from "../driver.ts";
import type { Camera } from "./camera.ts";
import { childSeed } from "./eye/random.ts";
import { type EyeAnatomy, type Flaw, makeEye, makePresentation, renderEye, type Side } from "./eye.ts";

/** Who or what is before the camera: an eye of a person, and how it is presented. */
export interface Subject {
  /** Any 32-bit integer: the same number is the same person. */
  readonly person: number;
  readonly side?: Side;
  /** Distinguishes presentations of the same eye; by default each `present` is a new one. */
  readonly presentation?: number;
  readonly flaw?: Flaw;
}

const DEFAULTS: SensorSettings = {
  width: 640,
  height: 480,
  bits: 8,
  exposure_us: 4000,
  interval_us: 33_334,
  illumination: { left: 50, right: 50 },
};
const KEPT_EYES = 16;

export class SimulatedIrisCamera implements Camera {
  readonly identity = { vendor: "Kanmon", model: "Simulated iris camera", serial: "SIM-IRIS-0001", firmware: "1.0.0" };
  readonly capabilities = {
    modality: "iris",
    matching: "none",
    profile: "close-up",
    formats: [
      { width: 640, height: 480, bits: 8 },
      { width: 320, height: 240, bits: 8 },
      { width: 160, height: 120, bits: 8 },
    ],
    illumination: [
      { name: "left", nm: 850 },
      { name: "right", nm: 850 },
    ],
    exposure_us: { min: 100, max: 30_000 },
    max_rate_hz: 30,
    buffers: 8,
    transfer: { chunk: 3968, window: 8 },
  } as const;
  readonly defaults = DEFAULTS;
  readonly #eyes = new Map<number, EyeAnatomy>();
  #subject: Subject | undefined;
  #presentations = 0;

  /** Puts a subject before the camera, or (undefined) nobody: then frames show only skin out of place. */
  present(subject: Subject | undefined): void {
    this.#presentations++;
    this.#subject = subject;
  }

  expose({ width, height, exposure_us, illumination }: SensorSettings, sequence: number): Uint8Array {
    const {
      person,
      side = "right",
      presentation = this.#presentations,
      flaw,
    } = this.#subject ?? { person: 0, flaw: "absent" };
    const seed = childSeed(childSeed(presentation, `person ${person} ${side}`), `frame ${sequence}`);
    const nominal = DEFAULTS.illumination;
    const light = {
      left: (illumination["left"] ?? 0) / (nominal["left"] ?? 1),
      right: (illumination["right"] ?? 0) / (nominal["right"] ?? 1),
    };
    return renderEye(
      this.#eye(person, side),
      makePresentation(seed, flaw),
      width,
      height,
      light,
      exposure_us / DEFAULTS.exposure_us,
    );
  }

  health(): { temperature_c: number; leds: Record<string, "ok"> } {
    return { temperature_c: 36.5, leds: { left: "ok", right: "ok" } };
  }

  /** The person's eye; drawn once, as it takes a while. */
  #eye(person: number, side: Side): EyeAnatomy {
    const key = person * 2 + (side === "left" ? 1 : 0);
    let eye = this.#eyes.get(key);
    if (!eye) {
      if (this.#eyes.size >= KEPT_EYES) this.#eyes.delete(this.#eyes.keys().next().value as number);
      eye = makeEye(person, side);
      this.#eyes.set(key, eye);
    }
    return eye;
  }
}
