// The simulated palm camera: LEDs of two bands, one of three kinds of frames, and whoever is put before it.
import type { Region, SensorCapabilities, SensorSettings } from "../driver.ts";
import type { TransferLimits } from "../protocol/answers.ts";
import type { Camera } from "./camera.ts";
import type { Side } from "./eye/anatomy.ts";
import { childSeed } from "./eye/random.ts";
import { type Flaw, type Hand, makeHand, makePresentation, type Profile, renderPalm } from "./palm/render.ts";

/** Who or what is before the camera: a hand of a person, and how it is presented. */
export interface PalmSubject {
  /** Any 32-bit integer: the same number is the same person. */
  readonly person: number;
  readonly side?: Side;
  /** Distinguishes presentations of the same hand; by default each `present` is a new one. */
  readonly presentation?: number;
  readonly flaw?: Flaw;
}

/** Which palm camera is simulated. */
export interface PalmCameraOptions {
  /** What the frames show; by default the whole hand. */
  readonly region?: Region;
  /** How the hand is held; by default on a guide where there is a window, else in the air. */
  readonly profile?: Profile;
}

const SIZES: Record<Region, readonly (readonly [width: number, height: number])[]> = {
  cropped: [[180, 180]],
  window: [
    [320, 240],
    [640, 480],
  ],
  "whole hand": [
    [320, 240],
    [640, 480],
  ],
};

/** Levels and exposure at which a hand at the intended distance is well exposed. */
const ILLUMINATION = { "850": 50, "940": 60 };
const EXPOSURE_US = 4000;
const SIDE = "right";
const KEPT_HANDS = 8;

export class SimulatedPalmCamera implements Camera {
  readonly identity = { vendor: "Kanmon", model: "Simulated palm camera", serial: "SIM-PALM-0001", firmware: "1.0.0" };
  readonly capabilities: SensorCapabilities & { readonly transfer: TransferLimits; readonly region: Region };
  readonly defaults: SensorSettings;
  readonly #profile: Profile;
  readonly #hands = new Map<string, Hand>();
  #subject: PalmSubject | undefined;
  #presentations = 0;

  constructor({
    region = "whole hand",
    profile = region === "window" ? "guided" : "contactless",
  }: PalmCameraOptions = {}) {
    this.#profile = profile;
    const formats = SIZES[region].map(([width, height]) => ({ width, height, bits: 8 }));
    this.capabilities = {
      modality: "palm",
      matching: "none",
      profile,
      region,
      formats,
      illumination: [
        { name: "850", nm: 850 },
        { name: "940", nm: 940 },
      ],
      exposure_us: { min: 100, max: 8000 },
      max_rate_hz: 120,
      buffers: 12,
      schedule: 8,
      transfer: { chunk: 3968, window: 8 },
    };
    this.defaults = {
      ...(formats[0] as (typeof formats)[number]),
      exposure_us: EXPOSURE_US,
      interval_us: 8334,
      illumination: ILLUMINATION,
      schedule: [],
    };
  }

  /** Puts a subject before the camera, or (undefined) nobody: then frames show the dark room. Draws a new hand, a fraction of a second. */
  present(subject: PalmSubject | undefined): void {
    this.#presentations++;
    this.#subject = subject;
    // Here and not in an exposure: a module answers within 100 ms.
    if (subject) this.#hand(subject.person, subject.side ?? SIDE);
    if (subject?.flaw === "two_hands") this.#second(subject.person, subject.side ?? SIDE);
  }

  /** Time goes by with the exposures, one interval each, so that the same exposures are the same pictures. */
  expose({ width, height, exposure_us, interval_us, illumination }: SensorSettings, sequence: number): Uint8Array {
    const {
      person,
      side = SIDE,
      presentation = this.#presentations,
      flaw,
    } = this.#subject ?? { person: 0, flaw: "absent" };
    const seed = childSeed(childSeed(presentation, "palm"), `person ${person} ${side}`);
    const p = makePresentation(seed, this.#profile, flaw);
    const hands = p.thing === "nothing" ? [] : [this.#hand(person, side)];
    if (p.second) hands.push(this.#second(person, side));
    const exposure = {
      region: this.capabilities.region,
      width,
      height,
      light: {
        at850: (illumination["850"] ?? 0) / ILLUMINATION["850"],
        at940: (illumination["940"] ?? 0) / ILLUMINATION["940"],
      },
      gain: exposure_us / EXPOSURE_US,
      seconds: (sequence * interval_us) / 1e6,
      sequence,
    };
    return renderPalm(hands, p, exposure);
  }

  health(): { temperature_c: number; leds: Record<string, "ok"> } {
    return { temperature_c: 35.25, leds: { "850": "ok", "940": "ok" } };
  }

  /** The other of two hands: another person's, of the other side. */
  #second(person: number, side: Side): Hand {
    return this.#hand(childSeed(person, "companion"), side === "right" ? "left" : "right");
  }

  /** The person's hand; drawn once, as it takes a while. */
  #hand(person: number, side: Side): Hand {
    const key = `${person} ${side}`;
    let hand = this.#hands.get(key);
    if (!hand) {
      if (this.#hands.size >= KEPT_HANDS) this.#hands.delete(this.#hands.keys().next().value as string);
      hand = makeHand(person, side);
      this.#hands.set(key, hand);
    }
    return hand;
  }
}
