// The simulated structured-light module: a camera, a projector beside it, and whoever is put before them.
import type { SensorCapabilities, SensorSettings } from "../driver.ts";
import type { TransferLimits } from "../protocol/answers.ts";
import type { Camera, ExposureSettings } from "./camera.ts";
import { childSeed } from "./eye/random.ts";
import {
  calibrationBlock,
  type Flaw,
  makePresentation,
  makeScene,
  makeUnit,
  type Person,
  type Presentation,
  personOf,
  type Scene,
  type Unit,
} from "./face/render.ts";
import { presentationOf, takeOf } from "./face/stack.ts";

/** Who or what is before the module: a person, and how they present their face. */
export interface FaceSubject {
  /** Any 32-bit integer: the same number is the same person. */
  readonly person: number;
  /** Distinguishes presentations of the same face; by default each `present` is a new one. */
  readonly presentation?: number;
  readonly flaw?: Flaw;
  /** What is to be otherwise than the presentation's number makes it: `{ glasses: true }`. */
  readonly as?: Partial<Presentation>;
}

/** Which module is simulated. */
export interface FaceCameraOptions {
  /** Serial number: the same one is the same unit, with the same geometry. */
  readonly serial?: string;
}

const CHANNEL = "projector";
/** Level and exposure at which skin at the working distance is well exposed. */
const LEVEL = 60;
const EXPOSURE_US = 4000;
const INTERVAL_US = 16_667;
const KEPT_PEOPLE = 8;

export class SimulatedFaceCamera implements Camera {
  readonly identity;
  readonly capabilities: SensorCapabilities & { readonly transfer: TransferLimits };
  readonly defaults: SensorSettings;
  /** The module's true geometry. */
  readonly unit: Unit;
  readonly #people = new Map<number, Person>();
  #presentation: Presentation;
  #scene: Scene;
  #presentations = 0;

  constructor({ serial = "SIM-FACE-0001" }: FaceCameraOptions = {}) {
    this.identity = { vendor: "Kanmon", model: "Simulated structured-light camera", serial, firmware: "1.0.0" };
    this.unit = makeUnit(serial);
    const { width, height } = this.unit;
    this.capabilities = {
      modality: "face",
      matching: "none",
      profile: "contactless",
      formats: [{ width, height, bits: 8 }],
      illumination: [{ name: CHANNEL, nm: 850 }],
      exposure_us: { min: 50, max: 16_000 },
      max_rate_hz: 60,
      buffers: 16,
      schedule: 16,
      patterns: { periods: [1, 4, 16, 32, 64], steps: [3, 4], bits: 6 },
      coding: "rows",
      transfer: { chunk: 3968, window: 8 },
    };
    this.defaults = {
      width,
      height,
      bits: 8,
      exposure_us: EXPOSURE_US,
      interval_us: INTERVAL_US,
      illumination: { [CHANNEL]: LEVEL },
      schedule: [],
      coding: "none",
    };
    [this.#presentation, this.#scene] = this.#nobody();
  }

  /** The unit's calibration block, 64 bytes, for stacks whose finest fringe has `periods`; 64 by default. */
  calibration(periods?: number): Uint8Array {
    return calibrationBlock(this.unit, periods);
  }

  /** Puts a subject before the module, or (undefined) nobody. Draws a head, a fraction of a second. */
  present(subject: FaceSubject | undefined): void {
    this.#presentations++;
    if (!subject) {
      [this.#presentation, this.#scene] = this.#nobody();
      return;
    }
    const { person, presentation = this.#presentations, flaw, as } = subject;
    this.#presentation = { ...presentationOf(person, presentation, flaw), ...as };
    const companion = this.#presentation.second ? this.#person(childSeed(person, "companion")) : undefined;
    this.#scene = makeScene(this.unit, this.#person(person), this.#presentation, companion);
    // Here and not in an exposure: a module answers within 100 ms.
    this.#scene.depth();
  }

  /** Time goes by with the exposures, one interval each, so that the same exposures are the same pictures. */
  expose(settings: ExposureSettings, sequence: number): Uint8Array {
    const { width, height, exposure_us, interval_us, illumination, pattern, schedule = [] } = settings;
    const patterns = schedule.map((step) => step.pattern);
    const turn = patterns.indexOf(pattern);
    const exposure = { level: (illumination[CHANNEL] ?? 0) / LEVEL, gain: exposure_us / EXPOSURE_US };
    const seconds = (sequence * interval_us) / 1e6;
    const picture =
      turn < 0
        ? this.#scene.take(pattern, exposure, seconds, sequence)
        : takeOf(this.#scene, patterns, turn, this.#presentation, exposure, seconds, sequence);
    return picture.subarray(0, width * height);
  }

  health(): { temperature_c: number; leds: Record<string, "ok"> } {
    return { temperature_c: 38.5, leds: { [CHANNEL]: "ok" } };
  }

  #nobody(): [Presentation, Scene] {
    const presentation = makePresentation(childSeed(this.#presentations, "nobody"), "nobody");
    return [presentation, makeScene(this.unit, undefined, presentation)];
  }

  /** The person's face; drawn once, as it takes a while. */
  #person(number: number): Person {
    let person = this.#people.get(number);
    if (!person) {
      if (this.#people.size >= KEPT_PEOPLE) this.#people.delete(this.#people.keys().next().value as number);
      person = personOf(number);
      this.#people.set(number, person);
    }
    return person;
  }
}
