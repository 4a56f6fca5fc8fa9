// Palms for tests of what is around the modality: simulated hands (hal/sim/palm), so that nothing here belongs to anybody, in small
// frames. For accuracy there are real captures.
import type { Region } from "../hal/driver.ts";
import { renderBurst } from "../hal/sim/palm/burst.ts";
import { type Hand, makeHand, makePresentation, type Profile } from "../hal/sim/palm/render.ts";

export const SIDE = 128;
const BANDS_NM = [850, 940] as const;

/** How a palm is presented; left out: cropped, SIDE x SIDE, contactless. */
export interface Shown {
  readonly region?: Region;
  readonly width?: number;
  readonly height?: number;
  readonly profile?: Profile;
}

const hands = new Map<number, Hand>();

/** A frame of a person's right hand, its planes one after the other, 8-bit grey; `bands`: which of 850 and 940 nm, by their places. */
function frame(person: number, presentation: number, bands: readonly (0 | 1)[], shown: Shown): Uint8Array {
  const { region = "cropped", width = SIDE, height = SIDE, profile = "contactless" } = shown;
  let hand = hands.get(person);
  if (!hand) hands.set(person, (hand = makeHand(person, "right"))); // drawing one takes a while
  const p = makePresentation(1000 * person + presentation, profile);
  const both = renderBurst(hand, p, { region, width, height, bands_nm: BANDS_NM });
  const pixels = width * height;
  return Buffer.concat(bands.map((band) => both.subarray(band * pixels, (band + 1) * pixels)));
}

/** A palm in one band (0: 850 nm, 1: 940). */
export function palm(person: number, presentation = 0, band: 0 | 1 = 0, shown: Shown = {}): Uint8Array {
  return frame(person, presentation, [band], shown);
}

/** Both bands of a capture as one frame. */
export function palmBands(person: number, presentation = 0, shown: Shown = {}): Uint8Array {
  return frame(person, presentation, [0, 1], shown);
}
