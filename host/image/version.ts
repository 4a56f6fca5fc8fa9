// Version numbers of images as MCUboot has them: major.minor.revision+build (semver.org with a number as the build; MCUboot design.md,
// "Image format", struct image_version; the same text as imgtool's --version).
import { EXIT, KanmonError } from "../errors.ts";

/** `struct image_version`: major and minor 0..255, revision 0..65535, build 0..2^32-1. */
export interface ImageVersion {
  readonly major: number;
  readonly minor: number;
  readonly revision: number;
  readonly build: number;
}

const LIMITS = { major: 0xff, minor: 0xff, revision: 0xffff, build: 0xffffffff } as const;

/** Reads `1.2.3` or `1.2.3+4`. Throws KAN-IMAGE-VERSION. */
export function parseVersion(text: string): ImageVersion {
  const parts = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,4})(?:\+(0|[1-9]\d{0,9}))?$/.exec(text);
  if (!parts) throw wrong(`"${text.slice(0, 40)}" is not a version of the form 1.2.3 or 1.2.3+4`);
  const [major = 0, minor = 0, revision = 0, build = 0] = parts.slice(1).map((part) => Number(part ?? 0));
  return checkVersion({ major, minor, revision, build });
}

/** Checks that each number fits its field. Throws KAN-IMAGE-VERSION. */
export function checkVersion(version: ImageVersion): ImageVersion {
  for (const [name, limit] of Object.entries(LIMITS)) {
    const value = version[name as keyof ImageVersion];
    if (!(Number.isInteger(value) && value >= 0 && value <= limit))
      throw wrong(`the version's ${name} is ${value}, it goes from 0 to ${limit}`);
  }
  return version;
}

/** `1.2.3+4`; the build is left out where it is 0. */
export function formatVersion({ major, minor, revision, build }: ImageVersion): string {
  return `${major}.${minor}.${revision}${build ? `+${build}` : ""}`;
}

function wrong(message: string): KanmonError {
  return new KanmonError(
    "KAN-IMAGE-VERSION",
    message,
    "Give major.minor.revision, as in 1.2.3 or 1.2.3+4.",
    EXIT.usage,
  );
}
