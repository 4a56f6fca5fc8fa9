// The geometry of one picture: from a pixel to the place on the hand's flat sheet that is seen there, through distance, rotation, tilt
// and the bending of the hand. Also how the hand moves while frames are taken.

import type { Region } from "../../driver.ts";
import type { Side } from "../eye/anatomy.ts";
import { childSeed, makeRandom } from "../eye/random.ts";
import type { Presentation } from "./presentation.ts";

/** How each kind of frame looks at a hand: what its height shows, which height of the hand is in its middle, the camera's distance, mm. */
export const REGION_VIEWS: Record<
  Region,
  { readonly high_mm: number; readonly middle: number; readonly distance: number }
> = {
  cropped: { high_mm: 64, middle: -5, distance: 180 },
  window: { high_mm: 60, middle: 3, distance: 120 },
  "whole hand": { high_mm: 186, middle: -16, distance: 260 },
};

/** Fingers fan out about here, mm above the palm's middle. */
const KNUCKLES = -46;
/** A bent hand's sheet is seen at most so steeply (sine of the angle); what lies beyond looks past it, at a place so far off, mm. */
const STEEPEST = 0.98;
const AWAY = 1e4;

/** Where the hand is at a moment, mm: it sways slowly and trembles a little (8 to 12 Hz). */
export function drift(seed: number, seconds: number): [x: number, y: number] {
  const random = makeRandom(childSeed(seed, "drift"));
  const axis = (): number => {
    const sway =
      random.uniform(0.3, 0.8) * Math.sin(2 * Math.PI * (random.uniform(0.25, 0.6) * seconds + random.uniform(0, 1)));
    const tremor = 0.05 * Math.sin(2 * Math.PI * (random.uniform(8, 12) * seconds + random.uniform(0, 1)));
    return sway + tremor;
  };
  return [axis(), axis()];
}

/** Where a picture looks: numbers that `look` needs, worked out once a frame. */
export interface View {
  /** mm a pixel at the intended plane, and at the hand. */
  readonly pitch: number;
  readonly scale: number;
  readonly centreX: number;
  readonly centreY: number;
  readonly mirror: 1 | -1;
  readonly middle: number;
  readonly distance: number;
  readonly p: Presentation;
  readonly rollCos: number;
  readonly rollSin: number;
  readonly tiltCos: number;
  readonly tiltSin: number;
  readonly axisCos: number;
  readonly axisSin: number;
  readonly foldCos: number;
  readonly foldSin: number;
}

/** @param shift_mm, @param turn where this hand lies against the presentation's, for a second one */
export function makeView(
  p: Presentation,
  region: Region,
  side: Side,
  width: number,
  height: number,
  moved: readonly [number, number],
  shift_mm = 0,
  turn = 0,
): View {
  const { high_mm, middle, distance } = REGION_VIEWS[region];
  const pitch = high_mm / height;
  return {
    pitch,
    scale: p.scale,
    centreX: (width / 2) * (1 + p.outside) + (p.x + shift_mm + moved[0]) / pitch,
    centreY: height / 2 + (p.y + moved[1]) / pitch,
    mirror: side === "right" ? 1 : -1,
    middle,
    distance,
    p,
    rollCos: Math.cos(p.roll + turn),
    rollSin: Math.sin(p.roll + turn),
    tiltCos: Math.cos(p.tilt),
    tiltSin: Math.sin(p.tilt),
    axisCos: Math.cos(p.tiltAxis),
    axisSin: Math.sin(p.tiltAxis),
    foldCos: Math.cos(p.foldAxis),
    foldSin: Math.sin(p.foldAxis),
  };
}

/** What `look` found: place on the sheet in mm, the surface's slope in the frame's axes, light against that at the intended distance. */
export interface Seen {
  x: number;
  y: number;
  slopeX: number;
  slopeY: number;
  /** Falls with the surface's angle and the distance; a module's own exposure evens out most of the hand's distance. */
  light: number;
}

/** Follows a pixel's ray to the hand; writes what it meets into `seen`. */
export function look(view: View, px: number, py: number, seen: Seen): void {
  const { p, distance } = view;
  const x0 = ((px - view.centreX) * view.pitch) / view.scale;
  const y0 = ((py - view.centreY) * view.pitch) / view.scale;
  // Tilt: the ray meets a plane turned about an axis; `across` runs at right angles to it.
  const along = x0 * view.axisCos + y0 * view.axisSin;
  const across = y0 * view.axisCos - x0 * view.axisSin;
  const onPlane = (across * distance) / Math.max(1, distance * view.tiltCos - across * view.tiltSin);
  const farther = (distance + onPlane * view.tiltSin) / distance;
  const u = along * farther;
  const xt = u * view.axisCos - onPlane * view.axisSin;
  const yt = u * view.axisSin + onPlane * view.axisCos;
  const xr = (xt * view.rollCos + yt * view.rollSin) * view.mirror;
  const yr = yt * view.rollCos - xt * view.rollSin;
  // Fold: the sheet lies on a cylinder; what is seen at c belongs to the arc's length there.
  const c = yr * view.foldCos - xr * view.foldSin;
  const d = xr * view.foldCos + yr * view.foldSin;
  const sine = Math.max(-STEEPEST, Math.min(STEEPEST, c * p.fold));
  const arc = sine === c * p.fold ? c * (sine === 0 ? 1 : Math.asin(sine) / sine) : AWAY;
  let x = d * view.foldCos - arc * view.foldSin;
  const y = d * view.foldSin + arc * view.foldCos + view.middle;
  if (y < KNUCKLES) x /= 1 + p.fan * Math.min(1, (KNUCKLES - y) / 60);
  seen.x = x;
  seen.y = y;
  const bend = sine / Math.sqrt(1 - sine * sine);
  const sx = -bend * view.foldSin * view.mirror;
  const sy = bend * view.foldCos;
  const tilt = view.tiltSin / view.tiltCos;
  seen.slopeX = sx * view.rollCos - sy * view.rollSin - tilt * view.axisSin;
  seen.slopeY = sx * view.rollSin + sy * view.rollCos + tilt * view.axisCos;
  const steep = Math.sqrt(1 - sine * sine) * view.tiltCos;
  seen.light = (Math.sqrt(steep) * Math.sqrt(view.scale)) / (farther * farther);
}
