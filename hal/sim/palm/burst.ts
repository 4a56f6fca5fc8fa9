// A whole burst without a module and a line: what the palm driver delivers of a presentation, for whoever needs a frame and no sensor.
import type { Region } from "../../driver.ts";
import { subtractAmbient } from "../../palm/planes.ts";
import { type Hand, type Presentation, renderPalm } from "./render.ts";

/** A burst as the simulated palm camera takes it with its default settings, from its first exposure on. */
export interface Burst {
  readonly region: Region;
  readonly width: number;
  readonly height: number;
  /** Ascending, 850 or 940: one plane each. */
  readonly bands_nm: readonly number[];
}

/** Time between the exposures at the camera's highest rate, seconds. */
const INTERVAL_S = 8334e-6;

/** One frame: the bands' planes one after the other, 8 bit, without the ambient light. The same arguments give the same bytes. */
export function renderBurst(hand: Hand, p: Presentation, { region, width, height, bands_nm }: Burst): Uint8Array {
  const expose = (nm: number, sequence: number): Uint8Array => {
    const light = { at850: nm === 850 ? 1 : 0, at940: nm === 940 ? 1 : 0 };
    const seconds = sequence * INTERVAL_S;
    return renderPalm([hand], p, { region, width, height, light, gain: 1, seconds, sequence });
  };
  const ambient = expose(0, 0);
  const pixels = width * height;
  const frame = new Uint8Array(pixels * bands_nm.length);
  for (const [i, nm] of bands_nm.entries())
    subtractAmbient(expose(nm, 1 + i), ambient, 8, frame.subarray(i * pixels, (i + 1) * pixels));
  return frame;
}
