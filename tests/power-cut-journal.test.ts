// Power cuts at the journal: every flash operation of every scenario is cut, in every way, on flash of three kinds. After
// each cut the journal must mount, show the state before or after the step that was hit (never between, never less),
// go on to the scenario's end, and leave no secret that is not live anywhere on the flash.
import { beforeAll, describe, expect, test } from "vitest";
import { compileHarness, type Journal } from "./journal-harness.ts";
import { boot, shows, tearsOf } from "./journal-model.ts";
import { arrange, GEOMETRIES, recover, SCENARIOS } from "./journal-scenarios.ts";

beforeAll(compileHarness, 60_000);

for (const [part, geometry] of Object.entries(GEOMETRIES)) {
  describe(part, () => {
    for (const [name, make] of Object.entries(SCENARIOS)) {
      test(`${name}: a cut in any operation`, { timeout: 300_000 }, () => {
        const arranged = arrange(geometry, make);
        let cuts = 0;
        arranged.operations.forEach(({ kind }, n) => {
          for (const tear of tearsOf(kind)) {
            const flash = arranged.base.copy(n + 1);
            flash.cut(n, tear);
            const { done } = boot(flash, arranged.steps);
            expect(flash.dead).toBe(true);
            recover(arranged, flash, done, `operation ${n} (${kind}), ${tear}`, tear === "half");
            cuts++;
          }
        });
        expect(cuts).toBeGreaterThan(10);
      });
    }
  });
}

describe("a second cut while the first is being recovered from", () => {
  for (const name of ["delete", "compaction under churn"]) {
    test(name, { timeout: 300_000 }, () => {
      const [, geometry] = Object.entries(GEOMETRIES)[2] as [string, (typeof GEOMETRIES)[string]];
      const arranged = arrange(geometry, SCENARIOS[name] as (typeof SCENARIOS)[string]);
      const { base, steps, models, operations } = arranged;
      let cuts = 0;
      operations.forEach(({ kind }, n) => {
        const first = base.copy(n + 1);
        first.cut(n, kind === "write" ? "bits" : "scattered");
        const { done } = boot(first, steps);
        first.restore();
        // What follows the first cut, uncut, to know its operations: mounting, then the rest of the scenario.
        const whole = first.copy();
        const reached = reachedAfter(boot(whole, []).journal as Journal, models, done);
        const journal = boot(whole, steps, reached).journal as Journal;
        expect(shows(journal, models.at(-1) as never)).toBe(true);
        const rest = whole.operations.length;
        for (let m = 0; m < rest; m++) {
          const tear = (
            [
              ["half", "first-half"],
              ["bits", "bits"],
              ["ghost", "last-half"],
            ] as const
          )[(n + m) % 3] as readonly [never, never];
          const second = first.copy(n * 1000 + m);
          second.cut(m, whole.operations[m]?.kind === "write" ? tear[0] : tear[1]);
          const again = boot(second, steps, reached);
          expect(second.dead, `operation ${n}, then ${m}`).toBe(true);
          recover(arranged, second, again.done, `operation ${n}, then ${m}`);
          cuts++;
        }
      });
      expect(cuts).toBeGreaterThan(200);
    });
  }
});

/** How many steps a journal shows as done: `done`, or the one that was hit as well. */
function reachedAfter(journal: Journal, models: readonly unknown[], done: number): number {
  return models[done + 1] && shows(journal, models[done + 1] as never) ? done + 1 : done;
}
