// How fast the image recognises, for `kanmon bench`: extraction and comparison in V8 on simulated eyes, so that anyone can repeat it.
import { performance } from "node:perf_hooks";
import { makeEye, makePresentation, renderEye } from "../../hal/sim/eye.ts";
import { loadImage } from "./image.ts";
import { Lab } from "./lab.ts";
import { MODALITIES } from "./modality.ts";

export interface IrisBench {
  readonly image_digest: string;
  readonly engine: "v8";
  /** For each frame size: median and 95th percentile of an extraction, ms. */
  readonly extraction: readonly { width: number; height: number; median_ms: number; p95_ms: number }[];
  readonly template_bytes: number;
  /** Mean of a comparison, microseconds. */
  readonly comparison_us: number;
}

const SIZES = [
  [160, 120],
  [320, 240],
  [640, 480],
] as const;
const EYES = 24;
const COMPARISONS = 2000;

/** Measures; `onStep` is called after each of `IRIS_BENCH_STEPS` steps. Blocks the thread in between. */
export function benchIris(onStep: () => void = () => {}): IrisBench {
  const image = loadImage();
  const lab = new Lab(image.module, MODALITIES.iris.id);
  const templates: Uint8Array[] = [];
  const extraction = SIZES.map(([width, height]) => {
    const times: number[] = [];
    for (let person = 0; person < EYES; person++) {
      const frame = renderEye(makeEye(person, "right"), makePresentation(person), width, height);
      const began = performance.now();
      const reason = lab.extract(frame, width, height);
      times.push(performance.now() - began);
      if (reason === 0 && width === 320) templates.push(lab.template(0).slice());
      onStep();
    }
    times.sort((a, b) => a - b);
    return { width, height, median_ms: at(times, 0.5), p95_ms: at(times, 0.95) };
  });
  lab.template(1).set(templates[0] as Uint8Array);
  const began = performance.now();
  for (let i = 0; i < COMPARISONS; i++) {
    lab.template(2).set(templates[i % templates.length] as Uint8Array);
    lab.compare(1, 2);
  }
  const comparison_us = Math.round(((performance.now() - began) / COMPARISONS) * 1e4) / 10;
  return {
    image_digest: image.digest,
    engine: "v8",
    extraction,
    template_bytes: (templates[0] as Uint8Array).length,
    comparison_us,
  };
}

export const IRIS_BENCH_STEPS = SIZES.length * EYES;

function at(sorted: readonly number[], share: number): number {
  return Math.round((sorted[Math.floor(share * (sorted.length - 1))] as number) * 100) / 100;
}
