// The pictures of one capture as one frame: a plane for each band, one after the other.
import { EXIT, KanmonError } from "../errors.ts";
import { grey8 } from "./picture.ts";
import { readPicture } from "./read.ts";

/** An 8-bit frame of one or more planes. */
export interface Planes {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** The size that pictures must have. */
export interface WantedSize {
  readonly width: number;
  readonly height: number;
}

/** Reads one picture for each plane, all of the size `wanted` (of the first one, if not given). Throws `KAN-PICTURE-…`. */
export async function readPlanes(paths: readonly string[], wanted?: WantedSize): Promise<Planes> {
  let frame: Planes | undefined;
  try {
    for (const [i, path] of paths.entries()) {
      const picture = await readPicture(path);
      const { width, height, data } = picture;
      const size: WantedSize = wanted ?? frame ?? picture;
      const fits = width === size.width && height === size.height;
      frame ??= { width, height, data: new Uint8Array(width * height * paths.length) };
      const grey = fits ? grey8(picture) : data;
      if (fits) frame.data.set(grey, i * width * height);
      grey.fill(0);
      data.fill(0);
      if (!fits) throw mixedError(path, picture, size);
    }
  } catch (error) {
    // Also where the second picture cannot be read: the first is in the frame by then.
    frame?.data.fill(0);
    throw error;
  }
  if (frame === undefined) throw new RangeError("no picture given");
  return frame;
}

function mixedError(path: string, found: WantedSize, wanted: WantedSize): KanmonError {
  return new KanmonError(
    "KAN-PICTURE-MIXED",
    `${path} has ${found.width}×${found.height} pixels, the pictures before it ${wanted.width}×${wanted.height}`,
    "Give pictures of one camera and size in one call; the bands of one capture are of one size.",
    EXIT.input,
  );
}
