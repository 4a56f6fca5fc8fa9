// What the face is painted with: skin, lips, eyes, brows and hair as near-infrared light shows them.
import { type Features, MOUTH_Y, mouthGap, mouthHalf } from "./features.ts";
import { rise } from "./profile.ts";

/** Share of the light that wanders beneath the surface: much in skin, little in hair, some in the eye. */
const SKIN_SCATTER = 0.55;
const HAIR_SCATTER = 0.2;
const EYE_SCATTER = 0.35;

/** Inside of the elliptic outline: 1, outside 0, softened over a share of the ellipse. */
function inside(x: number, y: number, rx: number, ry: number): number {
  return 1 - rise(0.85, 1.15, Math.hypot(x / rx, y / ry));
}

/**
 * Reflectance and scattered share at a place of the average face.
 * @param scalp how much it is under hair, 0..1 @param noise unevenness of the skin, about N(0, 1)
 */
export function skinShade(
  f: Features,
  x: number,
  y: number,
  scalp: number,
  noise: number,
): [albedo: number, scatter: number] {
  const { traits: t, expression } = f;
  let albedo = t.skin * (1 + 0.035 * noise);
  let scatter = SKIN_SCATTER;
  const paint = (share: number, to: number, scattered = scatter): void => {
    albedo += share * (to - albedo);
    scatter += share * (scattered - scatter);
  };
  const ax = Math.abs(x);
  if (y > -60 && y < 75 && ax < 60) {
    const lip = inside(x / mouthHalf(f), (y - MOUTH_Y - 3 * expression.smile * (x / mouthHalf(f)) ** 2) / 9.5, 1, 1);
    paint(0.6 * lip, t.skin * 0.8);
    paint(mouthGap(f, x, y), 0.05);
    const brow = inside(ax - 29, y - t.browHeight - 4 * expression.brows + 0.012 * (ax - 29) ** 2, 20, 4);
    paint(brow * t.browHair * (1 + 0.25 * noise), t.hair, HAIR_SCATTER);
    const ey = y - t.eyeHeight - t.eyeSlant * (ax - t.eyeSpacing);
    const open = inside(ax - t.eyeSpacing, ey, 14, 5.2 + expression.brows - 1.2 * expression.smile);
    paint(open, 0.46, EYE_SCATTER);
    paint(open * inside(ax - t.eyeSpacing, ey - 0.6, 6, 6), 0.3, EYE_SCATTER);
    paint(open * inside(ax - t.eyeSpacing, ey - 0.6, 2.3, 2.3), 0.04, 0);
    paint(0.5 * inside(ax - t.eyeSpacing, ey - 5.6, 15, 1.3), t.hair, HAIR_SCATTER);
    paint(0.8 * inside(ax - 6.5, y + 9, 4.6, 2.8), 0.06);
  }
  paint(scalp, t.hair * (1 + 0.2 * noise), HAIR_SCATTER);
  return [Math.min(0.95, Math.max(0.02, albedo)), scatter];
}
