// What the evaluation knows of a modality beyond its bytes: the id of the link and lab exports, and the names of its quality measures.
// Reasons and measures are the image's words (assembly/pec/words.ts).
import { MODALITIES as IDS, QUALITY_MEASURES, REASONS } from "../vocabulary.ts";

export interface Modality {
  /** The id that the link and the lab exports use. */
  readonly id: number;
  /** Names of the quality record's bytes, the overall value first. */
  readonly measures: readonly string[];
}

export const MODALITIES = {
  iris: { id: IDS.indexOf("iris"), measures: QUALITY_MEASURES },
} as const satisfies Record<string, Modality>;
export type ModalityName = keyof typeof MODALITIES;

/** The reason of an extraction during which the image trapped: a defect of the image, which a device would meet with a restart. */
export const TRAPPED = -2;

/** The word for why there is no template. */
export function reasonWord(reason: number): string {
  return reason === TRAPPED ? "trapped" : (REASONS[reason] ?? `reason_${reason}`);
}
