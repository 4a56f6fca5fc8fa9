// Policies for people: a policy as lines of text, and what changes from one to another, with whether the change is stricter.
import type { Liveness, Policy } from "./document.ts";
import { livenessLimits, sameCalibration } from "./liveness.ts";
import type { SignedPolicy } from "./sign.ts";

/** One limit that differs between two policies. */
export interface Change {
  /** Path of the field, for example `modalities.iris.threshold`. */
  path: string;
  /** Undefined where the policy does not have the field. */
  before: Value | undefined;
  after: Value | undefined;
  /** Whether fewer presentations pass, or less is kept, under the second policy; neutral where that cannot be said. */
  effect: "stricter" | "looser" | "neutral";
}
export type Value = string | number | boolean;

/** Sign of a stricter change: +1 where a higher value is stricter. Quality minima are all +1. */
const STRICTER: { [field: string]: 1 | -1 } = {
  threshold: 1,
  identify_threshold: 1,
  delay_ms: 1,
  delay_max_ms: 1,
  tries: -1,
  retention_days: -1,
  rotation_days: -1,
};

/** A policy's fields by path, in the document's order; the key in hexadecimal, the issue time as a date. */
export function policyFields(policy: Policy): Map<string, Value> {
  const fields = new Map<string, Value>();
  const walk = (value: unknown, path: string) => {
    if (value instanceof Uint8Array) fields.set(path, Buffer.from(value).toString("hex"));
    else if (path === "issued") fields.set(path, new Date((value as number) * 1000).toISOString());
    else if (/\.terms\.[a-z]+$/.test(path) && Object.keys(value as object).length === 0) fields.set(path, "required");
    else if (typeof value === "object" && value !== null)
      for (const [key, inner] of Object.entries(value)) walk(inner, path ? `${path}.${key}` : key);
    else if (value !== undefined) fields.set(path, value as Value);
  };
  walk(policy, "");
  return fields;
}

/** A signed policy as lines of text. */
export function renderPolicy({ policy, digest }: SignedPolicy): string {
  const fields = policyFields(policy);
  const width = Math.max(...[...fields.keys()].map((path) => path.length));
  const lines = [...fields].map(([path, value]) => `${path.padEnd(width)}  ${value}`);
  const mark = policy.development ? ["For development only: its values are provisional and certify nothing."] : [];
  return [`policy ${Buffer.from(digest).toString("hex")}`, ...mark, ...lines].join("\n");
}

/** What changes from one policy to another, in the order of the fields. */
export function diffPolicies(before: Policy, after: Policy): Change[] {
  const [one, two] = [policyFields(before), policyFields(after)];
  const paths = [...new Set([...one.keys(), ...two.keys()])].filter((path) => one.get(path) !== two.get(path));
  return paths.map((path) => ({
    path,
    before: one.get(path),
    after: two.get(path),
    effect: effect(path, one.get(path), two.get(path), before, after),
  }));
}

/** Floors of one calibration can be compared; those of two cannot, and are neutral. */
function livenessEffect(path: string, before: Policy, after: Policy): Change["effect"] {
  const modality = path.split(".")[1] as keyof Policy["modalities"];
  const [one, two] = [before, after].map((policy) => policy.modalities[modality]?.liveness);
  if (!one || !two) return two ? "stricter" : "looser";
  if (!sameCalibration(one, two)) return "neutral";
  const of = (liveness: Liveness) => new Map(livenessLimits(liveness)).get(path.split(".").slice(3).join("."));
  const [a = Number.NEGATIVE_INFINITY, b = Number.NEGATIVE_INFINITY] = [of(one), of(two)];
  return b > a ? "stricter" : b < a ? "looser" : "neutral";
}

function effect(
  path: string,
  one: Value | undefined,
  two: Value | undefined,
  before: Policy,
  after: Policy,
): Change["effect"] {
  const [, modality, limit] = path.split(".");
  if (modality) {
    // A modality that is no longer permitted is stricter whatever its limits were.
    const [had, has] = [before, after].map((policy) => modality in policy.modalities);
    if (had !== has) return had ? "stricter" : "looser";
  }
  // A permission that is absent is not given.
  if (limit === "on_module") return !one === !two ? "neutral" : two ? "looser" : "stricter";
  if (limit === "liveness") return livenessEffect(path, before, after);
  const sign = limit === "quality" ? 1 : STRICTER[path.split(".").at(-1) as string];
  if (!sign) return "neutral";
  // A minimum or floor that is absent is the loosest there is.
  const [a, b] = [one, two].map((value) => (typeof value === "number" ? value * sign : Number.NEGATIVE_INFINITY)) as [
    number,
    number,
  ];
  return b > a ? "stricter" : "looser";
}
