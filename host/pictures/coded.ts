// PNG, JPEG and TIFF through sharp, made deterministic: no colour profiles, no orientation, no scaling; luma is ours.
import sharp from "sharp";
import { checkSize, greyOf, LIMITS, type Picture, pictureError } from "./picture.ts";

// A picture at a time per thread: the callers bring their own threads. No cache: frames are not kept.
sharp.concurrency(1);
sharp.cache(false);

/** Decodes the first page; damaged or truncated data is an error, never a half-grey picture. */
export async function decodeCoded(bytes: Buffer, name: string): Promise<Picture> {
  const damaged = () => pictureError("CORRUPT", name, "the picture data is damaged or cut short");
  const meta = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch(() => {
      throw damaged();
    });
  const { width, height, channels, depth } = meta;
  if (depth !== "uchar" && depth !== "ushort") {
    throw pictureError("FORMAT", name, `samples of kind "${depth}" are not read (8 or 16 bits, unsigned)`);
  }
  const wide = depth === "ushort";
  checkSize(name, width, height, channels * (wide ? 2 : 1));
  const colour = channels >= 3;
  // libtiff warns of every private tag a camera adds; the other decoders warn of damage.
  const failOn = meta.format === "tiff" ? "error" : "warning";
  const { data, info } = await sharp(bytes, { failOn, ignoreIcc: true, limitInputPixels: LIMITS.pixels })
    .toColourspace(wide ? (colour ? "rgb16" : "grey16") : colour ? "srgb" : "b-w")
    .raw({ depth })
    .toBuffer({ resolveWithObject: true })
    .catch(() => {
      throw damaged();
    });
  const samples = wide ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data;
  return greyOf(samples, info.channels, info.width, info.height, wide ? 65535 : 255);
}
