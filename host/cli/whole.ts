// A whole number on the command line.
import { InvalidArgumentError } from "commander";

/** Parses a whole number of at least `least`, for commander's options and arguments. */
export function whole(least: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least)) throw new InvalidArgumentError(`must be a whole number of at least ${least}.`);
    return value;
  };
}
