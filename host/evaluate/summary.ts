// The document that `kanmon evaluate --json` prints: names, units and order are a contract (docs/evaluation.md).
import type { Accepted, Evaluation } from "./evaluate.ts";
import { type Accuracy, FMR_TARGETS, type FmrTarget, type HeldPoint } from "./metrics.ts";
import { type ModalityName, reasonWord } from "./modality.ts";
import { percent } from "./svg.ts";

/** Rates are fractions 0..1; scores and thresholds 0..1,000,000. */
export interface Summary {
  /** SHA-256 of the evaluated image, hexadecimal. */
  image_digest: string;
  engine: "v8";
  modality: ModalityName;
  /** Samples in the manifest. */
  samples: number;
  /** Samples without a template: non-matches in every figure. */
  failures_to_extract: number;
  /** How many of these for which reason. */
  failure_reasons: Record<string, number>;
  /** Comparisons made. */
  genuine: number;
  impostor: number;
  /** Equal error rate. */
  eer: number;
  /** FNMR at the lowest threshold whose FMR is at most the key; null: fewer than 1 / key impostor comparisons. */
  fnmr_at_fmr: Record<FmrTarget, number | null>;
  /** The score from which on two samples match, at each of these. */
  threshold_at_fmr: Record<FmrTarget, number | null>;
  /** One-sided 95 % upper bounds of the FNMR (Clopper-Pearson). */
  fnmr_confidence: Record<FmrTarget, number | null>;
  /** The least FMR that so many impostor comparisons can support (rule of 3), and the FMR's own upper bounds (Clopper-Pearson). */
  fmr_confidence: { rule_of_3: number } & Record<FmrTarget, number | null>;
  dprime: number | null;
  /** The overall-quality limit that refuses at most 1 % of the samples, and its share of the worst 2 % of genuine comparisons. */
  quality: { limit: number; refused_share: number; worst_genuine_caught: number };
  /** With --min-quality: the same of the samples of at least that overall quality alone. */
  accepted?: {
    min_quality: number;
    samples: number;
    share: number;
    genuine: number;
    impostor: number;
    eer: number;
    fnmr_at_fmr: Record<FmrTarget, number | null>;
    fnmr_confidence: Record<FmrTarget, number | null>;
  };
  template_bytes: number;
  /** Median time of one extraction in the image, one thread. */
  ms_per_template: number;
  /** Of all threads together. */
  comparisons_per_second: number;
  threads: number;
  /** Impostor pairs there were before --max-impostors. */
  impostor_available: number;
  /** Identities with too few samples for a reference (with --enroll). */
  identities_not_enrolled: number;
}

/** The summary of an evaluation by the image of `digest`. */
export function summarize(evaluation: Evaluation, digest: string, modality: ModalityName): Summary {
  const { accuracy, pairs, gate, extractions } = evaluation;
  const failed = extractions.filter(({ reason }) => reason !== 0);
  const reasons: Record<string, number> = {};
  for (const { reason } of failed) {
    const word = reasonWord(reason);
    reasons[word] = (reasons[word] ?? 0) + 1;
  }
  return {
    image_digest: digest,
    engine: "v8",
    modality,
    samples: extractions.length,
    failures_to_extract: failed.length,
    failure_reasons: reasons,
    genuine: pairs.genuine,
    impostor: pairs.impostor,
    eer: accuracy.eer,
    fnmr_at_fmr: each(accuracy, (point) => point.fnmr),
    threshold_at_fmr: each(accuracy, (point) => point.threshold),
    fnmr_confidence: each(accuracy, (point) => point.fnmrUpper),
    fmr_confidence: { rule_of_3: Math.min(1, 3 / pairs.impostor), ...each(accuracy, (point) => point.fmrUpper) },
    dprime: accuracy.dprime,
    quality: { limit: gate.limit, refused_share: gate.refusedShare, worst_genuine_caught: gate.worstGenuineCaught },
    ...(evaluation.accepted === undefined ? {} : { accepted: acceptedOf(evaluation.accepted, extractions.length) }),
    template_bytes: evaluation.templateBytes,
    ms_per_template: evaluation.msPerTemplate,
    comparisons_per_second: Math.round(evaluation.comparisonsPerSecond),
    threads: evaluation.threads,
    impostor_available: pairs.impostorAll,
    identities_not_enrolled: pairs.unenrolled,
  };
}

