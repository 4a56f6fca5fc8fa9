// A scene under projected fringes, made from seeds: a plane with a bump on it, before a calibrated camera and projector, with ambient light,
// albedo, gamma and noise. What the pictures should give is known exactly. The pictures are those of assembly/face/pattern.ts.
import type { Geometry } from "../host/calibration/document.ts";
import { type Pattern, pictureCount } from "../host/depth/fringes.ts";

export interface Scene {
  readonly width: number;
  readonly height: number;
  /** Exponent of the projector (1: linear), standard deviation of the noise in grey levels, brightness of everything. */
  readonly gamma?: number;
  readonly noise?: number;
  readonly light?: number;
  /** Share of the fringes' light that is modulated. */
  readonly contrast?: number;
  /** Millimetres that the bump moves to the right before each picture. */
  readonly speed?: number;
  readonly seed?: number;
}

/** The unit that sees the scene: 400 mm away, a projector beside the camera, whose picture is 364 mm wide there. */
export function sceneCalibration({ width, height }: Scene, { bits, periods }: Pattern): Geometry {
  const fringes = bits ? 1 << (bits - 1) : periods.at(-1)!;
  const range = 2 * Math.PI * fringes;
  const focal = 1.25 * width;
  // The projector's place across its picture: u = 0.5 + 1.1 X / Z + 0.2 - 80 / Z, so that what is 400 mm away lies amid it.
  return {
    fx: focal,
    fy: focal,
    cx: (width - 1) / 2,
    cy: (height - 1) / 2,
    k1: 0,
    k2: 0,
    a: [1.1 * range, 0, 0.7 * range, -80 * range],
    b: [0, 0, 1, 0],
    nearest_mm: 250,
    farthest_mm: 600,
  };
}

/** Distance (mm) of the surface at a pixel; `shift`: how far the bump has moved, mm. */
export function sceneDepth({ width, height }: Scene, x: number, y: number, shift = 0): number {
  const focal = 1.25 * width;
  const [u, v] = [(x - (width - 1) / 2) / focal, (y - (height - 1) / 2) / focal];
  const [mx, my] = [400 * u - shift, 400 * v];
  const bump = 40 * Math.exp(-(mx * mx + my * my) / (2 * 35 * 35));
  return 420 / (1 - 0.15 * u + 0.1 * v) - bump;
}

/** The pictures of a stack. */
export function fringeStack(pattern: Pattern, scene: Scene): Uint8Array[] {
  const { width, height, gamma = 1, noise = 1, light = 1, contrast = 0.6, speed = 0, seed = 1 } = scene;
  const { steps, bits, periods } = pattern;
  const { fx, cx, a } = sceneCalibration(scene, pattern);
  const finest = periods.at(-1)!;
  const random = gaussian(seed);
  return Array.from({ length: pictureCount(pattern) }, (_, picture) => {
    const pixels = new Uint8Array(width * height);
    const [period, step] = [Math.floor(picture / steps), picture % steps];
    const bit = picture - steps * periods.length;
    for (let y = 0, i = 0; y < height; y++)
      for (let x = 0; x < width; x++, i++) {
        const z = sceneDepth(scene, x, y, speed * picture);
        const phase = a[0] * ((x - cx) / fx) + a[2] + a[3] / z;
        let lit: number;
        if (bit >= 0) {
          const half = Math.floor(phase / Math.PI);
          lit = ((half ^ (half >> 1)) >> (bits - 1 - bit)) & 1;
        } else lit = 0.5 - 0.5 * Math.cos((phase / finest) * periods[period]! + (2 * Math.PI * step) / steps);
        const albedo = 1 + 0.15 * Math.sin(x / 23) * Math.cos(y / 17);
        const grey = light * albedo * (24 + 130 * (1 - contrast + contrast * lit ** gamma));
        pixels[i] = Math.max(0, Math.min(255, Math.round(grey + noise * random())));
      }
    return pixels;
  });
}

/** Standard normal values, nearly: sums of four uniform ones. */
function gaussian(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    let sum = -2;
    for (let k = 0; k < 4; k++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      sum += state / 2 ** 32;
    }
    return 1.732 * sum;
  };
}
