// What can be wrong with a geometry, as the image finds it (assembly/face/calibration.ts).

/** The image's FAULT numbers in words. */
export const CALIBRATION_FAULTS = [
  "nothing",
  "every value must be a number, 1e9 at most either way",
  "fx must be a quarter to twenty of the picture's longer side, fy within a quarter of fx",
  "cx must be 0 to width - 1, cy 0 to height - 1",
  "k1, k2 must move no corner by over half of its distance, nor fold the picture",
  "nearest_mm must be 10 mm at least, and less than farthest_mm, 6,500 mm at most",
  "a, b must give one phase of this pattern for each distance from nearest_mm to farthest_mm",
] as const;
