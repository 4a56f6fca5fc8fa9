// What can be wrong with a geometry, as the image finds it (assembly/face/calibration.ts).

/** The image's FAULT numbers in words. */
export const CALIBRATION_FAULTS = [
  "nothing",
  "a value is not finite, or over 1e9",
  "fx and fy must be alike, and between a quarter of the picture's longer side and twenty of them",
  "cx, cy must lie in the picture",
  "k1, k2 move a corner by over half, or fold the picture",
  "nearest_mm must be 10 mm at least, and less than farthest_mm, 6,500 mm at most",
  "a, b do not give one phase of this pattern for each distance between nearest_mm and farthest_mm",
] as const;
