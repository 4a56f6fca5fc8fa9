import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "link/**/*.test.ts",
      "hal/**/*.test.ts",
      "host/**/*.test.ts",
      "scripts/**/*.test.ts",
      "tests/**/*.test.ts",
    ],
    testTimeout: 60_000,
    // A defect in a property must be found again: fast-check prints its seed.
    maxWorkers: 2,
  },
});
