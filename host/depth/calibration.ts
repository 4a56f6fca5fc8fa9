// A calibration as capture.json writes it, and what can be wrong with one (assembly/face/calibration.ts has the model).
import { z } from "zod";

const row = z.tuple([z.number(), z.number(), z.number(), z.number()]);

/** Focal lengths and principal point in pixels, radial distortion k1 and k2 (Brown), two rows of the projector's matrix, distances in mm. */
export const CALIBRATION = z.strictObject({
  fx: z.number(),
  fy: z.number(),
  cx: z.number(),
  cy: z.number(),
  k1: z.number().default(0),
  k2: z.number().default(0),
  a: row,
  b: row,
  nearest: z.number(),
  farthest: z.number(),
});
export type Calibration = z.infer<typeof CALIBRATION>;

/** The fields in the order of the image's block of 16 f32. */
export const CALIBRATION_FIELDS = ["fx", "fy", "cx", "cy", "k1", "k2", "a", "b", "nearest", "farthest"] as const;

/** The image's FAULT numbers in words. */
export const CALIBRATION_FAULTS = [
  "nothing",
  "a value is not finite, or over 1e9",
  "fx and fy must be alike, and between a quarter of the picture's longer side and twenty of them",
  "cx, cy must lie in the picture",
  "k1, k2 move a corner by over half, or fold the picture",
  "nearest must be 10 mm at least, and less than farthest, 6,500 mm at most",
  "a, b do not give one phase of this pattern for each distance between nearest and farthest",
] as const;
