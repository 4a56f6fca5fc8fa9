// The simulated eye: near-infrared pictures of invented people, from first principles and seeds alone. Nothing in them is taken or
// learned from any real person, so they can be shipped, shown and published.
import type { EyeAnatomy } from "./eye/anatomy.ts";
import { expose } from "./eye/optics.ts";
import type { Presentation } from "./eye/presentation.ts";
import { type Light, shade } from "./eye/scene.ts";

export { type EyeAnatomy, makeEye, type Side } from "./eye/anatomy.ts";
export { FLAWS, type Flaw, makePresentation, type Presentation } from "./eye/presentation.ts";
export type { Light } from "./eye/scene.ts";

const INTENDED_LIGHT: Light = { left: 1, right: 1 };

/**
 * One 8-bit grey frame, row-major, `width * height` bytes. The same eye, presentation, light and gain give the same bytes.
 * @param light drive of the two LEDs against the intended level; @param gain exposure time times gain against the intended.
 */
export function renderEye(
  eye: EyeAnatomy,
  presentation: Presentation,
  width: number,
  height: number,
  light = INTENDED_LIGHT,
  gain = 1,
): Uint8Array {
  const picture = shade(eye, presentation, light, width, height);
  const frame = expose(picture, presentation, width, height, gain * presentation.exposure);
  picture.fill(0);
  return frame;
}
