// What changes between two captures of one head: where it is, how it is turned, what its face does. Also the captures that a reader must
// refuse, each by one thing out of range, and the artefacts that are no living face.
import { childSeed, makeRandom } from "../eye/random.ts";

/** Names of presentations that go wrong on purpose. */
export const FLAWS = [
  "nobody",
  "no_face",
  "too_near",
  "too_far",
  "turned",
  "overexposed",
  "underexposed",
  "moving",
  "two_heads",
  "missing_picture",
  "doubled_picture",
  "print",
  "bent_print",
  "mask",
] as const;
export type Flaw = (typeof FLAWS)[number];

/** What stands before the module: `print` and `bent_print` show the face on paper, `mask` its shape in one material. */
export type Thing = "head" | "nothing" | "wall" | "print" | "bent_print" | "mask";

/** What a face does, each from 0 (nothing) to 1 (as far as it goes). */
export interface Expression {
  readonly smile: number;
  readonly open: number;
  readonly brows: number;
}

export const NEUTRAL: Expression = { smile: 0, open: 0, brows: 0 };

export interface Presentation {
  readonly seed: number;
  readonly thing: Thing;
  readonly expression: Expression;
  readonly glasses: boolean;
  /** Turn to the side (positive: to the right of the picture), nod (positive: up) and tilt, radians. */
  readonly yaw: number;
  readonly pitch: number;
  readonly roll: number;
  /** Where the head's origin (the tip of an average nose) is, mm in camera coordinates: right, down, away. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Movement of the head, mm a second in camera coordinates, and turn about the vertical, radians a second. */
  readonly speed: readonly [x: number, y: number, z: number];
  readonly turning: number;
  /** A second head's place from the first one's, mm; undefined: none. */
  readonly second: { readonly x: number } | undefined;
  /** Distance of the wall behind, mm. */
  readonly wall: number;
  /** Exposure against the intended one. */
  readonly exposure: number;
  /** Ambient light on a white surface that faces the camera, grey levels. */
  readonly ambient: number;
  /** Number of the picture in which the projector stays dark, or shows the pattern of the picture before; undefined: none. */
  readonly dark: number | undefined;
  readonly doubled: number | undefined;
}

const DEGREES = Math.PI / 180;

/** Draws one presentation of a cooperative user, within ±15° and 370 to 440 mm; `flaw` spoils it. */
export function makePresentation(seed: number, flaw?: Flaw): Presentation {
  const random = makeRandom(childSeed(seed, "presentation"));
  const around = (range: number): number => random.uniform(-range, range);
  const often = (share: number): number => (random.uniform(0, 1) < share ? random.uniform(0.3, 1) : 0);
  const good: Presentation = {
    seed,
    thing: "head",
    expression: { smile: often(0.3), open: often(0.12), brows: often(0.2) },
    glasses: false,
    yaw: around(15) * DEGREES,
    pitch: around(10) * DEGREES,
    roll: around(6) * DEGREES,
    x: around(14),
    y: 8 + around(12),
    z: random.uniform(370, 440),
    speed: [around(1.5), around(1.5), around(1.5)],
    turning: around(0.01),
    second: undefined,
    wall: random.uniform(1100, 2200),
    exposure: random.uniform(0.9, 1.1),
    ambient: random.uniform(10, 40),
    dark: undefined,
    doubled: undefined,
  };
  const side = random.uniform(0, 1) < 0.5 ? -1 : 1;
  switch (flaw) {
    case undefined:
      return good;
    case "nobody":
      return { ...good, thing: "nothing" };
    case "no_face":
      return { ...good, thing: "wall", wall: random.uniform(380, 460) };
    case "too_near":
      return { ...good, z: random.uniform(170, 200) };
    case "too_far":
      return { ...good, z: random.uniform(800, 950) };
    case "turned":
      return { ...good, yaw: side * random.uniform(40, 50) * DEGREES };
    case "overexposed":
      return { ...good, exposure: random.uniform(3.2, 4.2) };
    case "underexposed":
      return { ...good, exposure: random.uniform(0.05, 0.08) };
    case "moving":
      return { ...good, speed: [side * random.uniform(60, 110), around(20), around(40)], turning: side * 0.4 };
    case "two_heads":
      return { ...good, x: -105 * side, z: 520, second: { x: 210 * side } };
    case "missing_picture":
      return { ...good, dark: Math.floor(random.uniform(4, 16)) };
    case "doubled_picture":
      return { ...good, doubled: Math.floor(random.uniform(4, 16)) };
    case "print":
    case "bent_print":
    case "mask":
      return { ...good, thing: flaw, expression: NEUTRAL };
  }
}
