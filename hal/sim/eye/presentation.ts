// What changes between two pictures of one eye: pose, gaze, pupil, lids, focus, movement, light. Also the captures that a reader must
// refuse ("closed", "defocused", "absent", "far", "bright"), each by pushing one of these out of range.
import { childSeed, makeRandom } from "./random.ts";

/** Names of captures that go wrong on purpose. */
export const FLAWS = ["closed", "defocused", "absent", "far", "bright"] as const;
export type Flaw = (typeof FLAWS)[number];

export interface Presentation {
  readonly seed: number;
  /** Iris radius as a share of the frame's height (0.26 is the intended distance). */
  readonly scale: number;
  /** Where the eye's resting centre lies, as a share of width and height away from the frame's middle. */
  readonly x: number;
  readonly y: number;
  /** Rotation of the head about the line of sight, and of the eye in its socket on top, radians. */
  readonly roll: number;
  readonly torsion: number;
  /** Gaze against the camera's axis, radians, +x image right, +y down. */
  readonly gazeX: number;
  readonly gazeY: number;
  /** Pupil radius against the person's usual one. */
  readonly dilation: number;
  /** How far the lids are open, 1 as usual, 0 shut. */
  readonly opening: number;
  /** Blur: defocus (standard deviation) and movement (length, direction), shares of the frame's height. */
  readonly defocus: number;
  readonly motion: number;
  readonly motionAngle: number;
  /** Exposure against the intended one. */
  readonly exposure: number;
  readonly present: boolean;
}

/** Draws one presentation of a cooperative user; `flaw` spoils it. */
export function makePresentation(seed: number, flaw?: Flaw): Presentation {
  const random = makeRandom(childSeed(seed, "presentation"));
  const degrees = Math.PI / 180;
  const good: Presentation = {
    seed,
    scale: 0.26 * random.uniform(0.93, 1.08),
    x: random.uniform(-0.04, 0.04),
    y: random.uniform(-0.03, 0.05),
    roll: random.uniform(-8, 8) * degrees,
    torsion: random.uniform(-2, 2) * degrees,
    gazeX: random.normal(0, 2) * degrees,
    gazeY: random.normal(0, 1.5) * degrees,
    dilation: random.uniform(0.86, 1.16),
    opening: random.uniform(0.92, 1.06),
    defocus: random.uniform(0, 0.0016),
    motion: random.uniform(0, 0.003),
    motionAngle: random.uniform(0, Math.PI),
    exposure: random.uniform(0.92, 1.06),
    present: true,
  };
  switch (flaw) {
    case "closed":
      return { ...good, opening: 0 };
    case "defocused":
      return { ...good, defocus: random.uniform(0.013, 0.018) };
    case "absent":
      return { ...good, present: false };
    case "far":
      return { ...good, scale: 0.26 * random.uniform(0.22, 0.3) };
    case "bright":
      return { ...good, exposure: random.uniform(2.6, 3.2) };
    case undefined:
      return good;
  }
}
