// The geometry of one picture: how frame pixels map to the head (lids, skin, lashes) and to the eyeball (iris), and the lids' curves.
import type { EyeAnatomy } from "./anatomy.ts";
import type { Presentation } from "./presentation.ts";

const LID_SAMPLES = 1024;
const LID_REACH = 6;
const BLUNT = 48;

/** Heights and steepness of a lid margin over head x in -LID_REACH..LID_REACH. */
export interface LidCurve {
  readonly height: Float32Array;
  /** 1 / sqrt(1 + slope^2), slopes limited to 1 (the corners are blunt): turns a vertical distance into one across the margin. */
  readonly cosine: Float32Array;
}

export interface Pose {
  /** Pixels per iris radius. */
  readonly scale: number;
  /** head = turn(pixel - centre) / scale, x mirrored so that +x is towards the nose. */
  readonly centreX: number;
  readonly centreY: number;
  readonly cos: number;
  readonly sin: number;
  readonly mirror: 1 | -1;
  /** Centre of the iris in the head. */
  readonly eyeX: number;
  readonly eyeY: number;
  readonly upper: LidCurve;
  readonly lower: LidCurve;
}

/** Position of a head x in the lid curves' tables. */
export function lidIndex(headX: number): number {
  const i = ((headX + LID_REACH) * LID_SAMPLES) / (2 * LID_REACH);
  return i < 0 ? 0 : i > LID_SAMPLES - 1 ? LID_SAMPLES - 1 : i | 0;
}

function withCosines(height: Float32Array): LidCurve {
  const cosine = new Float32Array(height.length);
  const step = (2 * LID_REACH) / LID_SAMPLES;
  for (let i = 0; i < height.length; i++) {
    const slope = (height[Math.min(i + 1, height.length - 1)]! - height[Math.max(i - 1, 0)]!) / (2 * step);
    cosine[i] = 1 / Math.sqrt(1 + Math.min(slope * slope, 1));
  }
  // Without this the jump of the slope at the corners would show as an edge all over the skin above them.
  const blunt = cosine.map((_, i) => {
    let sum = 0;
    for (let k = -BLUNT; k <= BLUNT; k++) sum += cosine[Math.min(Math.max(i + k, 0), cosine.length - 1)]!;
    return sum / (2 * BLUNT + 1);
  });
  return { height, cosine: blunt };
}

/** The two lid margins; at opening 0 they meet low, as real lids do: the upper one does the travelling. */
function lidCurves(eye: EyeAnatomy, opening: number, gazeShift: number): { upper: LidCurve; lower: LidCurve } {
  const { lids } = eye;
  const upper = new Float32Array(LID_SAMPLES);
  const lower = new Float32Array(LID_SAMPLES);
  for (let i = 0; i < LID_SAMPLES; i++) {
    const x = (i * 2 * LID_REACH) / LID_SAMPLES - LID_REACH;
    const t = Math.min(Math.max((x - lids.outer[0]) / (lids.inner[0] - lids.outer[0]), 0), 1);
    const line = lids.outer[1] + (lids.inner[1] - lids.outer[1]) * t;
    const skewed = t ** lids.skew;
    const hump = Math.max(0, 4 * skewed * (1 - skewed));
    const bowl = Math.max(0, 4 * t * (1 - t));
    const open = line - (lids.upper - 0.7 * gazeShift) * hump ** lids.upperPower;
    const floor = line + (lids.lower + 0.3 * gazeShift) * bowl ** lids.lowerPower;
    const shut = line + 0.75 * (floor - line);
    // Beyond the corners, and where shut, the margins overlap: no slit of eyeball shows.
    const overlap = Math.max(
      0.12 * Math.min(1, Math.max(lids.outer[0] - x, x - lids.inner[0]) * 5),
      opening > 0 ? 0 : 0.03,
    );
    upper[i] = shut + (open - shut) * opening + overlap;
    lower[i] = shut + (floor - shut) * Math.min(1, opening) - overlap;
  }
  return { upper: withCosines(upper), lower: withCosines(lower) };
}

/** Works out the geometry for a frame of the given size. */
export function makePose(eye: EyeAnatomy, p: Presentation, width: number, height: number): Pose {
  const mirror = eye.side === "right" ? 1 : -1;
  // The eyeball's radius is about twice the iris's, so a turn of the eye moves the iris by 2 sin(angle).
  const eyeX = 2 * Math.sin(p.gazeX) * mirror;
  const eyeY = 2 * Math.sin(p.gazeY);
  return {
    scale: p.scale * height,
    centreX: width * (0.5 + p.x),
    centreY: height * (0.5 + p.y),
    cos: Math.cos(p.roll),
    sin: Math.sin(p.roll),
    mirror,
    eyeX,
    eyeY,
    ...lidCurves(eye, p.opening, eyeY),
  };
}
