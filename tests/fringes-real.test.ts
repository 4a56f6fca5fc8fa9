// The decoder on real captures, where they are present: the figures of docs/benchmarks.md must hold. Skipped, and said so, where they are absent.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");
const DATA = process.env.KANMON_DATA ?? join(ROOT, "../shared/data");
const missing = ["fringe-bust", "fringe-david"].filter((set) => !existsSync(join(DATA, set)));

test.skipIf(missing.length > 0)(
  missing.length > 0 ? `skipped: ${missing.join(" and ")} not in ${DATA}` : "bust and David",
  async () => {
    const bench = join(ROOT, "build/js/scripts/bench-fringes.js");
    const { stdout } = await promisify(execFile)(process.execPath, [bench, DATA]);
    const { bust, david } = JSON.parse(stdout);
    expect(bust.four_steps).toMatchObject({ reason: "none", wrong_order: 0 });
    expect(bust.four_steps.rms).toBeLessThanOrEqual(0.0115);
    expect(bust.four_steps.rms_best_90).toBeLessThanOrEqual(0.01);
    expect(bust.four_steps.kept).toBeGreaterThanOrEqual(0.999);
    expect(bust.three_steps.reason).toBe("none");
    expect(bust.three_steps.rms).toBeLessThanOrEqual(0.025);
    expect(david.reasons).toEqual(["none", "none"]);
    expect(david.planes.wall_left.rms_mm).toBeLessThan(0.45);
    expect(david.planes.wall_right.rms_mm).toBeLessThan(0.45);
  },
  300_000,
);
