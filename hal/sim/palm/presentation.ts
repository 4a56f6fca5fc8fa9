// What changes between two pictures of one palm: distance, pose, folding, light. Also the captures that a reader must refuse, each by
// one thing out of range, and the artefacts that are no hand.
import { childSeed, makeRandom } from "../eye/random.ts";

/** Names of presentations that go wrong on purpose. */
export const FLAWS = [
  "absent",
  "too_near",
  "too_far",
  "tilted",
  "folded",
  "too_bright",
  "partly_outside",
  "two_hands",
  "glove",
  "printed_grid",
  "print",
] as const;
export type Flaw = (typeof FLAWS)[number];

/** What lies before the camera. */
export type Thing = "hand" | "glove" | "grid" | "print" | "nothing";

export interface Presentation {
  readonly seed: number;
  readonly thing: Thing;
  /** Size against that at the intended distance. */
  readonly scale: number;
  /** Where the middle of the palm lies, mm at the intended distance, away from where it should be. */
  readonly x: number;
  readonly y: number;
  /** How far it lies out of the frame to a side, as a share of half the frame's width: at 1 or -1 the middle is on the frame's edge. */
  readonly outside: number;
  /** Rotation in the plane, radians. */
  readonly roll: number;
  /** Tilt out of the plane, and the direction of its axis, radians. */
  readonly tilt: number;
  readonly tiltAxis: number;
  /** Curvature of the cupped hand, 1/mm, and the direction of the axis it is bent about, radians. */
  readonly fold: number;
  readonly foldAxis: number;
  /** How far the fingers fan out against the hand's own habit, a share of their width apart. */
  readonly fan: number;
  /** How deep the creases are, and how dark the thumb's side of the life line, 0..1. */
  readonly creases: number;
  readonly thenar: number;
  /** Second hand beside the first: its place from the first one's, mm. */
  readonly second: { readonly x: number; readonly roll: number } | undefined;
  /** Centre of each LED's light, mm from the frame's middle. */
  readonly led850: readonly [number, number];
  readonly led940: readonly [number, number];
  /** Ambient light on the hand in grey levels, and the direction it comes from, radians. */
  readonly ambient: number;
  readonly ambientFrom: number;
  /** Exposure against the intended one. */
  readonly exposure: number;
  /** Heart beats a second, and the beat's phase. */
  readonly pulse: number;
  readonly pulsePhase: number;
  readonly defocus: number;
  readonly motion: number;
  readonly motionAngle: number;
}

const DEGREES = Math.PI / 180;

/** How freely a hand moves before the camera: in the air, or on a guide. */
const FREEDOM = {
  contactless: { scale: 0.1, shift: 5, roll: 8, tilt: 10, fold: 0.0035 },
  guided: { scale: 0.015, shift: 2, roll: 3, tilt: 2, fold: 0.0012 },
} as const;
export type Profile = keyof typeof FREEDOM;

/** Draws one presentation of a cooperative user; `flaw` spoils it. */
export function makePresentation(seed: number, profile: Profile = "contactless", flaw?: Flaw): Presentation {
  const random = makeRandom(childSeed(seed, "presentation"));
  const free = FREEDOM[profile];
  const around = (range: number): number => random.uniform(-range, range);
  const good: Presentation = {
    seed,
    thing: "hand",
    scale: 1 + around(free.scale),
    x: around(free.shift),
    y: around(free.shift),
    outside: 0,
    roll: around(free.roll) * DEGREES,
    tilt: random.uniform(0, free.tilt) * DEGREES,
    tiltAxis: around(Math.PI),
    fold: random.uniform(0, free.fold),
    foldAxis: Math.PI / 2 + around(0.5),
    fan: random.uniform(-0.08, 0.2),
    creases: random.uniform(0.7, 1.3),
    thenar: random.uniform(0, 0.35),
    second: undefined,
    led850: [around(14), around(14)],
    led940: [around(14), around(14)],
    ambient: random.uniform(4, 18),
    ambientFrom: around(Math.PI),
    exposure: random.uniform(0.92, 1.06),
    pulse: random.uniform(0.9, 1.6),
    pulsePhase: around(Math.PI),
    defocus: random.uniform(0, 0.0018),
    motion: random.uniform(0, 0.003),
    motionAngle: around(Math.PI),
  };
  const side = random.uniform(0, 1) < 0.5 ? -1 : 1;
  switch (flaw) {
    case undefined:
      return good;
    case "absent":
      return { ...good, thing: "nothing" };
    case "too_near":
      return { ...good, scale: random.uniform(1.7, 1.95) };
    case "too_far":
      return { ...good, scale: random.uniform(0.36, 0.46) };
    case "tilted":
      return { ...good, tilt: random.uniform(42, 52) * DEGREES };
    case "folded":
      return { ...good, fold: random.uniform(0.015, 0.018), creases: 2.2, thenar: 0.6 };
    case "too_bright":
      return { ...good, exposure: random.uniform(2.6, 3.2) };
    case "partly_outside":
      return { ...good, outside: side * random.uniform(0.9, 1.1) };
    case "two_hands":
      return { ...good, x: -44 * side, second: { x: 98 * side, roll: around(0.15) } };
    case "glove":
      return { ...good, thing: "glove" };
    case "printed_grid":
      return { ...good, thing: "grid" };
    case "print":
      return { ...good, thing: "print", thenar: 0, fold: random.uniform(0, 0.002), fan: 0 };
  }
}
