// How the pictures of a palm were taken, on the command line: what a driver or a set's sensor.json would declare.
import { type Command, InvalidArgumentError, Option } from "commander";
import { bandsFault, PROFILES, type Presentation, REGIONS } from "../form.ts";

/** Options of verbs that take pictures as frames. */
export interface PresentationOptions {
  region?: (typeof REGIONS)[number];
  profile?: (typeof PROFILES)[number];
  bands?: number[];
}

/** Adds the options. */
export function withPresentation(command: Command): Command {
  return command
    .addOption(
      new Option("--region <name>", "palm: what of the hand a picture shows (default: cropped)").choices(REGIONS),
    )
    .addOption(
      new Option("--profile <name>", "palm: whether a guide holds the hand (default: contactless)").choices(PROFILES),
    )
    .addOption(
      new Option("--bands <nm>", "palm: the bands of a capture, as 850 or 850,940 (default: 850)").argParser(bandsOf),
    );
}

/** What the options declare. */
export function presentationOf({ region, profile, bands }: PresentationOptions): Presentation {
  return { region, profile, bands_nm: bands };
}

function bandsOf(text: string): number[] {
  const bands = text.split(",").map((nm) => (/^\s*\d{3,4}\s*$/.test(nm) ? Number(nm) : Number.NaN));
  if (bands.some(Number.isNaN)) throw new InvalidArgumentError("must be wavelengths in nanometres, as 850 or 850,940.");
  const fault = bandsFault(bands);
  if (fault !== undefined) throw new InvalidArgumentError(`${fault}.`);
  return bands;
}
