// Liveness of a palm: no term is measured yet, so a policy that requires one refuses everybody.

/** Adds the raw terms of the last extraction (liveness/evidence.ts): none. */
export function measureLiveness(_evidence: usize): void {}
