// What stays the same between two pictures of one eye: proportions, brightness of the tissues, lids, lashes and the iris itself.
// All lengths are in iris radii (about 6 mm), y pointing down, +x towards the nose; grey levels are those of a well exposed frame.
import { childSeed, makeRandom } from "./random.ts";
import { type IrisSheet, makeIrisSheet } from "./texture.ts";

export type Side = "left" | "right";

/** A lash: where it grows on the lid margin (0 outer .. 1 inner corner), how long, how it fans and hangs. */
export interface Lash {
  readonly root: number;
  readonly length: number;
  readonly fan: number;
  readonly hang: number;
  readonly width: number;
}

export interface EyeAnatomy {
  readonly seed: number;
  readonly side: Side;
  readonly sheet: IrisSheet;
  /** Pupil: centre against the iris's, usual radius, harmonics 2..4 of its outline (cosine, sine). */
  readonly pupil: {
    readonly x: number;
    readonly y: number;
    readonly radius: number;
    readonly outline: readonly number[];
  };
  /** Iris: height over width of the limbus, softness of its edge, grey level, how strongly its relief shows. */
  readonly iris: { readonly aspect: number; readonly limbus: number; readonly grey: number; readonly contrast: number };
  readonly sclera: number;
  readonly skin: number;
  /** Lid opening: corners, apex heights, skew of the apex, shape exponents. */
  readonly lids: {
    readonly outer: readonly [number, number];
    readonly inner: readonly [number, number];
    readonly upper: number;
    readonly lower: number;
    readonly skew: number;
    readonly upperPower: number;
    readonly lowerPower: number;
    readonly crease: number;
    readonly creaseDepth: number;
  };
  readonly upperLashes: readonly Lash[];
  readonly lowerLashes: readonly Lash[];
}

function growLashes(seed: number, upper: boolean): Lash[] {
  const random = makeRandom(childSeed(seed, upper ? "upper lashes" : "lower lashes"));
  const count = Math.round(upper ? random.uniform(80, 120) : random.uniform(36, 56));
  const length = upper ? random.uniform(0.55, 0.85) : random.uniform(0.3, 0.45);
  const hang = upper ? random.uniform(-0.75, -0.3) : random.uniform(0.5, 0.8);
  const lashes: Lash[] = [];
  let tuft = 0;
  for (let i = 0; i < count; i++) {
    // Lashes stand in tufts of a few that lean together.
    if (i % 3 === 0) tuft = random.normal(0, 0.2);
    const root = 0.05 + (0.88 * (i + random.uniform(0, 1.6))) / (count + 1);
    lashes.push({
      root,
      length: length * random.uniform(0.55, 1.12) * (0.65 + 0.35 * Math.sin(Math.PI * root)),
      fan: 1.9 * (root - 0.53) + tuft + random.normal(0, 0.08),
      hang: hang + random.normal(0, upper ? 0.22 : 0.12),
      width: (upper ? 0.0155 : 0.01) * random.uniform(0.75, 1.2),
    });
  }
  return lashes;
}

/**
 * Draws the anatomy of one eye. Two eyes of one person share skin and lids; the irises have nothing in common, as in life
 * (Daugman 1993). `person` is any 32-bit integer. About 40 ms, so keep the result.
 */
export function makeEye(person: number, side: Side): EyeAnatomy {
  const face = makeRandom(childSeed(person, "face"));
  const seed = childSeed(person, side);
  const random = makeRandom(seed);
  const lashes = childSeed(person, "lashes");
  const outline = [0.01, 0.005, 0.003].flatMap((size) => [random.normal(0, size), random.normal(0, size)]);
  return {
    seed,
    side,
    sheet: makeIrisSheet(seed),
    pupil: {
      x: random.normal(0.03, 0.015),
      y: random.normal(0.02, 0.015),
      radius: random.uniform(0.34, 0.46),
      outline,
    },
    iris: {
      aspect: random.uniform(0.97, 1.0),
      limbus: random.uniform(0.035, 0.06),
      grey: random.uniform(92, 128),
      contrast: random.uniform(0.85, 1.2),
    },
    sclera: face.uniform(158, 182),
    skin: face.uniform(150, 196),
    lids: {
      outer: [-2.45 + face.normal(0, 0.08), -0.05 + face.normal(0, 0.08)],
      inner: [2.2 + face.normal(0, 0.08), 0.32 + face.normal(0, 0.07)],
      upper: face.uniform(0.88, 1.04),
      lower: face.uniform(0.78, 0.9),
      skew: face.uniform(0.9, 1.05),
      upperPower: face.uniform(0.62, 0.8),
      lowerPower: face.uniform(0.7, 0.95),
      crease: face.uniform(0.28, 0.6),
      creaseDepth: face.uniform(0.05, 0.2),
    },
    upperLashes: growLashes(lashes, true),
    lowerLashes: growLashes(lashes, false),
  };
}
