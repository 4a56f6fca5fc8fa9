// The simulated palm: near-infrared pictures of invented hands, from first principles and seeds alone. Nothing in them is taken or
// learned from any real person, so they can be shipped, shown and published.

import type { Region } from "../../driver.ts";
import type { Side } from "../eye/anatomy.ts";
import { expose } from "../eye/optics.ts";
import { childSeed } from "../eye/random.ts";
import type { Presentation } from "./presentation.ts";
import { beat, type Light, type Piece, shade } from "./scene.ts";
import { type HandSheets, makeSheets } from "./sheet.ts";
import { makeSurface } from "./surface.ts";
import { drift, makeView } from "./view.ts";

export { FLAWS, type Flaw, makePresentation, type Presentation, type Profile } from "./presentation.ts";
export type { Light } from "./scene.ts";

/** What stays the same between two pictures of one hand. */
export interface Hand {
  readonly side: Side;
  readonly sheets: HandSheets;
}

/** Draws one hand of a person; their two hands have different veins. `person` is any 32-bit integer. Slow, so keep the result. */
export function makeHand(person: number, side: Side): Hand {
  return { side, sheets: makeSheets(childSeed(childSeed(person, "hand"), side)) };
}

/** One exposure of a presentation. */
export interface Exposure {
  readonly region: Region;
  readonly width: number;
  readonly height: number;
  /** Drive of the bands' LEDs, 1 as intended; both 0: ambient light alone. */
  readonly light: Light;
  /** Exposure time times gain against the intended. */
  readonly gain: number;
  /** Seconds since the presentation began: the hand sways, the heart beats. */
  readonly seconds: number;
  /** Sets the sensor's noise apart. */
  readonly sequence: number;
}

/**
 * One 8-bit grey frame, row-major, `width * height` bytes; the same arguments give the same bytes.
 * @param hands the hand, or whose print or glove it is, and the second one if there is one; none for an empty frame
 */
export function renderPalm(hands: readonly Hand[], p: Presentation, exposure: Exposure): Uint8Array {
  const { region, width, height, light, gain, seconds, sequence } = exposure;
  const moved = drift(p.seed, seconds);
  const { thing, second } = p;
  const pieces = hands.flatMap(({ side, sheets }, i): Piece[] => {
    if (thing === "nothing") return [];
    const [x, roll] = i > 0 && second ? [second.x, second.roll] : [0, 0];
    return [{ surface: makeSurface(thing, sheets, p), view: makeView(p, region, side, width, height, moved, x, roll) }];
  });
  const picture = shade(pieces, p, region, light, beat(p, seconds), width, height);
  const optics = { ...p, seed: childSeed(p.seed, `exposure ${sequence}`) };
  const frame = expose(picture, optics, width, height, gain * p.exposure);
  picture.fill(0);
  return frame;
}
