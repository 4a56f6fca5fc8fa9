// How fast the image recognises, for `kanmon bench`: extraction and comparison in V8 on simulated people, so that anyone can repeat it.
import { performance } from "node:perf_hooks";
import { formOf } from "../form.ts";
import { AGAIN, BENCH_FRAMES } from "./bench-frames.ts";
import { loadImage } from "./image.ts";
import { Lab } from "./lab.ts";
import { MODALITIES, type ModalityName } from "./modality.ts";

export interface RecogniserBench {
  readonly image_digest: string;
  readonly engine: "v8";
  /** For each kind of frames: median and 95th percentile of an extraction, ms. */
  readonly extraction: readonly {
    frames: string;
    width: number;
    height: number;
    template_bytes: number;
    median_ms: number;
    p95_ms: number;
  }[];
  /** Mean of a comparison of templates of the first kind of frames, microseconds: with the same person, and with others. */
  readonly comparison_us: { readonly same: number; readonly another: number };
}

const PEOPLE = 24;
const COMPARISONS: Record<ModalityName, number> = { iris: 2000, palm: 2000, face: 100 };

/** How often `benchRecogniser` calls `onStep`. */
export const RECOGNISER_BENCH_STEPS = PEOPLE;

/** Measures a modality. Blocks the thread between steps. Throws KAN-EVALUATE-IMAGE. */
export function benchRecogniser(modality: ModalityName, onStep: () => void = () => {}): RecogniserBench {
  const image = loadImage();
  const kinds = BENCH_FRAMES[modality].map((frames) => ({
    ...frames,
    lab: new Lab(image.module, MODALITIES[modality].id, formOf(frames.presentation), frames.geometry),
    times: [] as number[],
  }));
  const [{ lab, draw, width, height }] = kinds as [(typeof kinds)[number]];
  const templates: Uint8Array[] = [];
  for (let person = 0; person < PEOPLE; person++) {
    for (const kind of kinds) {
      const frame = kind.draw(person, person);
      const began = performance.now();
      const reason = kind.lab.extract(frame, kind.width, kind.height);
      kind.times.push(performance.now() - began);
      if (reason === 0 && kind.lab === lab) templates.push(lab.template(0).slice());
    }
    onStep();
  }
  const [first, ...others] = templates;
  if (first === undefined || lab.extract(draw(0, AGAIN), width, height) !== 0)
    throw new Error(`simulated ${modality} 0 gave no template`);
  const again = lab.template(0).slice();
  return {
    image_digest: image.digest,
    engine: "v8",
    extraction: kinds.map(({ what, width, height, lab, times }) => {
      times.sort((a, b) => a - b);
      const { templateBytes: template_bytes } = lab;
      return { frames: what, width, height, template_bytes, median_ms: at(times, 0.5), p95_ms: at(times, 0.95) };
    }),
    comparison_us: {
      same: comparison(lab, first, [again], COMPARISONS[modality]),
      another: comparison(lab, first, others, COMPARISONS[modality]),
    },
  };
}

/** Mean time of comparing a probe with references in turn, microseconds, once V8 has compiled the comparison for good. */
function comparison(lab: Lab, probe: Uint8Array, references: readonly Uint8Array[], count: number): number {
  lab.template(1).set(probe);
  let began = 0;
  for (let i = -count; i < count; i++) {
    if (i === 0) began = performance.now();
    lab.template(2).set(references[(i + count) % references.length] as Uint8Array);
    lab.compare(1, 2);
  }
  return Math.round(((performance.now() - began) / count) * 1e4) / 10;
}

function at(sorted: readonly number[], share: number): number {
  return Math.round((sorted[Math.floor(share * (sorted.length - 1))] as number) * 100) / 100;
}