function acceptedOf({ accuracy, ...kept }: Accepted, all: number): NonNullable<Summary["accepted"]> {
  return {
    min_quality: kept.minQuality,
    samples: kept.samples,
    share: kept.samples / all,
    genuine: kept.genuine,
    impostor: kept.impostor,
    eer: accuracy.eer,
    fnmr_at_fmr: each(accuracy, (point) => point.fnmr),
    fnmr_confidence: each(accuracy, (point) => point.fnmrUpper),
  };
}

function each(accuracy: Accuracy, figure: (point: HeldPoint) => number): Record<FmrTarget, number | null> {
  const entries = FMR_TARGETS.map((power) => {
    const point = accuracy.at[`1e-${power}`];
    return [`1e-${power}`, point === null ? null : figure(point)];
  });
  return Object.fromEntries(entries) as Record<FmrTarget, number | null>;
}

/** What --min-quality asked for, in words. */
function acceptedRows({ accepted }: Summary, rate: (value: number | null) => string): [string, string][] {
  if (accepted === undefined) return [];
  const rates = FMR_TARGETS.slice(0, 2).map(
    (power) => `FNMR @ FMR 1e-${power} ${rate(accepted.fnmr_at_fmr[`1e-${power}`])}`,
  );
  return [
    [
      `quality >= ${accepted.min_quality}`,
      `${accepted.samples} samples (${rate(accepted.share)}): EER ${rate(accepted.eer)}, ${rates.join(", ")} (${accepted.genuine} genuine, ${accepted.impostor} impostor)`,
    ],
  ];
}

/** The summary for people. */
export function summaryText(s: Summary, out: string): string {
  const rate = (value: number | null) => (value === null ? "too few impostors" : percent(value));
  const reasons = Object.entries(s.failure_reasons).map(([reason, count]) => `${count} ${reason.replaceAll("_", " ")}`);
  const rows: [string, string][] = [
    ["image", `sha256 ${s.image_digest} (${s.engine})`],
    [
      "samples",
      `${s.samples}, of which ${s.failures_to_extract} without a template${reasons.length > 0 ? `: ${reasons.join(", ")}` : ""}`,
    ],
    ["comparisons", `${s.genuine} genuine, ${s.impostor} impostor`],
    ["EER", rate(s.eer)],
    ...FMR_TARGETS.map((power): [string, string] => {
      const key = `1e-${power}` as const;
      const upper = s.fnmr_confidence[key];
      return [
        `FNMR @ FMR ${key}`,
        `${rate(s.fnmr_at_fmr[key])}${upper === null ? "" : ` (below ${rate(upper)} with 95 % confidence)`}`,
      ];
    }),
    ["d'", s.dprime === null ? "not defined" : s.dprime.toFixed(2)],
    [
      "quality gate",
      `below ${s.quality.limit}: refuses ${rate(s.quality.refused_share)}, and catches ${rate(s.quality.worst_genuine_caught)} of the worst 2 % genuine comparisons`,
    ],
    ...acceptedRows(s, rate),
    ["template", `${s.template_bytes} bytes, ${s.ms_per_template.toFixed(1)} ms (median)`],
    ["speed", `${s.comparisons_per_second.toLocaleString("en")} comparisons/s on ${s.threads} threads`],
    ["report", out],
  ];
  return rows.map(([name, value]) => `${name.padEnd(16)}${value}`).join("\n");
}
