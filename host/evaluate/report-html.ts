// The report for people: one self-contained HTML file without scripts, so that it can be archived and sent.
import { debugName, type Evaluation } from "./evaluate.ts";
import { FMR_TARGETS } from "./metrics.ts";
import { reasonWord } from "./modality.ts";
import { type Notable, notable } from "./notable.ts";
import type { Summary } from "./summary.ts";
import { escapeXml, percent } from "./svg.ts";

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;color:#222;max-width:960px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;margin:.5rem 0}
th,td{text-align:left;padding:.2rem .8rem .2rem 0;border-bottom:1px solid #e5e5e5;vertical-align:top}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
code{font-size:.85em;overflow-wrap:anywhere}svg{max-width:100%;height:auto}.note{color:#666;font-size:.9em}`;

export interface ReportInput {
  readonly evaluation: Evaluation;
  readonly summary: Summary;
  readonly command: string;
  readonly det: string;
  readonly histogram: string;
  /** Folder of the debug pictures, relative to the report, where there are any. */
  readonly debug?: string | undefined;
}

/** The report as HTML. */
export function reportHtml({ evaluation, summary: s, command, det, histogram, debug }: ReportInput): string {
  const failures = evaluation.extractions.filter(({ reason }) => reason !== 0);
  const facts: [string, string][] = [
    ["Image (SHA-256)", `<code>${s.image_digest}</code>`],
    ["Engine", s.engine],
    ["Command", `<code>${escapeXml(command)}</code>`],
    ["Made", new Date().toISOString()],
    ["Samples", `${count(s.samples)}, of which ${s.failures_to_extract} without a template`],
    [
      "Comparisons",
      `${count(s.genuine)} genuine, ${count(s.impostor)} impostor${s.impostor < s.impostor_available ? ` (sampled from ${count(s.impostor_available)})` : ""}`,
    ],
    ...(s.identities_not_enrolled > 0
      ? [["Identities with too few samples for a reference", count(s.identities_not_enrolled)] as [string, string]]
      : []),
    ["Equal error rate", percent(s.eer)],
    ["d′", s.dprime === null ? "not defined" : s.dprime.toFixed(3)],
    ["Template", `${s.template_bytes} bytes, ${s.ms_per_template.toFixed(1)} ms (median, one thread)`],
    ["Comparisons per second", `${count(s.comparisons_per_second)} (${s.threads} threads)`],
    [
      "Quality gate",
      `overall quality below ${s.quality.limit} refuses ${percent(s.quality.refused_share)} of the samples, and catches ${percent(s.quality.worst_genuine_caught)} of the worst 2 % of the genuine comparisons`,
    ],
  ];
  const held = FMR_TARGETS.map((power) => {
    const point = evaluation.accuracy.at[`1e-${power}`];
    const cells =
      point === null
        ? `<td colspan="4">too few impostor comparisons (${count(10 ** power)} needed)</td>`
        : [percent(point.fnmr), percent(point.fnmrUpper), percent(point.fmrUpper), count(point.threshold)]
            .map((cell) => `<td class="n">${cell}</td>`)
            .join("");
    return `<tr><td>10<sup>−${power}</sup></td>${cells}</tr>`;
  });
  const named = (i: number): string => {
    const { path, line } = evaluation.dataSet.samples[i]!;
    const text = `${escapeXml(path)} (line ${line})`;
    return debug === undefined
      ? text
      : `<a href="${escapeXml(encodeURI(`${debug}/${debugName(i, path)}`))}">${text}</a>`;
  };
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Kanmon evaluation: ${s.modality}</title><style>${STYLE}</style></head><body>
<h1>Kanmon evaluation: ${s.modality}</h1>
<table>${facts.map(([name, value]) => `<tr><th>${name}</th><td>${value}</td></tr>`).join("")}</table>
<h2>False non-match rate at a false match rate</h2>
<table><tr><th>FMR at most</th><th class="n">FNMR</th><th class="n">FNMR below (95 %)</th><th class="n">FMR below (95 %)</th><th class="n">threshold</th></tr>${held.join("")}</table>
<p class="note">Terms of ISO/IEC 19795-1. A sample without a template is a non-match in every figure, as probe and as reference; where a
reference joins several samples, the best of their scores counts. The equal error rate is read by linear interpolation between
neighbouring operating points; the FNMR is that of the lowest threshold whose FMR is at most the one stated. Bounds are one-sided, 95 %,
exact binomial (Clopper–Pearson); with no false match in ${count(s.impostor)} comparisons an FMR below ${(s.fmr_confidence.rule_of_3).toExponential(1)} could be
claimed (rule of 3). They take comparisons as independent; those that share a person are not, so the true uncertainty is larger.
d′ is over the comparisons that have a score.</p>
<h2>Detection error trade-off</h2>${det}
<h2>Scores</h2>${histogram}
<h2>Samples without a template</h2>
${
  failures.length === 0
    ? "<p>None.</p>"
    : table(
        ["sample", "reason"],
        failures.map(({ sample, reason }) => [named(sample), reasonWord(reason)]),
      )
}
<h2>Genuine comparisons with the lowest scores</h2>${pairTable(notable(evaluation, true, 25), named)}
<h2>Impostor comparisons with the highest scores</h2>${pairTable(notable(evaluation, false, 25), named)}
</body></html>
`;
}

function pairTable(pairs: Notable[], named: (sample: number) => string): string {
  const rows = pairs.map(({ probe, reference, score }) => [
    count(score),
    named(probe),
    reference.map(named).join(", "),
  ]);
  return table(["score", "probe", "reference"], rows);
}

/** Cells are HTML. */
function table(titles: string[], rows: string[][]): string {
  const cells = (tag: string, row: string[]) => `<tr>${row.map((cell) => `<${tag}>${cell}</${tag}>`).join("")}</tr>`;
  return `<table>${cells("th", titles)}${rows.map((row) => cells("td", row)).join("")}</table>`;
}

const count = (value: number): string => value.toLocaleString("en");
