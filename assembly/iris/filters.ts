// The filters of the iris code, one-dimensional complex Gabors along the angle (Daugman 2004): wavelengths of 7 and 14 columns of 256,
// Gaussians of 0.3 wavelengths cut at 2.6 deviations, the even part with a zero mean, so that brightness does not matter. As a table, since
// cosine and exponential would be code that nothing else needs; __tests__/iris-filters.spec.ts holds it against the formulas.

export const WAVELENGTHS: i32 = 2;
/** Columns on either side that the longest filter sees. */
export const REACH: i32 = 11;
/** Bytes of a part (even or odd) of a filter: up to 2 * REACH + 1 f32. */
export const PART: usize = (2 * REACH + 1) * 4;

/** Columns on either side that filter `i` sees. */
export function halfLength(i: i32): i32 {
  return i == 0 ? 6 : REACH;
}

// biome-ignore format: one part a paragraph
export const FILTERS: usize = memory.data<f32>([
  // wavelength 7: even, then odd
  0.0076902937, -0.022937186, -0.1742164, -0.3852717, -0.24807039, 0.4067557, 0.8320994, 0.4067557, -0.24807039,
  -0.3852717, -0.1742164, -0.022937186, 0.0076902937, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0.013197233, 0.057276875, 0.070719264, -0.15639247, -0.61946046, -0.6980289, 0, 0.6980289, 0.61946046, 0.15639247,
  -0.070719264, -0.057276875, -0.013197233, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  // wavelength 14: even, then odd
  0.0018408927, -0.022807762, -0.07944665, -0.17385735, -0.29066938, -0.38447765, -0.38853663, -0.24667065,
  0.044028804, 0.4087225, 0.71472275, 0.8343023, 0.71472275, 0.4087225, 0.044028804, -0.24667065, -0.38853663,
  -0.38447765, -0.29066938, -0.17385735, -0.07944665, -0.022807762, 0.0018408927,
  0.031584255, 0.057276875, 0.07870616, 0.070719264, 2.179907e-8, -0.15639247, -0.38491496, -0.61946046, -0.7554106,
  -0.6980289, -0.42175815, 0, 0.42175815, 0.6980289, 0.7554106, 0.61946046, 0.38491496, 0.15639247, -2.179907e-8,
  -0.070719264, -0.07870616, -0.057276875, -0.031584255,
]);
