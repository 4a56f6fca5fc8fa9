// One picture of a stack: the projected pattern on what the camera sees, through the projector's gamma and lens, skin and the camera's
// sensor.
import type { FringePattern } from "../../driver.ts";
import { childSeed, makeRandom, mix32 } from "../eye/random.ts";
import type { Unit } from "./unit.ts";
import type { View } from "./view.ts";

/** Grey levels of a white surface in full light at the working distance, with the intended exposure and level. */
const FULL = 345;
/** Places of a pattern's table over the projected picture's width. */
const PLACES = 8192;
/** Blur of the projector's lens, share of the picture's width; light that wandered in skin comes back so far away (about 1.2 mm). */
const LENS = 0.0011;
const SKIN = 0.0035;
/** Variance of the sensor: of reading it, and for each grey level of light; grey levels squared. */
const READ = 0.6;
const SHOT = 0.016;
/** Neighbours' share in a pixel: the camera's lens. */
const SPREAD = 0.1;

/** What a picture is taken with. */
export interface Exposure {
  /** Undefined: even light over the whole picture. */
  readonly pattern: FringePattern | undefined;
  /** Projector's level against the intended (0: dark), and exposure time against it. */
  readonly level: number;
  readonly gain: number;
  /** Ambient light on white, grey levels. */
  readonly ambient: number;
  /** Sets the sensor's noise apart. */
  readonly seed: number;
}

/** Value of a pattern (0..1) at a place of the projected picture (0..1): docs/sensor-protocol.md, "Patterns". */
export function patternValue(pattern: FringePattern, u: number): number {
  if ("bit" in pattern) {
    const word = Math.min(2 ** pattern.bits - 1, Math.floor(u * 2 ** pattern.bits));
    return ((word ^ (word >> 1)) >> (pattern.bits - 1 - pattern.bit)) & 1;
  }
  const { periods, steps, step, offset = 0 } = pattern;
  return 0.5 - 0.5 * Math.cos(2 * Math.PI * (periods * u + step / steps + offset / 65536));
}

/** Blurs a table by a Gaussian of `sigma` places, ends held. */
function blurred(table: Float64Array, sigma: number): Float64Array {
  const reach = Math.ceil(3 * sigma);
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, k) => Math.exp(-0.5 * ((k - reach) / sigma) ** 2));
  const total = kernel.reduce((sum, w) => sum + w, 0);
  return table.map((_, i) => {
    let sum = 0;
    for (let k = -reach; k <= reach; k++) sum += kernel[k + reach]! * table[Math.min(PLACES, Math.max(0, i + k))]!;
    return sum / total;
  });
}

interface Tables {
  readonly direct: Float64Array;
  readonly scattered: Float64Array;
}

/** Light by place of the projected picture: as it leaves the projector, and as skin gives it back. */
function makeTables(pattern: FringePattern | undefined, gamma: number): Tables {
  const emitted = new Float64Array(PLACES + 1);
  for (let i = 0; i <= PLACES; i++) emitted[i] = pattern ? patternValue(pattern, i / PLACES) ** gamma : 1;
  const direct = blurred(emitted, LENS * PLACES);
  return { direct, scattered: blurred(direct, SKIN * PLACES) };
}

/** Tables of patterns made before: a stack has the same ones every time. */
const known = new Map<string, Tables>();
const KNOWN_AT_MOST = 64;

function tablesOf(pattern: FringePattern | undefined, gamma: number): Tables {
  const key = `${gamma} ${JSON.stringify(pattern)}`;
  let tables = known.get(key);
  if (!tables) {
    if (known.size >= KNOWN_AT_MOST) known.delete(known.keys().next().value as string);
    tables = makeTables(pattern, gamma);
    known.set(key, tables);
  }
  return tables;
}

const NORMALS = 65536;
let normals: Float32Array | undefined;

/** A table of normal deviates. */
function makeNormals(): Float32Array {
  const random = makeRandom(childSeed(0, "sensor noise"));
  return Float32Array.from({ length: NORMALS }, () => random.normal(0, 1));
}

/** Takes one 8-bit picture, row-major. @param places the fringe's place at each pixel (view.ts) */
export function takePicture(unit: Unit, view: View, places: Float32Array, exposure: Exposure): Uint8Array {
  const { pattern, level, gain, ambient, seed } = exposure;
  const { direct, scattered } = tablesOf(pattern, unit.gamma);
  const light = new Float32Array(places.length);
  for (let i = 0; i < light.length; i++) {
    let value = view.ambient[i]! * ambient;
    const u = places[i]! * PLACES;
    if (u >= 0 && u < PLACES) {
      const k = Math.floor(u);
      const f = u - k;
      const d = direct[k]! + f * (direct[k + 1]! - direct[k]!);
      const s = scattered[k]! + f * (scattered[k + 1]! - scattered[k]!);
      value += FULL * level * view.lit[i]! * (d + view.scatter[i]! * (s - d));
    }
    light[i] = value * gain;
  }
  const other = new Float32Array(light.length);
  spread(light, other, 1, unit.width);
  spread(other, light, unit.width, unit.width);
  const picture = digitise(light, seed);
  light.fill(0);
  other.fill(0);
  return picture;
}

/** Each pixel gives a share to its two neighbours at `step`; the picture's first and last `width` pixels stay. */
function spread(from: Float32Array, to: Float32Array, step: number, width: number): void {
  to.set(from);
  for (let i = width; i < from.length - width; i++)
    to[i] = (1 - 2 * SPREAD) * from[i]! + SPREAD * (from[i - step]! + from[i + step]!);
}

function digitise(light: Float32Array, seed: number): Uint8Array {
  normals ??= makeNormals();
  const picture = new Uint8Array(light.length);
  let state = mix32(seed);
  for (let i = 0; i < light.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    const value = light[i]!;
    picture[i] = Math.min(255, Math.max(0, value + normals[state >>> 16]! * Math.sqrt(READ + SHOT * value) + 0.5));
  }
  return picture;
}
