// capture.json: a stack of fringe pictures, what was projected, and perhaps the unit's calibration. Everything wrong is an error that says where.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { Geometry } from "../calibration/document.ts";
import { EXIT, KanmonError } from "../errors.ts";
import { grey8, pictureError } from "../pictures/picture.ts";
import { readPicture } from "../pictures/read.ts";
import { type Pattern, pictureCount } from "./fringes.ts";

/** Bytes that a stack may have in all. */
const MOST_BYTES = 512 * 1024 * 1024;
const MOST_JSON = 1024 * 1024;

const PERIODS = z
  .array(z.int().min(1).max(4096))
  .min(1)
  .max(8)
  .superRefine((periods, context) => {
    const wrong = periods.findIndex((period, i) => {
      const before = periods[i - 1];
      return before === undefined ? period !== 1 : period <= before || period > 8 * before;
    });
    if (wrong === -1) return;
    const message =
      "periods are fringes over the projector's width: from 1 on, each more than the one before and at most 8 times as many";
    context.addIssue({ code: "custom", path: [wrong], message });
  });

const CAPTURE = z.strictObject({
  width: z.int().min(16),
  height: z.int().min(16),
  frames: z.array(z.string().min(1)),
  pattern: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("phase-shift"), periods: PERIODS, steps: z.int().min(3).max(12) }),
    z.strictObject({ kind: z.literal("phase-gray"), steps: z.literal(4), bits: z.int().min(2).max(6) }),
  ]),
  calibration: Geometry.optional(),
});

export interface Capture {
  readonly width: number;
  readonly height: number;
  /** Absolute. */
  readonly frames: readonly string[];
  readonly pattern: Pattern;
  readonly calibration: Geometry | undefined;
}

/** Reads capture.json; paths in it are relative to its folder. Does not open the pictures. Throws KAN-CAPTURE-FILE, -FORMAT, -FRAMES, -SIZE. */
export async function readCapture(path: string): Promise<Capture> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    const what = error.code === "ENOENT" ? "there is no such file" : `cannot be read (${error.code})`;
    throw captureError("FILE", `${path}: ${what}`, "Give the path of the capture's JSON file.");
  });
  const help = "docs/depth.md has the format, with an example.";
  const format = (what: string) => captureError("FORMAT", `${path}: ${what}`, help);
  if (text.length > MOST_JSON) throw format("is much too long for a description of a capture");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw format("is not JSON");
  }
  const parsed = CAPTURE.safeParse(value);
  if (!parsed.success) {
    const { path: at, message } = parsed.error.issues[0]!;
    throw format(at.length > 0 ? `${at.join(".")}: ${message}` : message);
  }
  const { width, height, frames, pattern: given, calibration } = parsed.data;
  const pattern: Pattern =
    given.kind === "phase-shift"
      ? { steps: given.steps, bits: 0, periods: given.periods }
      : { steps: 4, bits: given.bits, periods: [1 << (given.bits - 1)] };
  const count = pictureCount(pattern);
  if (frames.length !== count) {
    const shifted = `${pattern.periods.length} x ${pattern.steps} steps`;
    throw captureError(
      "FRAMES",
      `${path}: ${frames.length} frames, but the pattern has ${count} (${shifted}${pattern.bits ? ` and ${pattern.bits} bits` : ""})`,
      "List every picture of the stack, in the order of docs/depth.md.",
    );
  }
  if (width * height * count > MOST_BYTES)
    throw captureError("SIZE", `${path}: ${count} frames of ${width}x${height} are too many`, "Crop the pictures.");
  return { width, height, frames: frames.map((frame) => resolve(dirname(path), frame)), pattern, calibration };
}

/** Reads the pictures, 8-bit grey. Throws KAN-PICTURE-…, KAN-CAPTURE-SIZE where one has another size, KAN-CAPTURE-DOUBLED where two are the same. */
export async function readFrames(
  { width, height, frames }: Capture,
  progress: (done: number) => void,
): Promise<Uint8Array[]> {
  const pictures: Uint8Array[] = [];
  const seen = new Map<string, number>();
  for (const [i, path] of frames.entries()) {
    const picture = await readPicture(path);
    if (picture.width !== width || picture.height !== height)
      throw captureError(
        "SIZE",
        `${path}: ${picture.width}x${picture.height} pixels, not the ${width}x${height} that the capture states`,
        "Pictures of one stack have one size: state it, and list no others.",
      );
    const pixels = grey8(picture);
    if (pixels.length !== width * height) throw pictureError("CORRUPT", path, "the picture is cut short");
    const digest = createHash("sha256").update(pixels).digest("base64");
    const earlier = seen.get(digest);
    // Pictures of nothing at all are alike, too: that is for the decoder to say.
    if (earlier !== undefined && pixels.some((grey) => grey !== pixels[0]))
      throw captureError(
        "DOUBLED",
        `frames ${earlier + 1} and ${i + 1} are the same picture (${frames[earlier]}, ${path})`,
        "Each step of the pattern is a picture of its own: list the missing one, or capture again.",
      );
    seen.set(digest, i);
    pictures.push(pixels);
    progress(i + 1);
  }
  return pictures;
}

/** What can be wrong with a capture; docs/errors.md explains each. */
export function captureError(
  fault: "FILE" | "FORMAT" | "FRAMES" | "SIZE" | "DOUBLED" | "REFUSED" | "CALIBRATION" | "MISFIT",
  message: string,
  help: string,
): KanmonError {
  return new KanmonError(`KAN-CAPTURE-${fault}`, message, help, EXIT.input);
}
