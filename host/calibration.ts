// The calibration block of a depth sensor as the image takes it (docs/face.md): 16 f32, little-endian. A sensor that gives depth has its
// camera alone; the projector's rows are zero.

/** What `sensor.json` says of a depth sensor: focal lengths and principal point in pixels, range in mm. */
export interface DepthCamera {
  readonly fx: number;
  readonly fy: number;
  readonly cx: number;
  readonly cy: number;
  readonly k1?: number | undefined;
  readonly k2?: number | undefined;
  readonly nearest_mm?: number | undefined;
  readonly farthest_mm?: number | undefined;
}

export const CALIBRATION_BYTES = 64;
const NEAREST = 14;

/** The block of this camera. */
export function calibrationBlock(camera: DepthCamera): Uint8Array {
  const block = new DataView(new ArrayBuffer(CALIBRATION_BYTES));
  const { fx, fy, cx, cy, k1 = 0, k2 = 0, nearest_mm = 0, farthest_mm = 0 } = camera;
  for (const [i, value] of [fx, fy, cx, cy, k1, k2].entries()) block.setFloat32(4 * i, value, true);
  block.setFloat32(4 * NEAREST, nearest_mm, true);
  block.setFloat32(4 * (NEAREST + 1), farthest_mm, true);
  return new Uint8Array(block.buffer);
}
