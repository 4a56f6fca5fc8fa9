// What policies ask of liveness, compared (docs/liveness.md, section 8): floors under one calibration form a lattice, in which any two have
// a join, the loosest that is as strict as both. Under two calibrations numbers mean different things and are never compared.
import { TermName } from "../liveness/tables.ts";
import type { Liveness } from "./document.ts";

export type Comparison = "same" | "stricter" | "looser" | "incomparable";

/** Whether both are about the same tables. */
export function sameCalibration(a: Liveness, b: Liveness): boolean {
  return Buffer.from(a.calibration).equals(b.calibration);
}

/**
 * Every limit as a number of which more is stricter, by its path: floors, raw limits, required terms, time. What is absent is looser than
 * any number.
 */
export function livenessLimits({ classes, terms, least_ms }: Liveness): [path: string, strictness: number][] {
  const ofTerms = Object.entries(terms).flatMap(([term, { least, most }]): [string, number][] => [
    [`terms.${term}`, 1],
    ...(least === undefined ? [] : [[`terms.${term}.least`, least] as [string, number]]),
    ...(most === undefined ? [] : [[`terms.${term}.most`, -most] as [string, number]]),
  ]);
  const floors = Object.entries(classes).map(([name, floor]): [string, number] => [`classes.${name}`, floor]);
  return [...floors, ...ofTerms, ["least_ms", least_ms]];
}

/** Whether `b` is stricter than `a`: it accepts nothing that `a` does not, under any evidence. */
export function compareLiveness(a: Liveness, b: Liveness): Comparison {
  if (!sameCalibration(a, b)) return "incomparable";
  const [one, two] = [new Map(livenessLimits(a)), new Map(livenessLimits(b))];
  const covers = (strict: Map<string, number>, loose: Map<string, number>) =>
    [...loose].every(([path, value]) => (strict.get(path) ?? Number.NEGATIVE_INFINITY) >= value);
  const [up, down] = [covers(two, one), covers(one, two)];
  if (up && down) return "same";
  return up ? "stricter" : down ? "looser" : "incomparable";
}

/**
 * The loosest that is as strict as both: the union of classes, the higher floor of each, all required terms, the narrower limits, the longer
 * time. Undefined under two calibrations: then both have to be judged, and both to accept. Raw limits may exclude one another: such a join
 * accepts nobody.
 */
export function joinLiveness(a: Liveness, b: Liveness): Liveness | undefined {
  if (!sameCalibration(a, b)) return undefined;
  const names = [...new Set([...Object.keys(a.classes), ...Object.keys(b.classes)])];
  const floor = (name: string) =>
    Math.max(a.classes[name] ?? Number.NEGATIVE_INFINITY, b.classes[name] ?? Number.NEGATIVE_INFINITY);
  const terms = TermName.options
    .filter((term) => a.terms[term] ?? b.terms[term])
    .map((term) => {
      const [one = {}, two = {}] = [a.terms[term], b.terms[term]];
      const least = Math.max(one.least ?? Number.NEGATIVE_INFINITY, two.least ?? Number.NEGATIVE_INFINITY);
      const most = Math.min(one.most ?? Number.POSITIVE_INFINITY, two.most ?? Number.POSITIVE_INFINITY);
      return [term, { ...(Number.isFinite(least) ? { least } : {}), ...(Number.isFinite(most) ? { most } : {}) }];
    });
  return {
    calibration: a.calibration,
    classes: Object.fromEntries(names.map((name) => [name, floor(name)])),
    terms: Object.fromEntries(terms),
    least_ms: Math.max(a.least_ms, b.least_ms),
  };
}

/** The floor, millibits, that keeps the APCER of a session of `tries` tries at or below `limit` (0 to 1), under an honest calibration; rounded up. */
export function floorOf(limit: number, tries = 1): number {
  return Math.ceil(1000 * Math.log2(tries / limit));
}

/** Least error-free attack presentations of a class from which `limit` may be claimed with 95 % confidence (rule of 3). */
export function trialsFor(limit: number): number {
  return Math.ceil(3 / limit - 1e-9);
}
