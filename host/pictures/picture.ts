// A grey picture as the rest of the host sees it, whatever file it came from, and the errors of reading one.
import { EXIT, KanmonError } from "../errors.ts";

interface Size {
  readonly width: number;
  readonly height: number;
  /** The value of white: 255 or 65,535, or the file's own maximum (PGM's maxval) where it states one. */
  readonly white: number;
}

/** Grey samples, row by row from the top, `width * height` of them. 16-bit values are the file's own, not scaled (depth in units). */
export type Picture =
  | (Size & { readonly bits: 8; readonly data: Uint8Array })
  | (Size & { readonly bits: 16; readonly data: Uint16Array });

/** Smallest side, largest area, and most bytes (of the file, and of its decoded samples) that are read. */
export const LIMITS = { side: 16, pixels: 64 * 1024 * 1024, bytes: 256 * 1024 * 1024 } as const;

/** What went wrong with a picture; the codes are in docs/errors.md. */
export type PictureFault = "MISSING" | "FILE" | "EMPTY" | "FORMAT" | "SIZE" | "CORRUPT";

const HELP: Record<PictureFault, string> = {
  MISSING: "Check the path; paths in a manifest are relative to the manifest's folder.",
  FILE: "Give the path of a picture file that this user may read.",
  EMPTY: "The file has no bytes: copy or capture it again.",
  FORMAT: "Use PNG, JPEG, TIFF, BMP, PGM or PPM; convert other formats first.",
  SIZE: `Pictures are at least ${LIMITS.side}x${LIMITS.side} pixels, and at most ${LIMITS.pixels / 2 ** 20} Mpixel and ${LIMITS.bytes / 2 ** 20} MB: crop or scale it.`,
  CORRUPT: "The file is damaged or cut short: copy or capture it again.",
};

/** The error for `fault` in the file `name`; `what` says it in a few words and never carries picture data. */
export function pictureError(fault: PictureFault, name: string, what: string): KanmonError {
  return new KanmonError(`KAN-PICTURE-${fault}`, `${name}: ${what}`, HELP[fault], EXIT.input);
}

/** Refuses a stated size before anything is decoded (decompression bombs); `bytesPerPixel` is that of the decoded samples. */
export function checkSize(name: string, width: number, height: number, bytesPerPixel: number): void {
  if (width < LIMITS.side || height < LIMITS.side) {
    throw pictureError("SIZE", name, `${width}x${height} pixels are too few`);
  }
  if (width * height > LIMITS.pixels || width * height * bytesPerPixel > LIMITS.bytes) {
    throw pictureError("SIZE", name, `${width}x${height} pixels are too many`);
  }
}

/** A picture of interleaved samples; of three or more `channels` the first three are red, green, blue. Others (alpha) are ignored. */
export function greyOf(
  samples: Uint8Array | Uint16Array,
  channels: number,
  width: number,
  height: number,
  white: number,
): Picture {
  const count = width * height;
  const wide = samples instanceof Uint16Array;
  let data: Uint8Array | Uint16Array = samples;
  if (channels > 1) {
    data = wide ? new Uint16Array(count) : new Uint8Array(count);
    for (let i = 0, s = 0; i < count; i++, s += channels) data[i] = channels < 3 ? samples[s]! : luma(samples, s);
  }
  return wide
    ? { width, height, white, bits: 16, data: data as Uint16Array }
    : { width, height, white, bits: 8, data: data as Uint8Array };
}

/** Luma of ITU-R BT.601 in integers, so that every machine gives the same bytes; grey stays exactly what it was. */
function luma(samples: Uint8Array | Uint16Array, at: number): number {
  return (77 * samples[at]! + 150 * samples[at + 1]! + 29 * samples[at + 2]! + 128) >>> 8;
}

/** The picture in 8 bits, white at 255 (what the iris and palm of the image take): its own bytes where they are that already. */
export function grey8(picture: Picture): Uint8Array {
  const { bits, data, white } = picture;
  if (bits === 8 && white === 255) return data;
  const half = white >> 1;
  return Uint8Array.from(data as Uint16Array, (value) => Math.floor((Math.min(value, white) * 255 + half) / white));
}
