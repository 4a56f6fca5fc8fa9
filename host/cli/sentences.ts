// What a session came to, as people say it.
import type { ModalityName } from "../evaluate/modality.ts";
import type { SessionResult } from "../terminal/session.ts";

/** The result in one line for people. */
export function resultText(
  { decision, reason, user, record }: SessionResult,
  modality: ModalityName,
  claimed?: string,
): string {
  const who = user ?? claimed;
  const named = who === undefined ? "" : ` ${who}`;
  const text: Record<string, string> = {
    enrolled: `enrolled${named}`,
    accept: claimed === undefined ? `identified${named}` : `accepted${named}`,
    reject: claimed === undefined ? "not accepted: like nobody enrolled" : `not accepted: not like${named}`,
  };
  return `${text[decision] ?? `${decision}: ${sentence(reason, modality)}`} (record ${record})`;
}

/** Reasons that their word alone does not tell an operator (docs/errors.md has them all). */
const SENTENCES: Record<string, string> = {
  no_hand: "no hand found",
  too_near: "the hand is too near",
  too_far: "the hand is too far away",
  too_bright: "the picture is too bright",
  too_dark: "the picture is too dark",
  picture_missing: "a picture of the stack is missing, or comes twice",
  moved: "the face moved while it was taken",
  no_face: "no face is seen",
  turned_away: "the face is turned away: look at the sensor",
  covered: "too much of the face is hidden",
  two_faces: "two faces are seen: one at a time",
  tilted: "the hand is tilted",
  folded: "the hand is folded",
  partly_outside: "the hand is partly outside the picture",
  low_contrast: "the picture shows too little contrast",
  off_centre: "the eye is partly outside the picture",
  low_quality: "the sample is too poor",
  inconsistent: "the samples do not match one another",
  not_live: "the policy asks for evidence of liveness, which was not enough",
  not_calibrated: "the policy asks for a liveness calibration that this reader does not have",
  term_missing: "the policy requires a measurement of liveness that could not be made",
  too_short: "the capture was shorter than the policy asks",
};

/** Reasons that mean something else in each modality. */
const OF_MODALITY: Record<ModalityName, Record<string, string>> = {
  iris: {
    not_found: "no iris found",
    no_reference: "there is nobody to compare with",
  },
  face: {
    not_found: "no face is seen",
    too_near: "the face is too near",
    too_far: "the face is too far away",
    no_reference: "there is nobody to compare with whose face was taken this way (kind of stack)",
  },
  palm: {
    not_found: "not one hand alone",
    no_reference: "there is nobody to compare with whose palm was taken this way (region, profile, bands)",
  },
};

/** A reason of the image as people say it. */
export function sentence(reason: string, modality: ModalityName): string {
  return OF_MODALITY[modality][reason] ?? SENTENCES[reason] ?? reason.replaceAll("_", " ");
}
