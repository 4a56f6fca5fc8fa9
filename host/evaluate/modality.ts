// What the evaluation knows of a modality beyond its bytes: the id of the link, the names of its reasons and of its quality measures.

export interface Modality {
  /** The id that the link and the lab exports use. */
  readonly id: number;
  /** Why there is no template, by the reason's number in the image. */
  readonly reasons: Readonly<Record<number, string>>;
  /** Names of the quality record's bytes (assembly/vision/quality.ts), the overall value first. */
  readonly measures: readonly string[];
}

export const MODALITIES = {
  iris: {
    id: 1,
    reasons: { 1: "no iris found", 2: "frame size not supported" },
    measures: ["overall", "usable area"],
  },
} as const satisfies Record<string, Modality>;
export type ModalityName = keyof typeof MODALITIES;

/** The reason of an extraction during which the image trapped: a defect of the image, which a device would meet with a restart. */
export const TRAPPED = -2;

/** A reason in words. */
export function reasonText(modality: Modality, reason: number): string {
  if (reason === TRAPPED) return "the image trapped (a defect: please report it)";
  return modality.reasons[reason] ?? `reason ${reason}`;
}
