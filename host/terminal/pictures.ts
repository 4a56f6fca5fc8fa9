// Pictures as frames: files in place of a sensor, for `enroll`, `verify` and `identify` on captures made elsewhere.

import type { SensorFrame } from "../../hal/driver.ts";
import { makeFrame } from "../../hal/frame.ts";
import { bandsError, checkFrameSize, type Framed, type Presentation, planesOf } from "../form.ts";
import { readDepth } from "../pictures/depth.ts";
import { pictureError } from "../pictures/picture.ts";
import { readPlanes } from "../pictures/planes.ts";
import { readPicture } from "../pictures/read.ts";

/** Size of the frames of a session. */
export interface FrameSize {
  readonly width: number;
  readonly height: number;
}

/** The files of each frame: one, or for a sensor of several bands one for each, joined by ";". Throws `KAN-PICTURE-BANDS`. */
export function frameFiles(inputs: readonly string[], modality: Framed, presentation: Presentation): string[][] {
  if (modality !== "palm") return inputs.map((path) => [path]);
  return inputs.map((input) => {
    const files = input.split(";").map((file) => file.trim());
    if (files.length !== planesOf(presentation)) throw bandsError(input, files.length, presentation);
    return files;
  });
}

/** Size of the first picture; the others must have it too. Throws `KAN-PICTURE-…`. */
export async function pictureSize(frames: readonly (readonly string[])[], modality: Framed): Promise<FrameSize> {
  const first = frames[0]?.[0];
  if (first === undefined) throw new RangeError("no picture given");
  const { width, height, data } = await readPicture(first);
  data.fill(0);
  checkFrameSize(modality, first, width, height);
  return { width, height };
}

/** Reads depth maps frame by frame, their values `unitMm` millimetres each. Throws `KAN-PICTURE-…`. */
export async function* depthFrames(
  frames: readonly (readonly string[])[],
  { width, height }: FrameSize,
  unitMm: number,
): AsyncGenerator<SensorFrame> {
  for (const [sequence, files] of frames.entries()) {
    const path = files[0] as string;
    const { data, ...size } = await readDepth(path, unitMm);
    if (size.width !== width || size.height !== height) {
      data.fill(0);
      throw pictureError("SIZE", path, `${size.width}×${size.height} pixels; the first picture has ${width}×${height}`);
    }
    yield makeFrame({ width, height, bits: 16, sequence, timestamp_us: 0, exposure_us: 0, illumination: {} }, data);
  }
}

/** Reads pictures frame by frame as 8-bit planes of one size. Throws `KAN-PICTURE-…`. */
export async function* pictureFrames(
  frames: readonly (readonly string[])[],
  size: FrameSize,
): AsyncGenerator<SensorFrame> {
  for (const [sequence, files] of frames.entries()) {
    const { width, height, data } = await readPlanes(files, size);
    yield makeFrame({ width, height, bits: 8, sequence, timestamp_us: 0, exposure_us: 0, illumination: {} }, data);
  }
}
