// report.json of `kanmon depth`: how much was measured, how strong the fringes were, and how the noise compares with what it can be at best.

import type { Geometry } from "../calibration/document.ts";
import type { Capture } from "./capture.ts";
import type { Decoded } from "./fringes.ts";

/** FLAG_… of assembly/face. */
const FLAGS = { saturated: 1, dim: 2, order_unsure: 4, edge: 8 } as const;

export interface Report {
  readonly image_digest: string;
  readonly engine: "v8";
  readonly width: number;
  readonly height: number;
  readonly pattern: { readonly steps: number; readonly bits: number; readonly periods: readonly number[] };
  /** Shares of all pixels: without a phase, and why (the last two of pixels bright enough); edges keep their phase and have no depth. */
  readonly masked: number;
  readonly flags: Record<keyof typeof FLAGS, number>;
  /** Amplitude of the finest fringe where there is a phase, grey levels. */
  readonly modulation: { mean: number; p5: number; p50: number; p95: number };
  /** Standard deviations. The limit is sqrt(2 / steps) * grey noise / amplitude: no noise but the camera's. Null: three steps do not tell. */
  readonly noise: {
    /** Of the phase before filtering, radians, as neighbours show it. */
    phase: number;
    /** Of the pictures, grey levels. */
    grey: number | null;
    phase_limit: number | null;
    ratio: number | null;
  };
  /** Millimetres; the limit is that of the phase, at the median pixel. */
  readonly depth: { pixels: number; p5: number; p50: number; p95: number; noise_limit: number | null } | null;
  readonly memory_bytes: number;
}

/** The report. */
export function reportOf(capture: Capture, decoded: Decoded, digest: string, memoryBytes: number): Report {
  const { width, height, pattern } = capture;
  const { phase, amplitude, flags, noise, greyNoise, depth } = decoded;
  const pixels = width * height;
  const seen = phase.length - phase.reduce((n, value) => n + (Number.isNaN(value) ? 1 : 0), 0);
  const amplitudes = Float64Array.from(amplitude.filter((_, i) => !Number.isNaN(phase[i]))).sort();
  let inverse = 0;
  let sum = 0;
  for (const b of amplitudes) {
    inverse += 1 / Math.max(1, b) ** 2;
    sum += b;
  }
  const limit =
    greyNoise === undefined || seen === 0 ? null : Math.sqrt((2 / pattern.steps) * (inverse / seen)) * greyNoise;
  const share = (flag: number): number => round(flags.reduce((n, value) => n + (value & flag ? 1 : 0), 0) / pixels);
  return {
    image_digest: digest,
    engine: "v8",
    width,
    height,
    pattern,
    masked: round(1 - seen / pixels),
    flags: {
      saturated: share(FLAGS.saturated),
      dim: share(FLAGS.dim),
      order_unsure: share(FLAGS.order_unsure),
      edge: share(FLAGS.edge),
    },
    modulation: { mean: round(sum / Math.max(1, seen)), ...spread(amplitudes) },
    noise: {
      phase: round(noise),
      grey: greyNoise === undefined ? null : round(greyNoise),
      phase_limit: limit === null ? null : round(limit),
      ratio: limit === null ? null : round(noise / limit),
    },
    depth: depth === undefined ? null : depthOf(capture, capture.calibration!, decoded, depth),
    memory_bytes: memoryBytes,
  };
}

function depthOf(
  { width, pattern }: Capture,
  { fx, fy, cx, cy, a, b }: Geometry,
  { phase, amplitude, greyNoise }: Decoded,
  depth: Float32Array,
): NonNullable<Report["depth"]> {
  const found: number[] = [];
  const limits: number[] = [];
  for (const [i, z] of depth.entries()) {
    if (z === 0) continue;
    found.push(z);
    if (greyNoise === undefined) continue;
    const [x, y] = [((i % width) - cx) / fx, (Math.floor(i / width) - cy) / fy];
    const [alpha, beta] = [a[0] * x + a[1] * y + a[2], b[0] * x + b[1] * y + b[2]];
    // The derivative of (phase b3 - a3) / (alpha - phase beta).
    const slope = (b[3] + z * beta) / (alpha - phase[i]! * beta);
    limits.push((Math.abs(slope) * Math.sqrt(2 / pattern.steps) * greyNoise) / amplitude[i]!);
  }
  const noise = limits.length === 0 ? null : spread(Float64Array.from(limits).sort()).p50;
  return { pixels: found.length, ...spread(Float64Array.from(found).sort()), noise_limit: noise };
}

/** Percentiles of sorted values. */
function spread(sorted: Float64Array): { p5: number; p50: number; p95: number } {
  const at = (share: number): number => round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
  return { p5: at(0.05), p50: at(0.5), p95: at(0.95) };
}

/** Five significant digits. */
const round = (value: number): number => Number(value.toPrecision(5));
