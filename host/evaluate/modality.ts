// What the evaluation knows of a modality beyond its bytes: the id of the link and lab exports, what several files of a sample are, and the
// names of its quality measures. Reasons and measures are the image's words (assembly/pec/words.ts).
import { MODALITIES as IDS, QUALITY_MEASURES, REASONS } from "../vocabulary.ts";

export interface Modality {
  readonly name: "iris" | "palm" | "face";
  /** The id that the link and the lab exports use. */
  readonly id: number;
  /** Several files of a sample are the bands of one frame, or several frames of which the best one counts. */
  readonly files: "bands" | "frames";
  /** Names of the measures that it takes, the overall value first. */
  readonly measures: readonly (typeof QUALITY_MEASURES)[number][];
}

const [overall, ...others] = QUALITY_MEASURES;
const OF_IRIS = 8;
const OF_PALM = 4;

export const MODALITIES = {
  iris: { name: "iris", id: IDS.indexOf("iris"), files: "frames", measures: [overall, ...others.slice(0, OF_IRIS)] },
  palm: {
    name: "palm",
    id: IDS.indexOf("palm"),
    files: "bands",
    measures: [overall, ...others.slice(OF_IRIS, OF_IRIS + OF_PALM)],
  },
  face: {
    name: "face",
    id: IDS.indexOf("face"),
    files: "frames",
    measures: [overall, ...others.slice(OF_IRIS + OF_PALM)],
  },
} as const satisfies Record<string, Modality>;
export type ModalityName = keyof typeof MODALITIES;

/** A measure of a quality record, undefined where it was not taken. */
export function measureOf(quality: Uint8Array, name: (typeof QUALITY_MEASURES)[number]): number | undefined {
  const value = quality[QUALITY_MEASURES.indexOf(name)];
  return value === 255 ? undefined : value;
}

/** The reason of an extraction during which the image trapped: a defect of the image, which a device would meet with a restart. */
export const TRAPPED = -2;

/** The word for why there is no template. */
export function reasonWord(reason: number): string {
  return reason === TRAPPED ? "trapped" : (REASONS[reason] ?? `reason_${reason}`);
}
