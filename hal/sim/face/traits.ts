// Who a simulated head is: independent shape parameters drawn from a seed. Means and spreads are set by hand after the published
// ranges of adult facial anthropometry (Farkas, "Anthropometry of the Head and Face", 1994); no scan of anyone went into them.
import { childSeed, makeRandom } from "../eye/random.ts";

/** Mean and standard deviation of every parameter: millimetres, except factors (near 1), angles (radians) and reflectances (0..1). */
const TABLE = {
  size: [1, 0.03],
  faceWidth: [1, 0.045],
  headLength: [1, 0.04],
  upperFace: [1, 0.05],
  lowerFace: [1, 0.065],
  roundness: [2.25, 0.13],
  jawWidth: [1, 0.06],
  jawAngle: [3.5, 2],
  foreheadSlope: [0, 3.2],
  foreheadBulge: [0, 1.8],
  temples: [-1.5, 1.3],
  brow: [3.6, 1.5],
  browHeight: [56, 2.2],
  glabella: [1.5, 1.2],
  eyeSpacing: [32, 1.8],
  eyeDepth: [-14, 1.9],
  eyeHeight: [39, 1.9],
  eyeball: [5, 0.9],
  eyeSlant: [0.03, 0.05],
  noseLength: [47, 3.2],
  noseHeight: [22, 2],
  nasionDepth: [0, 1.6],
  noseHump: [0, 1.2],
  bridgeWidth: [9, 1.1],
  tipWidth: [10.6, 1.1],
  tipTurn: [0, 1.7],
  alarWidth: [12.6, 1.4],
  alarSize: [8, 1.2],
  noseDeviation: [0, 1],
  cheekbone: [5.5, 1.8],
  cheekboneX: [47, 2.6],
  cheekboneY: [21, 2.8],
  cheekHollow: [-2.5, 1.8],
  cheekFat: [1.5, 1.7],
  nasolabial: [-1.5, 0.7],
  philtrum: [0, 1.6],
  upperLip: [4.5, 1.1],
  lowerLip: [4.5, 1.1],
  mouthWidth: [25, 2],
  mouthForward: [0, 1.7],
  chin: [5, 2],
  chinWidth: [14, 2],
  chinCleft: [-0.4, 0.6],
  mentolabial: [-3, 0.9],
  chinDeviation: [0, 1],
  earSize: [1, 0.07],
  earAngle: [0.45, 0.1],
  neckWidth: [57, 4],
  skin: [0.46, 0.045],
  hair: [0.14, 0.05],
  hairline: [106, 6],
  browHair: [0.5, 0.15],
} as const satisfies Record<string, readonly [mean: number, deviation: number]>;

export type TraitName = keyof typeof TABLE;

/** Names of what differs between the halves of a face, and by how much (standard deviation of the left half's surplus, as a share or mm). */
const ASYMMETRY = { cheek: 0.2, brow: 0.2, eyeHeight: 0.8, eyeDepth: 0.06, mouth: 0.9, jaw: 0.3, alar: 0.08 } as const;

/** A head's parameters. */
export interface Traits extends Readonly<Record<TraitName, number>> {
  /** The person's number, for parts with seeds of their own. */
  readonly seed: number;
  /** What the left half has more than the right one. */
  readonly left: Readonly<Record<keyof typeof ASYMMETRY, number>>;
}

/** Draws a head. @param person any 32-bit integer: the same number is the same person. */
export function makeTraits(person: number): Traits {
  const seed = childSeed(person, "head");
  const draw = (name: string, mean: number, deviation: number): [string, number] => [
    name,
    makeRandom(childSeed(seed, name)).normal(mean, deviation),
  ];
  const values = Object.entries(TABLE).map(([name, [mean, deviation]]) => draw(name, mean, deviation));
  const left = Object.entries(ASYMMETRY).map(([name, deviation]) => {
    const [, value] = draw(`left ${name}`, 0, deviation);
    return [name, value];
  });
  return { ...Object.fromEntries(values), left: Object.fromEntries(left), seed } as Traits;
}
