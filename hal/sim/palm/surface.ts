// What lies at a place of the hand's plane: live skin, a glove, or a sheet of paper with a grid or a printed palm on it. Each gives how
// much of both bands comes back; only live skin tells the bands apart and has a pulse.
import { childSeed, mix32 } from "../eye/random.ts";
import { skinTile, TILE_SIDE } from "../eye/skin.ts";
import type { Presentation, Thing } from "./presentation.ts";
import { FINE, type HandSheets, LEFT, SHAPE, type Sheet, SKIN, TOP } from "./sheet.ts";

/** What was found. */
export interface Patch {
  /** Share of the place that is covered, 0 nothing .. 1. */
  cover: number;
  at850: number;
  at940: number;
  slopeX: number;
  slopeY: number;
}

export interface Surface {
  readonly live: boolean;
  /** @param x @param y mm on the hand's plane @param pixel mm a pixel there */
  read(x: number, y: number, pixel: number, patch: Patch): void;
}

/** Reflectances: skin at 850 and 940 nm (water takes more there), paper and ink, which hardly differ between the two. */
const SKIN_850 = 0.62;
const SKIN_940 = 0.53;
const PAPER = 0.88;
const INK = 0.06;
const WOOL = 0.55;
/** A printer's screen of 2.6 lines a mm at 45 degrees, radians a mm along x and y. */
const SCREEN = 2 * Math.PI * 2.6 * Math.SQRT1_2;

const SKIN_CHANNELS = new Float64Array(SKIN);
const SHAPE_CHANNELS = new Float64Array(SHAPE);

/** Reads a sheet between its samples, edges held. `a` and `b` count samples from its corner. */
function read({ columns, rows, values }: Sheet, a: number, b: number, into: Float64Array): void {
  const channels = into.length;
  const x = Math.min(Math.max(a, 0), columns - 1.001);
  const y = Math.min(Math.max(b, 0), rows - 1.001);
  const i = x | 0;
  const j = y | 0;
  const fx = x - i;
  const fy = y - j;
  const at = (j * columns + i) * channels;
  const below = at + columns * channels;
  for (let k = 0; k < channels; k++) {
    const upper = values[at + k]! + fx * (values[at + channels + k]! - values[at + k]!);
    const lower = values[below + k]! + fx * (values[below + channels + k]! - values[below + k]!);
    into[k] = upper + fy * (lower - upper);
  }
}

/** Round flanks of fingers and of the palm's edge turn from the light: brightness at a distance from the edge, mm. */
function flank(inside_mm: number): number {
  const t = 1 - Math.min(1, Math.max(0, inside_mm) / 9);
  return 0.35 + 0.65 * Math.sqrt(1 - t * t);
}

function grain(x: number, y: number): number {
  const tile = skinTile();
  return tile[(Math.floor(y) & (TILE_SIDE - 1)) * TILE_SIDE + (Math.floor(x) & (TILE_SIDE - 1))]!;
}

function clamp01(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}

function hand({ skin, shape }: HandSheets, p: Presentation): Surface["read"] {
  return (x, y, pixel, patch) => {
    read(shape, x - LEFT, y - TOP, SHAPE_CHANNELS);
    patch.cover = clamp01(0.5 - SHAPE_CHANNELS[0]! / pixel);
    if (patch.cover === 0) return;
    read(skin, (x - LEFT) * FINE, (y - TOP) * FINE, SKIN_CHANNELS);
    const crease = 1 - 0.2 * p.creases * SKIN_CHANNELS[2]!;
    const shade = flank(-SHAPE_CHANNELS[0]!) * (1 - p.thenar * SHAPE_CHANNELS[3]!) * crease;
    patch.at850 = SKIN_850 * SKIN_CHANNELS[0]! * shade;
    patch.at940 = SKIN_940 * SKIN_CHANNELS[1]! * shade;
    patch.slopeX = SHAPE_CHANNELS[1]!;
    patch.slopeY = SHAPE_CHANNELS[2]!;
  };
}

/** A knitted glove: the hand's outline, a little larger, under loops of yarn. */
function glove({ shape }: HandSheets, p: Presentation): Surface["read"] {
  const fall = mix32(childSeed(p.seed, "glove")) % TILE_SIDE;
  return (x, y, pixel, patch) => {
    read(shape, x - LEFT, y - TOP, SHAPE_CHANNELS);
    const distance = SHAPE_CHANNELS[0]! - 1.5;
    patch.cover = clamp01(0.5 - distance / pixel);
    if (patch.cover === 0) return;
    const loops = Math.sin(x * 4.5) * Math.sin(y * 3.2 + 2 * Math.abs(Math.sin(x * 2.25)));
    const folds = grain(x * 0.35 + fall, y * 0.35) + grain(x * 3 + fall, y * 3);
    patch.at850 = WOOL * flank(-distance) * (1 + 0.1 * loops + 0.05 * folds);
    patch.at940 = patch.at850;
    patch.slopeX = 0.6 * SHAPE_CHANNELS[1]!;
    patch.slopeY = 0.6 * SHAPE_CHANNELS[2]!;
  };
}

/** A sheet of paper, half its width and height in mm, with ink where `ink` says (share of the place). */
function paper(p: Presentation, ink: (x: number, y: number, pixel: number) => number): Surface["read"] {
  const fall = mix32(childSeed(p.seed, "paper")) % TILE_SIDE;
  return (x, y, pixel, patch) => {
    patch.cover = clamp01(0.5 - Math.max(Math.abs(x) - 92, Math.abs(y + 12) - 130) / pixel);
    if (patch.cover === 0) return;
    const fibres = 1 + 0.012 * grain(x * 5 + fall, y * 5) + 0.008 * grain(x * 1.5, y * 1.5 + fall);
    patch.at850 = (PAPER + (INK - PAPER) * ink(x, y, pixel)) * fibres;
    patch.at940 = 0.985 * patch.at850;
    patch.slopeX = 0;
    patch.slopeY = 0;
  };
}

function grid(x: number, y: number, pixel: number): number {
  const line = (v: number): number => clamp01(0.5 - (Math.abs(v - 8 * Math.round(v / 8)) - 0.5) / pixel);
  return Math.max(line(x), line(y));
}

/** A printed capture of the hand at 850 nm: black around it, dots of a 45 degree screen where the pixels can tell them apart. */
function printed(sheets: HandSheets, p: Presentation): (x: number, y: number, pixel: number) => number {
  const skin = hand(sheets, { ...p, thenar: 0.2, creases: 1 });
  const found: Patch = { cover: 0, at850: 0, at940: 0, slopeX: 0, slopeY: 0 };
  return (x, y, pixel) => {
    skin(x, y, pixel, found);
    const tone = found.cover * Math.min(1, (found.at850 / 0.78) * (1 - 0.35 * found.slopeX));
    const dots = Math.cos(SCREEN * (x + y)) * Math.cos(SCREEN * (x - y));
    // A pixel's lens and area blur what is finer than it.
    const seen = Math.exp(-((SCREEN * 0.5 * pixel) ** 2));
    return clamp01(1 - tone + 4 * tone * (1 - tone) * 0.5 * dots * seen);
  };
}

/** The surface of what a presentation puts before the camera. */
export function makeSurface(thing: Exclude<Thing, "nothing">, sheets: HandSheets, p: Presentation): Surface {
  switch (thing) {
    case "hand":
      return { live: true, read: hand(sheets, p) };
    case "glove":
      return { live: false, read: glove(sheets, p) };
    case "grid":
      return { live: false, read: paper(p, grid) };
    case "print":
      return { live: false, read: paper(p, printed(sheets, p)) };
  }
}
