// Pictures as frames: files in place of a sensor, for `enroll`, `verify` and `identify` on captures made elsewhere.

import type { SensorFrame } from "../../hal/driver.ts";
import { makeFrame } from "../../hal/frame.ts";
import { KanmonError } from "../errors.ts";
import { grey8, pictureError } from "../pictures/picture.ts";
import { readPicture } from "../pictures/read.ts";

/** Size of the frames of a session. */
export interface FrameSize {
  readonly width: number;
  readonly height: number;
}

/** Least and most pixels of a frame (assembly/iris/layout.ts). */
const SIZES = { width: [160, 640], height: [120, 480] } as const;

/** Size of the first picture; the others must have it too. Throws `KAN-PICTURE-…`. */
export async function pictureSize(paths: readonly string[]): Promise<FrameSize> {
  const [first] = paths;
  if (first === undefined) throw new RangeError("no picture given");
  const { width, height } = await readPicture(first);
  if (width < SIZES.width[0] || width > SIZES.width[1] || height < SIZES.height[0] || height > SIZES.height[1])
    throw pictureError(
      "SIZE",
      first,
      `${width}×${height} pixels; a reader takes ${SIZES.width[0]}×${SIZES.height[0]} to ${SIZES.width[1]}×${SIZES.height[1]}`,
    );
  return { width, height };
}

/** Reads pictures one by one as 8-bit frames of one size. Throws `KAN-PICTURE-…`. */
export async function* pictureFrames(paths: readonly string[], size: FrameSize): AsyncGenerator<SensorFrame> {
  for (const [sequence, path] of paths.entries()) {
    const picture = await readPicture(path);
    const { width, height } = picture;
    if (width !== size.width || height !== size.height)
      throw new KanmonError(
        "KAN-PICTURE-MIXED",
        `${path} has ${width}×${height} pixels, the pictures before it ${size.width}×${size.height}`,
        "Give pictures of one camera and size in one call.",
      );
    yield makeFrame(
      { width, height, bits: 8, sequence, timestamp_us: 0, exposure_us: 0, illumination: {} },
      grey8(picture),
    );
  }
}
