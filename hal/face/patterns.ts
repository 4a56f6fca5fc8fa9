// A stack's patterns, one by one: what a module is told to project, and in which order its pictures come.
import type { FringePattern, FringeStack } from "../driver.ts";

/** Sixteen pictures that need no Gray code: the coarsest fringe has one period, so that its phase is already absolute. */
export const PHASE_SHIFT: FringeStack = { kind: "phase-shift", periods: [1, 4, 16, 64], steps: 4 };
/** Ten pictures: fringes of 32 periods, and a Gray code of their 64 half periods. */
export const PHASE_GRAY: FringeStack = { kind: "phase-gray", steps: 4, bits: 6 };

/** Periods of a stack's finest fringe over the projected picture's width. */
export function finestPeriods(stack: FringeStack): number {
  return stack.kind === "phase-shift" ? Math.max(...stack.periods) : 2 ** (stack.bits - 1);
}

/** The patterns in the order of the pictures: all steps of a fringe before the next one's, the coarsest first; then the code's bits. */
export function patternsOf(stack: FringeStack): FringePattern[] {
  const periods = stack.kind === "phase-shift" ? stack.periods : [finestPeriods(stack)];
  const { steps } = stack;
  const shifts = periods.flatMap((p) => Array.from({ length: steps }, (_, step) => ({ periods: p, steps, step })));
  const bits = stack.kind === "phase-gray" ? stack.bits : 0;
  return [...shifts, ...Array.from({ length: bits }, (_, bit) => ({ bits, bit }))];
}
