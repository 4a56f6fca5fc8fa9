// How a sensor presents what it sees (assembly/vision/form.ts): the bands of a frame, the region, whether a guide holds the hand; of a face,
// what a frame is. Drivers, sensor.json and the command line say it in the same words; the image takes it as one number. Also the frame sizes of each modality.
import { EXIT, KanmonError } from "./errors.ts";

/** The words' places are their numbers in the image. */
export const REGIONS = ["cropped", "window", "whole hand"] as const;
export const PROFILES = ["contactless", "guided"] as const;
export const KINDS = ["depth", "phase-shift", "phase-gray"] as const;

/** What a sensor declares; what it leaves out is the first of each, and one band up to 900 nm. */
export interface Presentation {
  readonly region?: (typeof REGIONS)[number] | undefined;
  readonly profile?: (typeof PROFILES)[number] | undefined;
  /** Nanometres, one for each plane of a frame: one up to 900, or one above, or both in this order. */
  readonly bands_nm?: readonly number[] | undefined;
  /** Of a face: a depth map, or a stack of pictures under fringes. */
  readonly kind?: (typeof KINDS)[number] | undefined;
}

/** The longest wavelength of the first band. */
const FIRST_BAND_NM = 900;
const FIRST_BAND = 1;
const SECOND_BAND = 2;

/** Why the bands cannot be those of a frame; undefined where they can. */
export function bandsFault(bands_nm: readonly number[]): string | undefined {
  const mask = maskOf(bands_nm);
  if (bands_nm.length > 0 && mask !== 0 && bandsOf(mask) === bands_nm.length) return undefined;
  return `[${bands_nm.join(", ")}] are not one band up to ${FIRST_BAND_NM} nm, one above, or both in this order`;
}

/** The mask of bands, 0 where they are not in their order. */
function maskOf(bands_nm: readonly number[]): number {
  const masks = bands_nm.map((nm) => (nm <= FIRST_BAND_NM ? FIRST_BAND : SECOND_BAND));
  return masks.every((mask, i) => i === 0 || mask > masks[i - 1]!) ? masks.reduce((all, mask) => all | mask, 0) : 0;
}

/** How many bands a mask has. */
function bandsOf(mask: number): number {
  return mask === (FIRST_BAND | SECOND_BAND) ? 2 : 1;
}

/** Planes of a frame. */
export function planesOf({ bands_nm }: Presentation): number {
  return bands_nm?.length ?? 1;
}

/** The form as the image's lab exports take it. */
export function formOf({
  region = "cropped",
  profile = "contactless",
  bands_nm,
  kind = "depth",
}: Presentation): number {
  const bands = bands_nm === undefined ? FIRST_BAND : maskOf(bands_nm);
  return bands | (REGIONS.indexOf(region) << 2) | (PROFILES.indexOf(profile) << 4) | (KINDS.indexOf(kind) << 5);
}

/** Whether frames of this form are stacks of coded pictures. */
export function isStack(form: number): boolean {
  return ((form >> 5) & 3) !== 0;
}

/** The fields of an `open` request (docs/link.md) that say it. */
export function openForm({ region, profile, bands_nm, kind }: Presentation) {
  return {
    ...(bands_nm === undefined ? {} : { bands: maskOf(bands_nm) }),
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(kind === undefined ? {} : { kind }),
  };
}

/** Least and most pixels of a frame: assembly/iris/layout.ts, assembly/palm/ and assembly/face/face.ts. */
const SIZES = {
  iris: { width: [160, 640], height: [120, 480] },
  palm: { width: [64, 1024], height: [64, 768] },
  face: { width: [64, 640], height: [64, 480] },
} as const;
export type Framed = keyof typeof SIZES;

/** The sizes of a modality's frames in words. Planes share the image's memory, so that two are taken of fewer pixels than one. */
export function sizesText(modality: Framed): string {
  const { width, height } = SIZES[modality];
  const bands = modality === "palm" ? ", in two bands to about 640×480" : "";
  return `${width[0]}×${height[0]} to ${width[1]}×${height[1]} pixels${bands}`;
}

/** Refuses a picture of a size that no frame of the modality has. Throws KAN-PICTURE-SIZE. */
export function checkFrameSize(modality: Framed, name: string, width: number, height: number): void {
  const { width: w, height: h } = SIZES[modality];
  if (width < w[0] || width > w[1] || height < h[0] || height > h[1])
    throw new KanmonError(
      "KAN-PICTURE-SIZE",
      `${name}: ${width}×${height} pixels; for ${modality} a reader takes ${sizesText(modality)}`,
      "Crop or scale it to the frames of the sensor.",
      EXIT.input,
    );
}

/** The error for a capture that has not one picture for each band. */
export function bandsError(name: string, files: number, presentation: Presentation): KanmonError {
  const bands = presentation.bands_nm ?? [850];
  return new KanmonError(
    "KAN-PICTURE-BANDS",
    `${name}: ${files} picture${files === 1 ? "" : "s"} for ${bands.length} band${bands.length === 1 ? "" : "s"} (${bands.join(", ")} nm)`,
    'Join one picture for each band by ";", in the order of the bands; declare them by bands_nm in sensor.json, or by --bands.',
    EXIT.input,
  );
}
