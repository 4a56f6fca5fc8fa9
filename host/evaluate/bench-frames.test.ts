// The benchmarks' people must be ones that the image takes, or what is measured is how it refuses them.
import { describe, expect, test } from "vitest";
import { formOf, isStack, planesOf } from "../form.ts";
import { AGAIN, BENCH_FRAMES } from "./bench-frames.ts";
import { loadImage } from "./image.ts";
import { Lab } from "./lab.ts";
import { MODALITIES, type ModalityName, reasonWord } from "./modality.ts";

const PEOPLE = 3;
const cases = (Object.keys(MODALITIES) as ModalityName[]).flatMap((modality) =>
  BENCH_FRAMES[modality].map((frames) => ({ modality, frames, what: frames.what })),
);

describe("the benchmarks' frames", () => {
  test.each(cases)("$modality $what: templates, and the same person is known", ({ modality, frames }) => {
    const { width, height, presentation, geometry, draw } = frames;
    const lab = new Lab(loadImage().module, MODALITIES[modality].id, formOf(presentation), geometry);
    const template = (person: number, presented: number): Uint8Array => {
      const frame = draw(person, presented);
      if (!isStack(formOf(presentation))) expect(frame).toHaveLength(width * height * planesOf(presentation));
      expect(reasonWord(lab.extract(frame, width, height) ?? -1), `person ${person}`).toBe("none");
      return lab.template(0).slice();
    };
    const score = (probe: Uint8Array, reference: Uint8Array): number => {
      lab.template(1).set(probe);
      lab.template(2).set(reference);
      return lab.compare(1, 2);
    };
    const again = template(0, AGAIN);
    const people = Array.from({ length: PEOPLE }, (_, person) => template(person, person));
    const [same, ...others] = people.map((reference) => score(again, reference)) as [number, ...number[]];
    for (const other of others) expect(same).toBeGreaterThan(other);
  });
});
