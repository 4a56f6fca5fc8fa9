// A capture decoded by the image, or refused with what is wrong with it.

import { CALIBRATION_FAULTS } from "../calibration/faults.ts";
import type { Image } from "../evaluate/image.ts";
import { REASONS } from "../vocabulary.ts";
import { type Capture, captureError, readFrames } from "./capture.ts";
import { type Decoded, FringeDecoder } from "./fringes.ts";

/** The decoder's reasons in words, and what to do. */
const REFUSALS: Record<string, readonly [what: string, help: string]> = {
  too_bright: ["too much of what the fringes light is saturated", "Expose for less, or darken the projector."],
  too_dark: ["there is hardly any light in the pictures", "Expose for longer, come nearer, or brighten the projector."],
  low_contrast: [
    "there is light, but no fringes of 20 grey levels from dark to bright",
    "Keep other light away; check that the projector runs and that the frames are of this pattern.",
  ],
  picture_missing: [
    "pictures are missing, doubled or of another pattern: those of a period are not its steps",
    "Compare the order of the frames with docs/depth.md; capture again where one is lost.",
  ],
  moved: [
    "the pictures contradict each other: something moved between them, or the light changed",
    "Hold still, and capture again.",
  ],
};

/** Least share of measured pixels that a unit's own calibration gives a distance for. */
const LEAST_FIT = 0.5;

/** Decodes a capture. Throws KAN-PICTURE-… and KAN-CAPTURE-…. */
export async function decodeCapture(
  capture: Capture,
  image: Image,
  onProgress: (step: "reading" | "decoding", done: number, total: number) => void,
): Promise<{ decoded: Decoded; memoryBytes: number }> {
  const { width, height, pattern, calibration } = capture;
  const decoder = new FringeDecoder(image.module);
  const fault = calibration === undefined ? 0 : decoder.calibrationFault(pattern, width, height, calibration);
  if (fault !== 0)
    throw captureError(
      "CALIBRATION",
      `the calibration cannot be right: ${CALIBRATION_FAULTS[fault]}`,
      "Give the calibration of the unit that made the capture, for pictures of this size.",
    );
  const frames = await readFrames(capture, (done) => onProgress("reading", done, capture.frames.length));
  const decoded = decoder.decode(pattern, width, height, frames, calibration, (done, total) =>
    onProgress("decoding", done, total),
  );
  const memoryBytes = decoder.memoryBytes;
  decoder.wipe();
  if (decoded.reason !== 0) {
    const word = REASONS[decoded.reason]!;
    const [what, help] = REFUSALS[word] ?? ["the decoder refuses it", "Capture again."];
    throw captureError("REFUSED", `${word}: ${what}`, help);
  }
  if (decoded.depth !== undefined) {
    let [measurable, fitting] = [0, 0];
    for (const [i, flags] of decoded.flags.entries()) {
      if (flags === 0) measurable++;
      if (decoded.depth[i] !== 0) fitting++;
    }
    if (fitting < LEAST_FIT * measurable)
      throw captureError(
        "MISFIT",
        `only ${((100 * fitting) / Math.max(1, measurable)).toFixed(1)} % of the measured pixels are between ${calibration?.nearest_mm} and ${calibration?.farthest_mm} mm`,
        "The calibration is another unit's or of another pattern, or what was captured is not within these distances.",
      );
  }
  return { decoded, memoryBytes };
}
