// A person's head as a mesh, with what their face does: skull with face, ears, neck, and glasses if worn.
import { makeTile } from "../eye/noise.ts";
import { childSeed, makeRandom } from "../eye/random.ts";
import { type Features, lowered, makeFeatures, standOut } from "./features.ts";
import { gridMesh, joined, type Mesh, tube } from "./mesh.ts";
import { skinShade } from "./paint.ts";
import { type Expression, NEUTRAL } from "./presentation.ts";
import { rise, sections } from "./profile.ts";
import type { Traits } from "./traits.ts";

const COLUMNS = 190;
/** How far the grid goes round the head from the middle of the face, radians: to behind the ears. */
const ROUND = 1.95;
const TILE_SIDE = 256;

/** What is drawn once for a person. */
export interface Person {
  readonly traits: Traits;
  /** Skin's unevenness, about N(0, 1), a torus of half-millimetre texels. */
  readonly texture: Float32Array;
}

export function makePerson(traits: Traits): Person {
  const random = makeRandom(childSeed(traits.seed, "skin"));
  const octaves = [
    [8, 1],
    [32, 0.7],
    [96, 0.5],
  ] as const;
  return { traits, texture: makeTile(random, TILE_SIDE, octaves) };
}

/** The person's head; a fraction of a second, so keep the result. */
export function makeHead(person: Person, expression: Expression = NEUTRAL, glasses = false): Mesh {
  const { traits } = person;
  const features = makeFeatures(traits, expression);
  const parts = [skull(person, features), neck(traits), ...[-1, 1].map((side) => ear(traits, side))];
  return joined(glasses ? [...parts, ...frame(traits)] : parts);
}

function skull({ traits: t, texture }: Person, features: Features): Mesh {
  const rows = sections(t);
  return gridMesh(COLUMNS, rows.length, false, (column, row, places, at) => {
    const { y, front, centre, half } = rows[row]!;
    // Denser in the middle, where the nose is steep.
    const p = (2 * column) / (COLUMNS - 1) - 1;
    const turn = ROUND * (0.72 * p + 0.28 * p * p * p);
    const sine = Math.sin(turn);
    const cosine = Math.cos(turn);
    const bend = cosine > 0 ? (1 - Math.abs(sine) ** t.roundness) ** (1 / t.roundness) : cosine;
    const x = half * sine;
    const z = centre + (front - centre) * bend;
    // On the average face, features lie where they are for everyone.
    const ax = x / (t.size * (1 + 0.4 * (t.faceWidth - 1)));
    const ay = y / ((y > 0 ? t.upperFace : t.lowerFace) * t.size);
    const facing = rise(0.02, 0.5, cosine) * rise(-86, -74, ay);
    const out = facing > 0 ? facing * standOut(features, ax, ay) * t.size : 0;
    const scalp = hairy(t, ax, ay, cosine);
    const moved = lowered(features, ax, ay) - ay;
    places[at] = x * (1 + 0.07 * scalp);
    places[at + 1] = y + moved * t.lowerFace * t.size + 7 * scalp * rise(120, 165, ay);
    places[at + 2] = z + out + 5 * scalp * bend + 0.35 * moved;
    const u = (Math.round(x * 2) & (TILE_SIDE - 1)) + TILE_SIDE * (Math.round(y * 2) & (TILE_SIDE - 1));
    return skinShade(features, ax, ay, scalp, texture[u]!);
  });
}

/** How much a place of the skull is under hair, 0..1: above the hairline, which comes down before the ears. */
function hairy(t: Traits, x: number, y: number, cosine: number): number {
  const line = t.hairline - 62 * rise(24, 78, Math.abs(x)) - 50 * (1 - rise(-0.2, 0.25, cosine));
  return rise(line - 4, line + 14, y);
}

/** The neck: an upright oval tube beneath the jaw, wider towards the shoulders. */
function neck(t: Traits): Mesh {
  return gridMesh(72, 40, true, (column, row, places, at) => {
    const turn = -Math.PI + (2 * Math.PI * column) / 72;
    const y = -62 - 4.5 * row;
    const wide = t.neckWidth * (0.62 + 0.38 * (1 - rise(-92, -62, y)) + 1.1 * (1 - rise(-240, -135, y)));
    const cloth = y < -150;
    places[at] = wide * Math.sin(turn);
    places[at + 1] = y;
    places[at + 2] = -100 + 0.86 * t.neckWidth * Math.cos(turn);
    return cloth ? [0.3, 0.1] : [t.skin, 0.5];
  });
}

/** An ear: a shell that stands off the head, with a rim and a hollow. */
function ear(t: Traits, side: number): Mesh {
  const rings = 12;
  return gridMesh(32, rings, true, (column, row, places, at) => {
    const angle = (-side * 2 * Math.PI * column) / 32;
    const r = 1 - row / (rings - 1);
    const tall = 31 * t.earSize * r;
    const across = (17 - 3 * Math.sin(angle)) * t.earSize * r;
    const rim = 3.5 * Math.exp(-(((r - 0.86) / 0.12) ** 2)) - 4 * Math.exp(-((r / 0.5) ** 2)) - 7 * rise(0.9, 1, r);
    // Backwards and outwards from where the ear is fixed.
    const back = across * Math.cos(angle) + 13 * t.earSize;
    const out = back * Math.sin(t.earAngle);
    places[at] = side * (71 * t.faceWidth * t.size + out + rim * Math.cos(t.earAngle));
    places[at + 1] = 18 + tall * Math.sin(angle) + 0.18 * back;
    places[at + 2] = -93 * t.headLength - back * Math.cos(t.earAngle) + rim * Math.sin(t.earAngle);
    return [t.skin * 0.95, 0.5];
  });
}

/** Spectacles: two rims, the bridge, and the temples to the ears. */
function frame(t: Traits): Mesh[] {
  const black = [0.06, 0.05] as const;
  const centre = t.eyeSpacing + 2;
  const y0 = t.eyeHeight - 3;
  const rim = (side: number): [number, number, number][] =>
    Array.from({ length: 41 }, (_, i) => {
      const a = (2 * Math.PI * i) / 40;
      const x = centre + 24 * Math.sign(Math.cos(a)) * Math.abs(Math.cos(a)) ** 0.8;
      const y = y0 + 18 * Math.sign(Math.sin(a)) * Math.abs(Math.sin(a)) ** 0.8;
      return [side * x, y, -12 - 0.004 * x * x];
    });
  const temple = (side: number): [number, number, number][] =>
    Array.from({ length: 20 }, (_, i) => [side * (centre + 24 + 0.9 * i), y0 + 8, -26 - 4.5 * i]);
  const bridge: [number, number, number][] = [-1, -0.4, 0.4, 1].map((x) => [x * (centre - 24), y0 + 6, -10.5 - x * x]);
  return [
    ...[-1, 1].flatMap((side) => [tube(rim(side), 1.6, black), tube(temple(side), 1.8, black)]),
    tube(bridge, 1.6, black),
  ];
}
