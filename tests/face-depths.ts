// Depth maps of invented heads for the tests, as a depth sensor would give them: an elliptic front with nose, brow, sockets and cheeks, a few
// smooth bumps of the person's own, turned and moved, seen by a pinhole camera.
import { uniform } from "../host/evaluate/pairs.ts";

export const WIDTH = 320;
export const HEIGHT = 240;
export const CAMERA = { fx: 400, fy: 400, cx: 160, cy: 120 };

export interface View {
  /** Where the nose's tip is, mm: to the right, upwards, away. */
  readonly at: readonly [number, number, number];
  /** Radians. */
  readonly yaw: number;
}

const bell = (x: number, y: number, width: number, height: number): number =>
  Math.exp(-((x / width) ** 2) - (y / height) ** 2);

/** How far the face of person `seed` stands before the tip of a mean nose, mm, at (x, y) from there. */
function face(seed: number): (x: number, y: number) => number {
  const random = uniform(seed);
  const own = Array.from({ length: 10 }, () => ({
    x: 30 * random(),
    y: 70 * random() - 20,
    size: 10 + 10 * random(),
    height: 8 * random() - 4,
  }));
  const length = 22 + 8 * random();
  return (x, y) => {
    const side = Math.abs(x);
    const front = -28 - 90 * (1 - Math.sqrt(Math.max(0, 1 - (x / 78) ** 2)));
    const nose = length * bell(x, y - 2, 12, 9) + 17 * bell(x, y - 20, 9, 16);
    const parts = 9 * bell(0, y - 58, 1, 14) - 3 * bell(side - 30, y - 36, 13, 9) + 8 * bell(x, y + 26, 22, 14);
    return own.reduce((z, b) => z + b.height * bell(side - b.x, y - b.y, b.size, b.size), front + nose + parts);
  };
}

/** The depth map of person `seed`: u16, `perMm` units a millimetre, 0 where nothing is. */
export function drawFace(seed: number, { at: [tx, ty, tz], yaw }: View, perMm = 10): Uint16Array {
  const surface = face(seed);
  const noise = uniform(seed + 1000 * yaw);
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  return Uint16Array.from({ length: WIDTH * HEIGHT }, (_, i) => {
    const rx = ((i % WIDTH) - CAMERA.cx) / CAMERA.fx;
    const ry = (CAMERA.cy - Math.floor(i / WIDTH)) / CAMERA.fy;
    let depth = tz - 30;
    for (let step = 0; step < 60; step++) {
      const [px, py, pz] = [rx * depth - tx, ry * depth - ty, tz - depth];
      const x = c * px + s * pz;
      if (Math.abs(x) > 76 || Math.abs(py) > 95) {
        depth += 3;
        continue;
      }
      const gap = c * pz - s * px - surface(x, py);
      if (Math.abs(gap) < 0.05) return Math.round((depth + 0.3 * (noise() - 0.5)) * perMm);
      depth += 0.5 * gap;
    }
    return 0;
  });
}
