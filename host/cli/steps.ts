// Progress of work that has several steps.
import type { Output, Progress } from "./output.ts";

/** A bar for each step, one after the other. */
export function showSteps(output: Output): {
  onProgress(step: string, done: number, total: number): void;
  stop(): void;
} {
  let current = "";
  let bar: Progress | undefined;
  return {
    onProgress(step, done, total) {
      if (step !== current) {
        bar?.stop();
        bar = output.progress(step.padEnd(11), total);
        current = step;
      }
      bar?.update(done);
    },
    stop: () => bar?.stop(),
  };
}
