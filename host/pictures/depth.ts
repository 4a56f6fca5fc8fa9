// A depth map as the image takes it: u16, little-endian, 0.1 mm, 0 where there is no value.
import { pictureError } from "./picture.ts";
import { readPicture } from "./read.ts";

/** A depth map's frame. */
export interface DepthFrame {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

const UNITS_PER_MM = 10;
const MOST = 65535;

/** Reads a 16-bit picture whose values are `unitMm` millimetres each. What is beyond 6.5 m becomes "no value". Throws `KAN-PICTURE-…`. */
export async function readDepth(path: string, unitMm: number): Promise<DepthFrame> {
  const picture = await readPicture(path);
  const { width, height, bits } = picture;
  if (bits !== 16) {
    picture.data.fill(0);
    throw pictureError("FORMAT", path, "8 bits a pixel; depth maps have 16");
  }
  const data = new Uint8Array(2 * width * height);
  const view = new DataView(data.buffer);
  for (const [i, value] of picture.data.entries()) {
    const depth = Math.round(value * unitMm * UNITS_PER_MM);
    view.setUint16(2 * i, depth <= MOST ? depth : 0, true);
  }
  picture.data.fill(0);
  return { width, height, data };
}
