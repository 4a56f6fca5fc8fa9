// The table of the iris code's filters against the formulas it stands for.
import { FILTERS, halfLength, PART, WAVELENGTHS } from "../iris/filters";

describe("the iris code's filters", () => {
  it("are Gabors of 7 and 14 columns, sigma 0.3 wavelengths, cut at 2.6 sigma, the even part without a mean", () => {
    for (let i = 0; i < WAVELENGTHS; i++) {
      const lambda: f32 = i == 0 ? 7 : 14;
      const sigma: f32 = 0.3 * lambda;
      const half = Mathf.ceil(<f32>2.6 * sigma) as i32;
      expect(halfLength(i)).toBe(half);
      let even: f32 = 0;
      let gauss: f32 = 0;
      for (let j = -half; j <= half; j++) {
        const g = Mathf.exp((-0.5 * (j as f32) * (j as f32)) / (sigma * sigma));
        even += g * Mathf.cos(((6.2831855 as f32) * (j as f32)) / lambda);
        gauss += g;
      }
      for (let j = -half; j <= half; j++) {
        const g = Mathf.exp((-0.5 * (j as f32) * (j as f32)) / (sigma * sigma));
        const phase = ((6.2831855 as f32) * (j as f32)) / lambda;
        const at = FILTERS + (i as usize) * 2 * PART + (((j + half) as usize) << 2);
        expect(abs(load<f32>(at) - (g * Mathf.cos(phase) - (g * even) / gauss)) < 1e-6).toBe(true);
        expect(abs(load<f32>(at, PART) - g * Mathf.sin(phase)) < 1e-6).toBe(true);
      }
    }
  });
});
